import TowerCausality
import TowerModel

// The ledgers of fuel: what they find becomes a fact, an entry, and the words that its incident quotes.
extension TenantEngine {
    /// The generator's own counters: what the fuel ledger books by.
    mutating func noteCounters(_ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, _ at: Timestamp) {
        guard at >= watches[Int(site)].generatorAt else { return }
        watches[Int(site)].generatorAt = at
        if let hours = batch.number(keys.runHours, of: event), hours >= 0 { watches[Int(site)].runHours = hours }
        if let energy = batch.number(keys.energy, of: event), energy >= 0 { watches[Int(site)].kilowattHours = energy }
    }

    mutating func watchFuel(
        _ litres: Double, celsius: Double?, _ site: Int32, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        let index = Int(site)
        let isRunning = senses[index].generator.state == 1
        let kilowatts = senses[index].generatorKilowatts
        var reading = FuelLedger.Reading(litres: litres, hours: Double(at.microseconds) / 3.6e9)
        reading.celsius = celsius ?? .nan
        reading.isRunning = isRunning
        reading.kilowatts = kilowatts
        reading.runHours = watches[index].runHours
        reading.kilowattHours = watches[index].kilowattHours
        reading.silence = min(24, max(0, at.seconds(since: watches[index].generatorAt)) / 3600)
        if let entry = watches[index].fuel.take(reading) { enter(entry, site, at, id, &output) }
        endOldLosses(site, at, id, &output)
        forecastFuel(site, at, id, &output)
        let push = isRunning ? 0.3 + 0.05 * (kilowatts.isNaN ? 0 : max(0, kilowatts)) : 0
        let stuck = watches[index].fuelSensor.take(litres, push: push, stuckAfter: 8, atLeast: 18, jump: 40)
        tell(stuck, .sensorFault, at: .site(site), object: "fuel", at, id, &output)
    }

    /// A delivery or its voucher.
    mutating func watchDelivery(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, _ site: Int32, into output: inout EngineOutput
    ) {
        guard let paid = batch.number(keys.volume, of: event), paid > 0 else { return }
        let at = batch.timestamps[event]
        let hours = Double(at.microseconds) / 3.6e9
        guard let measured = batch.number(keys.measured, of: event) else {
            if let entry = watches[Int(site)].fuel.pay(litres: paid, hours: hours) { enter(entry, site, at, batch.ids[event], &output) }
            return
        }
        let missing = FuelLedger.shortage(paidLitres: paid, measuredLitres: measured)
        watches[Int(site)].fuel.measured(paid: paid, measured: measured, hours: hours)
        guard missing > 0 else {
            endLoss(.fuelShortDelivery, site, at, batch.ids[event], &output)
            return
        }
        enter(.short(paid: paid, found: measured, at: hours, confidence: 0.99), site, at, batch.ids[event], &output)
    }

    /// Writes an entry of the ledger down.
    private mutating func enter(_ entry: FuelLedger.Entry, _ site: Int32, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput) {
        let place = Component.site(site)
        switch entry {
        case .siphonEnded: tell(.ends, .fuelSiphon, at: place, object: "fuel", at, id, &output)
        case .filled:
            // Whoever filled the tank has seen what is missing.
            for condition in [Condition.fuelTheft, .fuelShortDelivery] { endLoss(condition, site, at, id, &output) }
        case .theft(let litres, let from, let to, let confidence):
            watches[Int(site)].losses.theftLitres = litres
            watches[Int(site)].losses.theftFrom = from
            watches[Int(site)].losses.theftTo = to
            watches[Int(site)].losses.theftConfidence = confidence
            watches[Int(site)].losses.thefts += 1
            watches[Int(site)].losses.stolenLitres += litres
            tell(.begins, .fuelTheft, at: place, object: "fuel", LossBook.instant(to), id, value: litres, &output)
            lose(.theft, site, .fuelTheft, at, id, (from, to), litres, confidence, &output)
        case .siphon(let daily, let litres, let from, let confidence):
            watches[Int(site)].losses.siphonADay = daily
            watches[Int(site)].losses.siphonLitres = litres
            watches[Int(site)].losses.siphonFrom = from
            watches[Int(site)].losses.siphonConfidence = confidence
            tell(.begins, .fuelSiphon, at: place, object: "fuel", at, id, value: daily, &output)
            let now = Double(at.microseconds) / 3.6e9
            lose(.siphon, site, .fuelSiphon, at, id, (from, now), litres, confidence, &output)
        case .short(let paid, let found, let hours, let confidence):
            watches[Int(site)].losses.paidLitres = paid
            watches[Int(site)].losses.foundLitres = found
            watches[Int(site)].losses.shortAt = hours
            watches[Int(site)].losses.shortConfidence = confidence
            tell(.begins, .fuelShortDelivery, at: place, object: "fuel", at, id, value: 100 * (paid - found) / paid, &output)
            lose(.shortDelivery, site, .fuelShortDelivery, at, id, (hours, hours), paid - found, confidence, &output)
        }
    }

    /// A theft or a short delivery holds until the tank is filled, or for two days: after that it is the books', and the next one is
    /// another incident.
    private mutating func endOldLosses(_ site: Int32, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput) {
        let book = watches[Int(site)].losses
        let hours = Double(at.microseconds) / 3.6e9
        if hours - book.theftTo > Self.lossHours { endLoss(.fuelTheft, site, at, id, &output) }
        if hours - book.shortAt > Self.lossHours { endLoss(.fuelShortDelivery, site, at, id, &output) }
    }

    private static let lossHours = 48.0

    private mutating func endLoss(_ condition: Condition, _ site: Int32, _ at: Timestamp, _ id: EventID, _ output: inout EngineOutput) {
        // An alarm that says so is not the ledger's to end.
        guard facts.holds(.site(site), condition), facts.active(.site(site), condition)?.isMeasured == true else { return }
        tell(.ends, condition, at: .site(site), object: "fuel", at, id, &output)
    }

    /// - Parameter span: from and to, in hours since 1970.
    mutating func lose(
        _ kind: LedgerEntry.Kind, _ site: Int32, _ condition: Condition, _ at: Timestamp, _ id: EventID, _ span: (Double, Double),
        _ litres: Double, _ confidence: Double, _ output: inout EngineOutput
    ) {
        let book = watches[Int(site)].losses
        func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }
        output.losses.append(
            LedgerEntry(
                tenantID: tenantID, siteID: SiteID(topology.name(site)), kind: kind, at: at, from: LossBook.instant(span.0),
                to: LossBook.instant(span.1), litres: rounded(litres),
                litresADay: kind == .siphon ? rounded(book.siphonADay) : nil,
                paidLitres: kind == .shortDelivery ? rounded(book.paidLitres) : nil, confidence: (confidence * 1000).rounded() / 1000,
                text: book.words(condition) ?? "", eventID: id))
    }
}
