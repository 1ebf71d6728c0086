import TowerCausality
import TowerDetection
import TowerModel

/// One telemetry series inside one process: site, event type, payload key, and which of several instances.
struct SeriesKey: Hashable, Sendable {
    var site: Int32
    var type: Int32
    var key: Int32
    var instance: UInt64
}

/// What the detectors' series belong to.
struct Series: Sendable {
    var site: Int32
    var managedObject: String
    var lastEvent: EventID
}

// Detectors look at every number of every reading. What they find becomes an alarm of source `detected`; causes never
// rest on it.
extension TenantEngine {
    mutating func detect(
        _ batch: EventBatch, _ event: Int, role: EventRole, _ keys: EventTypeTable.Keys, site: Int32,
        into output: inout EngineOutput
    ) {
        let at = batch.timestamps[event]
        let instance = instanceHash(batch, event, keys)
        var findings: [Finding] = []
        if role == .metric {
            guard let value = batch.number(keys.value, of: event), let field = batch.field(keys.metric, of: event) else { return }
            let key = SeriesKey(site: site, type: -2, key: -2, instance: hash(batch, field) ^ instance)
            observe(key, batch, event, value: value, at: at, into: &findings) { batch.text(field) }
        } else {
            for index in batch.fieldRange(event) where batch.fields[index].kind == .number {
                let field = batch.fields[index]
                if field.key == keys.stringID || field.key == keys.cell || field.key == keys.unit || field.key == keys.sequence {
                    continue
                }
                let key = SeriesKey(site: site, type: batch.types[event].rawValue, key: field.key.rawValue, instance: instance)
                observe(key, batch, event, value: field.number, at: at, into: &findings) {
                    Self.metricName(type: batch.symbols.name(batch.types[event]), key: batch.symbols.name(field.key))
                }
            }
        }
        for finding in findings { take(finding, into: &output) }
        if !isDetectionTicking {
            isDetectionTicking = true
            timers.schedule(.detect, at: now.adding(seconds: 60))
        }
    }

    /// `power.dc.telemetry` and `bus_v` are `power.dc.bus_v`; the metrics of a sample name themselves.
    static func metricName(type: String, key: String) -> String {
        if type == "telemetry.sample" { return key.hasPrefix("metrics.") ? String(key.dropFirst(8)) : key }
        let family = type.hasSuffix(".telemetry") ? String(type.dropLast(10)) : type
        return "\(family).\(key)"
    }

    private mutating func observe(
        _ key: SeriesKey, _ batch: EventBatch, _ event: Int, value: Double, at: Timestamp, into findings: inout [Finding],
        metric: () -> String
    ) {
        let point: Int32
        if let known = pointOfSeries.point(key) {
            point = known
        } else {
            let name = metric()
            let object = ManagedObject.derive(eventType: batch.symbols.name(batch.types[event]), site: topology.name(key.site)) {
                field in
                let symbol = batch.symbols.withInterner { $0.lookup(field) }
                guard let found = batch.field(symbol, of: event), found.kind == .string || found.kind == .number else {
                    return nil
                }
                return batch.text(found)
            }
            // Another symbol table may write the same series with other numbers.
            let identity = Self.identity(topology.name(key.site), object, name)
            if let known = pointOfName[identity] {
                point = known
            } else {
                point = detectors.point(metric: name, managedObject: object)
                pointOfName[identity] = point
                if point >= 0 { series.append(Series(site: key.site, managedObject: object, lastEvent: batch.ids[event])) }
            }
            pointOfSeries.add(key, point)
        }
        guard point >= 0 else { return }
        series[Int(point)].lastEvent = batch.ids[event]
        detectors.observe(point, at: at, value: value, into: &findings)
    }

    /// Silence and holds fall due by the clock, every minute.
    mutating func tickDetection(into output: inout EngineOutput) {
        var findings: [Finding] = []
        detectors.advance(to: now, into: &findings)
        for finding in findings { take(finding, into: &output) }
        timers.schedule(.detect, at: now.adding(seconds: 60))
    }

    private mutating func take(_ finding: Finding, into output: inout EngineOutput) {
        let place = series[Int(finding.point)]
        // A silent controller takes all its series along: that is one fact, told elsewhere.
        if finding.kind == .missing, finding.state != .cleared {
            let sense = senses[Int(place.site)]
            if sense.isSilent || now.seconds(since: sense.lastHeard) > 0.5 * sense.patience { return }
        }
        let siteID = SiteID(topology.name(place.site))
        let isUp = book.isUp(siteID: siteID, managedObject: place.managedObject, alarmType: finding.alarmType, source: .detected)
        if finding.state != .raised, !isUp { return }
        // What a fault at the site makes strange is part of that fault, not an alarm of its own.
        if finding.state == .raised, finding.kind != .threshold, powerCase[place.site] != nil || reachCase[place.site] != nil {
            return
        }
        // The equipment's own word stands; the detector only speaks where it is silent.
        if finding.state == .raised,
            book.isUp(siteID: siteID, managedObject: place.managedObject, alarmType: finding.alarmType, source: .reported)
        {
            return
        }
        _ = book.take(
            AlarmSignal(
                siteID: siteID, managedObject: place.managedObject, alarmType: finding.alarmType, qualifier: "detected",
                probableCause: AlarmKnowledge.byType[finding.alarmType]?.probableCause,
                severity: finding.severity == .cleared ? .warning : finding.severity, state: finding.state, at: finding.at,
                eventID: .derived(from: place.lastEvent, "\(finding.alarmType)|\(finding.state.rawValue)|\(finding.at)"),
                source: .detected,
                text: finding.text),
            now: now, into: &output.alarms)
    }

    private func instanceHash(_ batch: EventBatch, _ event: Int, _ keys: EventTypeTable.Keys) -> UInt64 {
        for key in [keys.stringID, keys.cell, keys.peer, keys.unit, keys.deviceID, keys.managedObject] {
            if let field = batch.field(key, of: event) { return hash(batch, field) }
        }
        return 0
    }

    func hash(_ batch: EventBatch, _ field: EventBatch.Field) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in Int(field.start)..<Int(field.end) { hash = (hash ^ UInt64(batch.bytes[index])) &* 0x100_0000_01B3 }
        return hash
    }
}
