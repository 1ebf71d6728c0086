import TowerModel
import TowerWire

/// A body of CloudEvents, turned into envelopes that are read like any others.
struct CloudEventBody {
    /// How a request carries CloudEvents.
    enum Mode: Sendable, Equatable {
        /// Attributes in headers, data in the body: one event.
        case binary
        /// One event in the JSON format.
        case structured
        /// A JSON array of such events.
        case batch

        /// What the headers say; `nil` for a body that holds no CloudEvents.
        ///
        /// - Throws: 415 for CloudEvents in a format other than JSON.
        static func of(contentType: String?, headers: [(name: String, value: String)]) throws(IngestError) -> Mode? {
            let type = contentType.map { $0.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased() } ?? ""
            switch type {
            case CloudEvents.structuredType: return .structured
            case CloudEvents.batchType: return .batch
            default: break
            }
            guard !type.hasPrefix("application/cloudevents") else {
                throw IngestError(
                    .unsupportedType, status: 415,
                    "Content-Type \(type.prefix(80)) is not understood; send \(CloudEvents.structuredType) or "
                        + "\(CloudEvents.batchType)")
            }
            // The binding tells binary mode by this attribute, which every event has.
            return headers.contains { $0.name.lowercased() == "ce-specversion" } ? .binary : nil
        }
    }

    struct Piece {
        /// Element of the batch, from 1.
        var line: Int
        /// The envelope, among `bytes`; empty when there is an error.
        var range: Range<Int>
        /// The event as it was sent, among the body's bytes: what a dead letter keeps.
        var sent: Range<Int>
        /// Why there is no envelope.
        var error: EnvelopeError?
        fileprivate var origin: CloudEvents.Origin?
    }

    /// The envelopes, each with a line feed behind it.
    private(set) var bytes: [UInt8] = []
    /// By rising line.
    private(set) var pieces: [Piece] = []

    /// - Parameters:
    ///   - tenant: of the credentials, for events that name none; a foreign one is refused when the envelope is read.
    ///   - receivedAt: the timestamp of events without a time.
    /// - Throws: 413 when there are more than `maxLines` events, 400 when there is none.
    init(
        _ body: UnsafeRawBufferPointer, mode: Mode, contentType: String?, headers: [(name: String, value: String)],
        tenant: String,
        receivedAt: Timestamp, maxLines: Int, limits: DecodeLimits = .standard
    ) throws(IngestError) {
        if mode == .binary {
            let result = CloudEvents.envelope(
                headers: headers, contentType: contentType, body: body, tenant: tenant, receivedAt: receivedAt, limits: limits,
                into: &bytes)
            add(result, line: 1, from: 0, sent: 0..<body.count)
            return
        }
        let isArray = body.first { !BodyFormat.isSpace($0) } == 0x5B
        guard mode == .structured || isArray else {
            throw IngestError(.empty, status: 400, "A body of \(CloudEvents.batchType) is a JSON array")
        }
        bytes.reserveCapacity(body.count + body.count / 4)
        for piece in try BodyPieces(body, as: mode == .batch ? .array : .object, maxLines: maxLines).pieces {
            if let fault = piece.fault {
                let error = EnvelopeError(fault, column: 1, reason: fault.meaning)
                pieces.append(Piece(line: piece.line, range: bytes.count..<bytes.count, sent: piece.range, error: error))
                continue
            }
            let start = bytes.count
            let event = UnsafeRawBufferPointer(rebasing: body[piece.range])
            let result = CloudEvents.envelope(of: event, tenant: tenant, receivedAt: receivedAt, limits: limits, into: &bytes)
            add(result, line: piece.line, from: start, sent: piece.range)
        }
    }

    private mutating func add(
        _ result: Result<CloudEvents.Origin, EnvelopeError>, line: Int, from start: Int, sent: Range<Int>
    ) {
        switch result {
        case .success(let origin):
            pieces.append(Piece(line: line, range: start..<bytes.count, sent: sent, origin: origin))
            bytes.append(0x0A)
        case .failure(let error):
            pieces.append(Piece(line: line, range: start..<start, sent: sent, error: error))
        }
    }

    /// What reading the envelope of a piece found, in the words of the CloudEvent.
    func error(_ error: EnvelopeError, at piece: Int) -> EnvelopeError {
        guard let origin = pieces[piece].origin else { return error }
        var relative = origin
        relative.payload =
            origin.payload.lowerBound - pieces[piece].range.lowerBound..<origin.payload.upperBound
            - pieces[piece].range.lowerBound
        return CloudEvents.error(error, for: relative)
    }
}
