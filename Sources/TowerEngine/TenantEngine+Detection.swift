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
    /// Which of several inside the managed object: `branch:B1`; empty where the object says it all.
    var instance: String
}

extension Tristate {
    /// Whether the answer is yes, for no longer than that, or was until lately.
    fileprivate func stands(at: Timestamp, settle: Double, longest: Double) -> Bool {
        switch state {
        case 1: at.seconds(since: since) < longest
        case 0: at.seconds(since: contraryAt) < settle
        default: false
        }
    }
}

/// Who says whether the values of a series are as they should be.
enum Judge {
    /// Its own baseline.
    case own
    /// The full detector, while there is room for one.
    case novelty
    /// The group of sensors it belongs to.
    case group
}

// Detectors look at every number of every reading. What they find becomes an alarm of source `detected`; causes never
// rest on it.
extension TenantEngine {
    mutating func detect(
        _ batch: EventBatch, _ event: Int, role: EventRole, _ keys: EventTypeTable.Keys, site: Int32,
        into output: inout EngineOutput
    ) {
        let at = batch.timestamps[event]
        let instance = keys.instanceHash(batch, event)
        let group = role == .sample ? takeWander(batch, event, keys, site: site, instance: instance, into: &output) : false
        let isDisturbed = isDisturbed(site, at: at)
        var findings: [Finding] = []
        if role == .metric {
            guard let value = batch.number(keys.value, of: event), let field = batch.field(keys.metric, of: event) else { return }
            let key = SeriesKey(site: site, type: -2, key: -2, instance: EventTypeTable.hash(batch, field) ^ instance)
            let point = point(key, batch, event, judge: .novelty, keys) { batch.text(field) }
            observe(point, batch, event, value: value, at: at, isDisturbed: isDisturbed, into: &findings)
        } else {
            let type = batch.types[event].rawValue
            var cursor = layouts.cursor(site: site, type: type, instance: instance)
            for index in batch.fieldRange(event) where batch.fields[index].kind == .number {
                let field = batch.fields[index]
                if keys.isName(field.key) { continue }
                let point: Int32
                if let known = layouts.next(&cursor, key: field.key.rawValue) {
                    point = known
                } else {
                    let key = SeriesKey(site: site, type: type, key: field.key.rawValue, instance: instance)
                    point = self.point(key, batch, event, judge: group ? .group : .own, keys) {
                        Self.metricName(type: batch.symbols.name(batch.types[event]), key: batch.symbols.name(field.key))
                    }
                    layouts.learn(&cursor, key: field.key.rawValue, point: point)
                }
                observe(point, batch, event, value: field.number, at: at, isDisturbed: isDisturbed, into: &findings)
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
        _ point: Int32, _ batch: EventBatch, _ event: Int, value: Double, at: Timestamp, isDisturbed: Bool, into findings: inout [Finding]
    ) {
        guard point >= 0 else { return }
        lastEvents[Int(point)] = batch.ids[event]
        detectors.observe(point, at: at, value: value, isDisturbed: isDisturbed, into: &findings)
    }

    /// The point of a series, which is given one when it is new; below zero beyond the bound.
    private mutating func point(
        _ key: SeriesKey, _ batch: EventBatch, _ event: Int, judge: Judge, _ keys: EventTypeTable.Keys, metric: () -> String
    ) -> Int32 {
        if let known = pointOfSeries.point(key) { return known }
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
        let instance = keys.instance(batch, event, beside: object)
        let identity = Self.identity(topology.name(key.site), object, instance, name)
        let point: Int32
        if let known = pointOfName[identity] {
            point = known
        } else {
            point = detectors.point(metric: name, managedObject: instance.isEmpty ? object : "\(object) \(instance)")
            pointOfName[identity] = point
            if point >= 0 {
                series.append(Series(site: key.site, managedObject: object, instance: instance))
                lastEvents.append(batch.ids[event])
                // Zones are an hour wide where no better is known: a name of a zone says nothing without its rules.
                let longitude = topology.sites[Int(key.site)]?.longitude ?? 0
                detectors.setClock(point, aheadBy: Int32((max(-180, min(180, longitude)) / 15).rounded()) * 3600)
            }
            if judge == .novelty { detectors.expectAnything(point) }
            if judge == .novelty || configuration.detection.novelty.chosenMetrics.contains(name) { detectors.choose(point) }
        }
        if judge == .group { detectors.leaveToGroup(point) }
        pointOfSeries.add(key, point)
        return point
    }

    /// Something that is known stands over the site, or has hardly left: without its grid, or with a generator that was started, its
    /// numbers are those of another machine. A generator that runs for days is how the site lives.
    ///
    /// Mutating, though it changes nothing: see `nextDeadline`.
    private mutating func isDisturbed(_ site: Int32, at: Timestamp) -> Bool {
        // A bank that is not full again still shows what was.
        let isRecharging = senses[Int(site)].charge < 99.5
        let settle = configuration.disturbanceSettle * (isRecharging ? 4 : 1)
        return senses[Int(site)].grid.stands(at: at, settle: settle, longest: .infinity)
            || senses[Int(site)].generator.stands(at: at, settle: settle, longest: configuration.generatorUsualAfter)
            || senses[Int(site)].grid.state >= 0
                && senses[Int(site)].discharging.stands(at: at, settle: settle, longest: .infinity)
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
        let lastEvent = lastEvents[Int(finding.point)]
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
                siteID: siteID, managedObject: place.managedObject, alarmType: finding.alarmType,
                qualifier: place.instance.isEmpty ? "detected" : "detected \(place.instance)",
                probableCause: AlarmKnowledge.byType[finding.alarmType]?.probableCause,
                severity: finding.severity == .cleared ? .warning : finding.severity, state: finding.state, at: finding.at,
                eventID: .derived(from: lastEvent, "\(finding.alarmType)|\(finding.state.rawValue)|\(finding.at)"),
                source: .detected,
                text: finding.text),
            now: now, into: &output.alarms)
        note(finding, of: place, lastEvent, siteID: siteID, into: &output)
    }
}
