import TowerModel
import TowerStreaming
import TowerWire

/// What one request at a time uses to read bodies: a warm decoder and the parts of records that repeat.
struct DoorWorker: Sendable {
    /// Names after which the remembered parts are forgotten.
    private static let maxRemembered = 200_000

    /// What was read from one body.
    struct Reading: Sendable {
        var batch: EventBatch
        /// Line of each event of the batch.
        var lines: [Int32] = []
        /// Bit by event: the catalogue knows the type.
        var isFlagged: [Bool] = []
        var rejections: [IngestReport.Rejection] = []
        /// Where in the body the rejected line lies.
        var rejectedRanges: [Range<Int>] = []
    }

    var decoder: EventDecoder
    private var routes: [Int32: (topic: TopicName, key: [UInt8])] = [:]
    private var headers: [Int64: [Record.Header]] = [:]

    init(symbols: SymbolTable, catalog: EventCatalog, limits: DecodeLimits) {
        decoder = EventDecoder(symbols: symbols, catalog: catalog, limits: limits)
    }

    mutating func read(_ body: UnsafeRawBufferPointer, _ pieces: [BodyPieces.Piece], tenant: Symbol, symbols: SymbolTable)
        -> Reading
    {
        var reading = Reading(batch: EventBatch(symbols: symbols))
        reading.lines.reserveCapacity(pieces.count)
        reading.isFlagged.reserveCapacity(pieces.count)
        for piece in pieces {
            let error =
                piece.fault.map { EnvelopeError($0, column: 1, reason: $0.meaning) }
                ?? decoder.append(UnsafeRawBufferPointer(rebasing: body[piece.range]), to: &reading.batch, expecting: tenant)
            if let error {
                reading.rejections.append(.init(line: piece.line, code: error.code.name, detail: error.description))
                reading.rejectedRanges.append(piece.range)
            } else {
                reading.lines.append(Int32(truncatingIfNeeded: piece.line))
                reading.isFlagged.append(!decoder.lastTypeIsKnown)
            }
        }
        return reading
    }

    /// The record of an accepted event: its own bytes, keyed by site.
    mutating func record(_ event: Int, of batch: EventBatch) -> Record {
        let route = route(batch.sites[event], batch.symbols)
        return Record(
            topic: route.topic, key: route.key, value: Array(batch.value(event)),
            headers: headers(tenant: batch.tenants[event], type: batch.types[event], batch.symbols))
    }

    private mutating func route(_ site: Symbol, _ symbols: SymbolTable) -> (topic: TopicName, key: [UInt8]) {
        if let known = routes[site.rawValue] { return known }
        if routes.count >= Self.maxRemembered { routes.removeAll() }
        let name = symbols.name(site)
        let route = (Topic.siteEvents(site: name), Array(name.utf8))
        routes[site.rawValue] = route
        return route
    }

    private mutating func headers(tenant: Symbol, type: Symbol, _ symbols: SymbolTable) -> [Record.Header] {
        let pair = Int64(tenant.rawValue) << 32 | Int64(type.rawValue)
        if let known = headers[pair] { return known }
        if headers.count >= Self.maxRemembered { headers.removeAll() }
        let made = [Record.Header("tenant", symbols.name(tenant)), Record.Header("type", symbols.name(type))]
        headers[pair] = made
        return made
    }
}
