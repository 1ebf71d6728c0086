import TowerModel
import TowerStreaming

/// Puts the events of a request, and the letters for its rejected lines, into one block over the request's own bytes.
struct BlockBuilder {
    private(set) var block: RecordBlock
    private let reading: DoorWorker.Reading
    private let tenant: [UInt8]
    private var lettersTopic: Int32 = -1
    /// What all letters of a request say.
    private var sharedHeaders: [Record.Header] = []
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

    /// A rejected line as its dead letter.
    ///
    /// - Parameters:
    ///   - index: which of the rejections.
    ///   - kept: its bytes in the block, not more than `maxBytes` of them.
    ///   - origin: where the text of the origin lies in the block's bytes; it is the key.
    mutating func add(letter index: Int, kept: Range<Int>, maxBytes: Int, origin: Range<Int>, receivedAt: String) {
        if lettersTopic < 0 {
            lettersTopic = block.addTopic(Topic.deadLetters(tenant: String(decoding: tenant, as: UTF8.self)))
            sharedHeaders =
                [
                    .init(DeadLetterHeader.origin, Array(block.bytes[origin])), .init(DeadLetterHeader.attempts, "1"),
                    .init(DeadLetterHeader.receivedAt, receivedAt),
                ] + reading.letterHeaders
        }
        let rejection = reading.rejections[index]
        let place = reading.rejectedPlaces[index]
        var headers: [Record.Header] = []
        headers.reserveCapacity(6 + sharedHeaders.count)
        headers.append(.init(DeadLetterHeader.reasonCode, rejection.code))
        headers.append(.init(DeadLetterHeader.detail, rejection.detail))
        headers.append(.init(DeadLetterHeader.line, String(rejection.line)))
        if place.column > 0 { headers.append(.init(DeadLetterHeader.column, String(place.column))) }
        if !place.field.isEmpty { headers.append(.init(DeadLetterHeader.field, place.field)) }
        if kept.count > maxBytes { headers.append(.init(DeadLetterHeader.bytes, String(kept.count))) }
        headers.append(contentsOf: sharedHeaders)
        block.append(
            topic: lettersTopic, key: origin, value: kept.prefix(maxBytes), headers: block.addHeaders(headers))
    }
}
