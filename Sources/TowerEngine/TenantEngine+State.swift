import TowerCausality
import TowerDetection
import TowerModel

extension TenantEngine {
    func encode(into writer: inout StateWriter) {
        for instant in [eventMax, arrivalAtMax, arrival, now] { writer.write(instant) }
        writer.write(optional: doubtful)
        writer.write(refusedSites)
        writer.write(isDetectionTicking)
        topology.encode(into: &writer)
        book.encode(into: &writer)
        facts.encode(into: &writer)
        for sense in senses { sense.encode(into: &writer, near: now) }
        for watch in watches { watch.encode(into: &writer) }
        let links = linkSenses.sorted { $0.key < $1.key }
        writer.write(count: links.count)
        for (end, sense) in links {
            writer.write(end)
            sense.encode(into: &writer, near: now)
        }
        typeNames.encode(into: &writer)
        bursts.encode(into: &writer)
        encodeCases(into: &writer)
        timers.encode(into: &writer, element: Self.encode)
        detectors.encode(into: &writer)
        encodeSeries(into: &writer)
        wanders.encode(into: &writer, near: now)
        causes.encode(into: &writer)
        proposals.encode(into: &writer)
    }

    init(decoding reader: inout StateReader, tenantID: TenantID, configuration: EngineConfiguration) throws(StateError) {
        self.init(tenantID: tenantID, configuration: configuration)
        eventMax = try reader.timestamp("tenant.event_max")
        arrivalAtMax = try reader.timestamp("tenant.arrival_at_max")
        arrival = try reader.timestamp("tenant.arrival")
        now = try reader.timestamp("tenant.now")
        doubtful = try reader.optionalTimestamp("tenant.doubtful")
        refusedSites = try reader.int("tenant.refused_sites")
        isDetectionTicking = try reader.flag("tenant.is_ticking")
        topology = try Topology(decoding: &reader)
        book = try AlarmBook(decoding: &reader, tenantID: tenantID, configuration: configuration.alarms)
        facts = try FactBook(decoding: &reader)
        for _ in 0..<topology.siteCount { senses.append(try SiteSense(decoding: &reader, near: now)) }
        for _ in 0..<topology.siteCount { watches.append(try SiteWatch(decoding: &reader)) }
        for _ in 0..<(try reader.count("tenant.link_senses", each: 20)) {
            let end = try reader.int32("tenant.link_senses")
            linkSenses[end] = try LinkSense(decoding: &reader, near: now)
        }
        typeNames = try NameTable(decoding: &reader)
        bursts = try BurstGrouper(decoding: &reader, configuration: configuration.bursts)
        try decodeCases(&reader)
        func timer(_ reader: inout StateReader) throws(StateError) -> Timer { try Self.timer(&reader) }
        timers = try DeadlineQueue(decoding: &reader, element: timer)
        detectors = try DetectorBank(decoding: &reader, configuration: configuration.detection)
        try decodeSeries(&reader)
        wanders = try WanderGroups(decoding: &reader, near: now, sites: topology.siteCount, configuration: configuration)
        causes = try ForeignCauses(decoding: &reader, configuration: configuration.learning, types: typeNames.count)
        proposals = try ProposalBook(decoding: &reader, tenantID: tenantID)
    }

    // MARK: Timers

    private static func encode(_ timer: Timer, _ writer: inout StateWriter) {
        func write(_ code: UInt8, _ number: Int32) {
            writer.write(byte: code)
            writer.write(number)
        }
        switch timer {
        case .judge(let number): write(0, number)
        case .silence(let site): write(1, site)
        case .sustained(let fact): write(2, fact)
        case .contradiction(let fact): write(3, fact)
        case .close(let number): write(4, number)
        case .forget(let number): write(5, number)
        case .judgeGroup(let number): write(6, number)
        case .detect: writer.write(byte: 7)
        case .learn: writer.write(byte: 8)
        case .propose: writer.write(byte: 9)
        }
    }

    private static func timer(_ reader: inout StateReader) throws(StateError) -> Timer {
        let code = try reader.byte("timer")
        if code == 7 { return .detect }
        if code == 8 { return .learn }
        if code == 9 { return .propose }
        let number = try reader.int32("timer")
        guard number >= 0 else { throw reader.outOfRange("timer") }
        switch code {
        case 0: return .judge(number)
        case 1: return .silence(number)
        case 2: return .sustained(number)
        case 3: return .contradiction(number)
        case 4: return .close(number)
        case 5: return .forget(number)
        case 6: return .judgeGroup(number)
        default: throw reader.outOfRange("timer")
        }
    }

    // MARK: Series

    private func encodeSeries(into writer: inout StateWriter) {
        writer.write(count: series.count)
        for (point, entry) in series.enumerated() {
            writer.write(entry.site)
            writer.write(entry.managedObject)
            writer.write(entry.instance)
            writer.write(lastEvents[point])
        }
        // Of the others the names follow from the series and their points' metrics.
        writer.write(pointOfName.filter { $0.value < 0 }.keys.sorted())
        let known = seriesByName()
        writer.write(count: known.count)
        for entry in known {
            writer.write(entry.point)
            writer.write(entry.site)
            writer.write(entry.type)
            writer.write(entry.key)
            writer.write(fixed: entry.instance)
        }
    }

    private mutating func decodeSeries(_ reader: inout StateReader) throws(StateError) {
        for point in 0..<(try reader.count("series", each: 18)) {
            let site = try reader.index("series.site", below: topology.siteCount)
            let object = try reader.name("series.object")
            let instance = try reader.name("series.instance")
            series.append(Series(site: site, managedObject: object, instance: instance))
            lastEvents.append(try reader.id("series.event"))
            guard let metric = detectors.metric(of: Int32(point)) else { throw reader.outOfRange("series") }
            pointOfName[Self.identity(topology.name(site), object, instance, metric)] = Int32(point)
        }
        guard series.count == detectors.pointCount else { throw reader.outOfRange("series") }
        for name in try reader.names("series.refused") { pointOfName[name] = -1 }
        let count = try reader.count("series.keys", each: 12)
        namedSeries.reserveCapacity(count)
        for _ in 0..<count {
            let point = try reader.int32("series.point")
            guard point >= -1, Int(point) < series.count else { throw reader.outOfRange("series.point") }
            let site = try reader.index("series.site", below: topology.siteCount)
            let type = try reader.name("series.type")
            let key = try reader.name("series.key")
            namedSeries.append(
                NamedSeries(point: point, site: site, type: type, key: key, instance: try reader.fixed64("series.instance")))
        }
    }

    /// What a series is called by, whatever numbers a symbol table gives.
    static func identity(_ site: String, _ object: String, _ instance: String, _ metric: String) -> String {
        "\(site)|\(object)|\(instance)|\(metric)"
    }
}
