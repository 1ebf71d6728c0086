import TowerCausality
import TowerDetection
import TowerModel

extension TenantEngine {
    mutating func takeSite(_ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys) {
        let id = batch.symbols.name(batch.sites[event])
        var battery: Site.Battery?
        if let ampHours = batch.number(keys.batteryAh, of: event), ampHours > 0 {
            battery = Site.Battery(
                strings: Int(min(64, max(1, batch.number(keys.batteryStrings, of: event) ?? 1))), ampHours: ampHours,
                chemistry: batch.string(keys.batteryChemistry, of: event) ?? "vrla",
                installed: batch.string(keys.batteryInstalled, of: event))
        }
        var generator: Site.Generator?
        if let kva = batch.number(keys.dgKVA, of: event), kva > 0 {
            generator = Site.Generator(kva: kva, tankLitres: batch.number(keys.dgTank, of: event) ?? 0)
        }
        let site = Site(
            siteID: SiteID(id), tenantID: tenantID, name: batch.string(keys.name, of: event) ?? id,
            latitude: batch.number(keys.lat, of: event), longitude: batch.number(keys.lon, of: event),
            region: batch.string(keys.region, of: event), timezone: batch.string(keys.timezone, of: event),
            operators: strings(batch, keys.operators, event), gridClass: batch.string(keys.gridClass, of: event),
            feederID: batch.string(keys.feederID, of: event), isHub: batch.field(keys.isHub, of: event)?.number == 1,
            loadKilowatts: batch.number(keys.loadKW, of: event), battery: battery, generator: generator,
            solarKilowattsPeak: batch.number(keys.solar, of: event))
        guard let number = self.site(named: id) else { return }
        let since = since(batch, event, keys)
        let isRetired = batch.string(keys.status, of: event) == "decommissioned"
        let version = SiteVersion(site, at: since.at, id: batch.ids[event], isRemoved: isRetired, isExact: since.isExact)
        guard topology.take(version) else { return }
        networkChanged(at: [number])
        if !isRetired, let battery, topology.sites[Int(number)] == site {
            senses[Int(number)].autonomy = BatteryAutonomy(
                ratedAmpHours: battery.ampHours, strings: battery.strings, chemistry: battery.chemistry,
                loadKilowatts: site.loadKilowatts ?? 2)
        }
    }

    mutating func takeLink(_ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys) {
        guard let a = batch.string(keys.a, of: event), let b = batch.string(keys.b, of: event), !a.isEmpty, !b.isEmpty, a != b,
            topology.siteCount + 2 <= configuration.maximumSites
        else { return }
        let kind = batch.string(keys.kind, of: event).flatMap { TopologyLink.Kind(rawValue: $0) } ?? .adjacent
        let link = TopologyLink(
            tenantID: tenantID, a: a, b: b, kind: kind, parent: batch.string(keys.parent, of: event),
            frequencyGHz: batch.number(keys.frequency, of: event), lengthKilometres: batch.number(keys.length, of: event))
        let since = since(batch, event, keys)
        let isRemoved = batch.string(keys.state, of: event) == "removed"
        let version = LinkVersion(
            link, at: since.at, id: batch.ids[event], isRemoved: isRemoved, isOfAnyKind: isRemoved && batch.string(keys.kind, of: event) == nil,
            isExact: since.isExact)
        guard topology.take(version) else { return }
        growSenses()
        networkChanged(at: [a, b].compactMap { topology.find($0) })
    }

    /// Since when the inventory says that it is so: never later than the event itself.
    private func since(_ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys) -> (at: Timestamp, isExact: Bool) {
        let told = batch.timestamps[event]
        guard let text = batch.string(keys.validFrom, of: event), let at = Timestamp(text) else { return (told, false) }
        return (min(at, told), true)
    }

    /// What is being explained at those sites may have another explanation now.
    private mutating func networkChanged(at sites: [Int32]) {
        pastNetworks = []
        guard topology.history.lastChange > .distantPast else { return }
        for site in sites {
            for number in [powerCase[site], reachCase[site]] {
                if let number, let entry = cases[number], entry.stage != .resolved { scheduleJudgement(number) }
            }
        }
    }

    /// A JSON array of strings, from its literal. What is not a string is left out; at most 32.
    private func strings(_ batch: EventBatch, _ key: Symbol, _ event: Int) -> [String] {
        guard let field = batch.field(key, of: event), field.kind == .array else { return [] }
        var found: [String] = []
        var start: Int?
        var isEscaped = false
        var hasEscape = false
        let bytes = batch.bytes
        for index in Int(field.start)..<Int(field.end) where found.count < 32 {
            let byte = bytes[index]
            guard let begun = start else {
                if byte == 0x22 {
                    start = index + 1
                    hasEscape = false
                }
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if byte == 0x5C {
                isEscaped = true
                hasEscape = true
            } else if byte == 0x22 {
                let slice = bytes[begun..<index]
                found.append(hasEscape ? JSONText.unescape(slice) : String(decoding: slice, as: UTF8.self))
                start = nil
            }
        }
        return found
    }
}
