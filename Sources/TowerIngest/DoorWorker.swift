import TowerModel
import TowerStreaming
import TowerWire

/// What one request at a time uses to read bodies: a decoder that knows the names it met.
struct DoorWorker: Sendable {
    /// What was read from one body.
    struct Reading: Sendable {
        /// Its bytes are the body's: events and sites are ranges of them.
        var batch: EventBatch
        /// Where each event's site is named.
        var sites: [Range<Int32>] = []
        /// By event: the catalogue knows the type.
        var isFlagged: [Bool] = []
        var rejections: [IngestReport.Rejection] = []
        /// Where in the body the rejected line lies.
        var rejectedRanges: [Range<Int>] = []
    }

    private var decoder: EventDecoder

    init(symbols: SymbolTable, catalog: EventCatalog, limits: DecodeLimits) {
        decoder = EventDecoder(symbols: symbols, catalog: catalog, limits: limits)
    }

    /// Checks every piece of a body, which becomes the batch's memory.
    mutating func read(_ body: [UInt8], _ pieces: [BodyPieces.Piece], tenant: Symbol, symbols: SymbolTable) -> Reading {
        var reading = Reading(batch: EventBatch(sharing: body, symbols: symbols, events: pieces.count))
        reading.sites.reserveCapacity(pieces.count)
        reading.isFlagged.reserveCapacity(pieces.count)
        body.withUnsafeBytes { bytes in
            for piece in pieces {
                let error =
                    piece.fault.map { EnvelopeError($0, column: 1, reason: $0.meaning) }
                    ?? decoder.append(piece.range, of: bytes, to: &reading.batch, expecting: tenant)
                if let error {
                    reading.rejections.append(.init(line: piece.line, code: error.code.name, detail: error.description))
                    reading.rejectedRanges.append(piece.range)
                } else {
                    let site = decoder.lastSite
                    reading.sites.append(Int32(site.lowerBound)..<Int32(site.upperBound))
                    reading.isFlagged.append(!decoder.lastTypeIsKnown)
                }
            }
        }
        return reading
    }
}
