import TowerCausality
import TowerDetection
import TowerModel

// What detectors say of values, as alerts; and the groups of sensors that are judged together.
extension TenantEngine {
    /// Keeps a finding about values as an alert. Silence, limits and flat lines are conditions, not values that are odd.
    func note(_ finding: Finding, of place: Series, _ lastEvent: EventID, siteID: SiteID, into output: inout EngineOutput) {
        let kind: Anomaly.Kind
        switch finding.kind {
        case .novelty where finding.state != .cleared: kind = .novelty
        case .baseline, .step, .levelShift, .trend, .variance, .peers:
            guard finding.state == .raised else { return }
            kind = .baseline
        default: return
        }
        output.anomalies.append(
            Anomaly(
                alertID: .derived(from: lastEvent, "alert|\(finding.alarmType)"), tenantID: tenantID, siteID: siteID,
                managedObject: place.managedObject, metric: detectors.metric(of: finding.point) ?? "", kind: kind, at: finding.at,
                endAt: nil, eventID: lastEvent, score: finding.score, text: finding.text))
    }

    /// Takes the numbers of one sample as one row of its group.
    ///
    /// - Returns: whether a group judges them. There is one from the first sample on that is declared fault-free (`phase`:
    ///   `baseline`).
    mutating func takeWander(
        _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys, site: Int32, instance: UInt64,
        into output: inout EngineOutput
    ) -> Bool {
        let isFaultFree = batch.field(keys.phase, of: event).map { isBaseline(batch, $0) } ?? false
        let key = WanderGroups.Key(site: site, instance: instance)
        let number: Int
        if let known = wanders.numberOfKey[key] {
            number = known
        } else {
            guard isFaultFree, let added = addGroup(batch, event, key) else { return false }
            number = added
        }
        let at = batch.timestamps[event]
        guard at >= wanders.groups[number].lastAt else { return true }
        wanders.groups[number].lastAt = at
        let row = row(of: number, batch, event, keys)
        tell(wanders.groups[number].detector.observe(row, isFaultFree: isFaultFree), of: number, at: at, batch.ids[event], &output)
        return true
    }

    private func isBaseline(_ batch: EventBatch, _ field: EventBatch.Field) -> Bool {
        field.kind == .string && batch.bytes[Int(field.start)..<Int(field.end)].elementsEqual("baseline".utf8)
    }

    private mutating func addGroup(_ batch: EventBatch, _ event: Int, _ key: WanderGroups.Key) -> Int? {
        guard wanders.groups.count < configuration.maximumWanderGroups else {
            wanders.refused += 1
            return nil
        }
        let type = batch.symbols.name(batch.types[event])
        let object = ManagedObject.derive(eventType: type, site: topology.name(key.site)) { name in
            let symbol = batch.symbols.withInterner { $0.lookup(name) }
            guard let found = batch.field(symbol, of: event), found.kind == .string || found.kind == .number else { return nil }
            return batch.text(found)
        }
        return wanders.add(
            .init(
                detector: WanderDetector(configuration: configuration.wander), managedObject: object,
                alarmType: "telemetry.wander"), key)
    }

    /// The values of a sample in the order of the group's sensors; `nan` for those it does not have.
    private mutating func row(of number: Int, _ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys) -> [Double] {
        if wanders.groups[number].symbols.count != wanders.groups[number].sensors.count {
            wanders.groups[number].symbols = wanders.groups[number].sensors.map { batch.symbols.intern($0).rawValue }
        }
        var row = [Double](repeating: .nan, count: wanders.groups[number].sensors.count)
        var expected = 0
        for index in batch.fieldRange(event) where batch.fields[index].kind == .number {
            let field = batch.fields[index]
            if keys.isName(field.key) { continue }
            // Samples of one group name their sensors in one order, mostly.
            let symbols = wanders.groups[number].symbols
            let sensor: Int
            if expected < symbols.count, symbols[expected] == field.key.rawValue {
                sensor = expected
            } else if let known = symbols.firstIndex(of: field.key.rawValue) {
                sensor = known
            } else if let added = wanders.groups[number].detector.addSensor() {
                wanders.groups[number].sensors.append(batch.symbols.name(field.key))
                wanders.groups[number].symbols.append(field.key.rawValue)
                row.append(.nan)
                sensor = added
            } else {
                continue
            }
            row[sensor] = field.number
            expected = sensor + 1
        }
        return row
    }

    private mutating func tell(
        _ judgement: WanderDetector.Judgement, of number: Int, at: Timestamp, _ id: EventID, _ output: inout EngineOutput
    ) {
        switch judgement {
        case .none, .quiet: return
        case .raised(let sensor, let distance):
            let isTold = signalWander(number, .raised, at: at, id, sensor: sensor, &output)
            wanders.groups[number].stretch = .init(
                at: at, endAt: at, eventID: id, distance: distance, sensor: wanders.groups[number].sensors[sensor], isTold: isTold)
        case .anomalous(let sensor, let distance):
            wanders.groups[number].stretch?.endAt = at
            if distance > wanders.groups[number].stretch?.distance ?? .infinity {
                let name = wanders.groups[number].sensors[sensor]
                wanders.groups[number].stretch?.distance = distance
                wanders.groups[number].stretch?.sensor = name
            }
        case .cleared:
            if wanders.groups[number].stretch?.isTold == true {
                _ = signalWander(number, .cleared, at: at, id, sensor: nil, &output)
            }
            noteStretch(number, &output)
        }
    }

    /// Says it as an alarm; `false` where a fault at the site explains what is strange.
    private mutating func signalWander(
        _ number: Int, _ state: Alarm.State, at: Timestamp, _ id: EventID, sensor: Int?, _ output: inout EngineOutput
    ) -> Bool {
        let site = wanders.keys[number].site
        if state == .raised, powerCase[site] != nil || reachCase[site] != nil { return false }
        let group = wanders.groups[number]
        let name = sensor.map { Self.metricName(type: "telemetry.sample", key: group.sensors[$0]) }
        _ = book.take(
            AlarmSignal(
                siteID: SiteID(topology.name(site)), managedObject: group.managedObject, alarmType: group.alarmType,
                qualifier: "detected", severity: .warning, state: state, at: at,
                eventID: .derived(from: id, "\(group.alarmType)|\(state.rawValue)|\(at)"), source: .detected,
                text: name.map { "\($0) has strayed from its fault-free state farther than it does unaided" }
                    ?? "All sensors are near their fault-free state again"),
            now: now, into: &output.alarms)
        return true
    }

    /// The stretch is over: it is one alert.
    private mutating func noteStretch(_ number: Int, _ output: inout EngineOutput) {
        guard let stretch = wanders.groups[number].stretch else { return }
        wanders.groups[number].stretch = nil
        guard stretch.isTold else { return }
        let metric = Self.metricName(type: "telemetry.sample", key: stretch.sensor)
        output.anomalies.append(
            Anomaly(
                alertID: .derived(from: stretch.eventID, "alert|\(wanders.groups[number].alarmType)"), tenantID: tenantID,
                siteID: SiteID(topology.name(wanders.keys[number].site)), managedObject: wanders.groups[number].managedObject,
                metric: metric, kind: .wander, at: stretch.at, endAt: stretch.endAt, eventID: stretch.eventID,
                // Whatever the distribution, no more than 1 / d^2 of it lies beyond d deviations (Chebyshev).
                score: 1 - 1 / max(1, stretch.distance * stretch.distance),
                text: "\(metric) strayed up to \((stretch.distance * 10).rounded() / 10) times as far as it does unaided"))
    }

    /// The input is over: what is still going on is told as far as it went.
    mutating func finishAnomalies(into output: inout EngineOutput) {
        for number in wanders.groups.indices { noteStretch(number, &output) }
    }
}
