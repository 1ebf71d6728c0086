import TowerModel
import TowerStreaming

/// Puts the events of a request, and the letters for its rejected lines, into one block over the request's own bytes.
struct BlockBuilder {
    private(set) var block: RecordBlock
    private let reading: DoorWorker.Reading
    private let tenant: [UInt8]
    private var lettersTopic: Int32 = -1
    /// The key of all letters of a request: where it came from.
    private var source = 0..<0
    /// What all letters of a request say, and what the one at hand says.
    private var commonHeaders = HeaderText()
    private var ownHeaders = HeaderText()
    private var headersOfType: [Int32: Int32] = [:]

    init(_ reading: DoorWorker.Reading, bytes: [UInt8], tenant: TenantID, events: Int) {
        self.reading = reading
        self.tenant = Array(tenant.rawValue.utf8)
        block = RecordBlock(bytes: bytes)
        block.reserveCapacity(records: events, topics: events)
    }

    /// Events as their records: their own bytes, keyed by site. Neighbours of one site share the topic's mention.
    mutating func add(_ events: [Int32]) {
        // Columns by themselves: reaching through the batch would count references once an event.
        let places = reading.sites
        let sites = reading.batch.sites
        let types = reading.batch.types
        let starts = reading.batch.valueStart
        let ends = reading.batch.valueEnd
        var lastSite: Symbol = .none
        var topic: Int32 = -1
        var lastType: Symbol = .none
        var headers: Int32 = -1
        for event in events {
            let event = Int(event)
            let place = Int(places[event].lowerBound)..<Int(places[event].upperBound)
            if sites[event] != lastSite || topic < 0 {
                lastSite = sites[event]
                topic = reading.isCanary ? block.addTopic(Topic.canary) : block.addSiteTopic(site: place)
            }
            if types[event] != lastType || headers < 0 {
                lastType = types[event]
                headers = self.headers(lastType)
            }
            block.append(topic: topic, key: place, value: Int(starts[event])..<Int(ends[event]), headers: headers)
        }
    }

    private mutating func headers(_ type: Symbol) -> Int32 {
        if let known = headersOfType[type.rawValue] { return known }
        var headers = [Record.Header("tenant", tenant), Record.Header("type", reading.batch.symbols.name(type))]
        if let trace = reading.trace { headers.append(Record.Header(TraceContext.header, trace.traceparent)) }
        if let cause = reading.cause { headers.append(Record.Header(DeadLetterHeader.causation, cause)) }
        let made = block.addHeaders(headers)
        headersOfType[type.rawValue] = made
        return made
    }

    /// Before the first letter.
    mutating func beginLetters(source: Substring.UTF8View, receivedAt: String) {
        lettersTopic = block.addTopic(Topic.deadLetters(tenant: String(decoding: tenant, as: UTF8.self)))
        self.source = block.addKey(source)
        commonHeaders.add(Record.Header(DeadLetterHeader.origin, Array(source)))
        commonHeaders.add(DeadLetterHeader.attempts, "1")
        commonHeaders.add(DeadLetterHeader.receivedAt, receivedAt)
        for header in reading.letterHeaders { commonHeaders.add(header) }
    }

    /// A rejected line as its dead letter.
    ///
    /// - Parameters:
    ///   - index: which of the rejections.
    ///   - kept: its bytes in the block, not more than `maxBytes` of them.
    mutating func add(letter index: Int, kept: Range<Int>, maxBytes: Int) {
        ownHeaders.removeAll()
        ownHeaders.add(DeadLetterHeader.reasonCode, reading.rejections[index].code)
        ownHeaders.add(DeadLetterHeader.detail, reading.rejections[index].detail)
        ownHeaders.add(DeadLetterHeader.line, reading.rejections[index].line)
        let column = reading.rejectedPlaces[index].column
        if column > 0 { ownHeaders.add(DeadLetterHeader.column, column) }
        let field = reading.rejectedPlaces[index].field
        if !field.isEmpty { ownHeaders.add(DeadLetterHeader.field, field) }
        if kept.count > maxBytes { ownHeaders.add(DeadLetterHeader.bytes, kept.count) }
        block.append(
            topic: lettersTopic, key: source, value: kept.prefix(maxBytes), headers: block.addHeaders(ownHeaders, and: commonHeaders))
    }
}
