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
        /// Where in `letterBytes` the rejected line lies as it was sent.
        var rejectedRanges: [Range<Int>] = []
        /// Where in the rejected line the fault is.
        var rejectedPlaces: [FaultPlace] = []
        /// The body where that is not the batch's bytes: events that came in another form.
        var letterBytes: [UInt8]?
        /// What a letter says besides, so that it can be sent again.
        var letterHeaders: [Record.Header] = []
        /// Below the request's: the append, of which the groups' work is a child.
        var trace: TraceContext?
        var isCanary = false
        /// The letter that these bytes come from; see `IngestRequest.cause`.
        var cause: String?

        mutating func reject(_ line: Int, _ error: EnvelopeError, sent range: Range<Int>, isTranslated: Bool = false) {
            rejections.append(.init(line: line, code: error.code.name, detail: error.description))
            rejectedRanges.append(range)
            rejectedPlaces.append(FaultPlace(column: isTranslated ? 0 : error.column, field: error.field))
        }

        /// What a tenant's schema refuses: its reason begins with the field, `payload/soc must be integer`.
        mutating func reject(_ line: Int, guarded reason: String, sent range: Range<Int>) {
            rejections.append(.init(line: line, code: PayloadGuard.code, detail: reason))
            rejectedRanges.append(range)
            rejectedPlaces.append(FaultPlace(column: 0, field: ""))
        }
    }

    /// Where a fault is: byte of the line from 1, 0 when it has no place; the field, empty when it is about none.
    struct FaultPlace: Sendable {
        var column: Int
        var field: String
    }

    private var decoder: EventDecoder

    init(symbols: SymbolTable, catalog: EventCatalog, limits: DecodeLimits) {
        decoder = EventDecoder(symbols: symbols, catalog: catalog, limits: limits)
    }

    /// Checks every piece of a body, which becomes the batch's memory.
    mutating func read(
        _ body: [UInt8], _ pieces: [BodyPieces.Piece], tenant: Symbol, symbols: SymbolTable, guarding: PayloadGuard? = nil
    ) -> Reading {
        var reading = Reading(batch: EventBatch(sharing: body, symbols: symbols, events: pieces.count))
        reading.sites.reserveCapacity(pieces.count)
        reading.isFlagged.reserveCapacity(pieces.count)
        body.withUnsafeBytes { bytes in
            for piece in pieces {
                let error =
                    piece.fault.map { EnvelopeError($0, column: 1, reason: $0.meaning) }
                    ?? decoder.append(piece.range, of: bytes, to: &reading.batch, expecting: tenant)
                if let error {
                    reading.reject(piece.line, error, sent: piece.range)
                } else if let guarding,
                    let reason = guarding.refusal(ofLastIn: &reading.batch, UnsafeRawBufferPointer(rebasing: bytes[piece.range]))
                {
                    reading.reject(piece.line, guarded: reason, sent: piece.range)
                } else {
                    let site = decoder.lastSite
                    reading.sites.append(Int32(site.lowerBound)..<Int32(site.upperBound))
                    reading.isFlagged.append(!decoder.lastTypeIsKnown)
                }
            }
        }
        return reading
    }

    /// Checks the events of a body of CloudEvents, whose envelopes become the batch's memory.
    mutating func read(
        _ request: IngestRequest, _ events: CloudEventBody, _ mode: CloudEventBody.Mode, tenant: Symbol, symbols: SymbolTable,
        guarding: PayloadGuard? = nil
    ) -> Reading {
        var reading = Reading(batch: EventBatch(sharing: events.bytes, symbols: symbols, events: events.pieces.count))
        reading.letterBytes = request.body
        reading.letterHeaders = Self.letterHeaders(request, mode)
        events.bytes.withUnsafeBytes { bytes in
            for (index, piece) in events.pieces.enumerated() {
                let error =
                    piece.error
                    ?? decoder.append(piece.range, of: bytes, to: &reading.batch, expecting: tenant)
                    .map { events.error($0, at: index) }
                if let error {
                    // The column is that of the envelope made of it, not of what was sent.
                    reading.reject(piece.line, error, sent: piece.sent, isTranslated: true)
                } else if let guarding,
                    let reason = guarding.refusal(ofLastIn: &reading.batch, UnsafeRawBufferPointer(rebasing: bytes[piece.range]))
                {
                    reading.reject(piece.line, guarded: reason, sent: piece.sent)
                } else {
                    reading.sites.append(Int32(decoder.lastSite.lowerBound)..<Int32(decoder.lastSite.upperBound))
                    reading.isFlagged.append(!decoder.lastTypeIsKnown)
                }
            }
        }
        return reading
    }

    /// An element of a batch is an event of its own when it is sent again.
    private static func letterHeaders(_ request: IngestRequest, _ mode: CloudEventBody.Mode) -> [Record.Header] {
        guard mode == .binary else { return [Record.Header("content_type", CloudEvents.structuredType)] }
        let type = request.contentType.map { [Record.Header("content_type", String($0.prefix(256)))] } ?? []
        return type + request.attributes.prefix(64).map { Record.Header($0.name.lowercased(), String($0.value.prefix(1024))) }
    }
}
