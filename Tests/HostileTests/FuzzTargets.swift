import TowerModel
import TowerStreaming
import TowerTestKit
@testable import TowerIngest
@testable import TowerJournal
@testable import TowerWire

/// What arbitrary bytes may not do. Each target answers what went wrong, `nil` when nothing did; a crash speaks for itself.
///
/// `scripts/fuzz.sh TARGET SECONDS` lets libFuzzer choose the bytes; FuzzTests runs each with a fixed number of inputs.
enum FuzzTarget: String, CaseIterable, Sendable {
    case event, body, gzip, zstd, cloudevent, cloudevents, headers, export, segment, groups

    func run(_ bytes: [UInt8]) -> String? {
        switch self {
        case .event: Self.event(bytes)
        case .body: Self.body(bytes)
        case .gzip:
            Self.unpacked(bytes) { bytes throws(IngestError) in try Inflate.gzip(bytes, maxBytes: 1 << 20, maxRatio: 300) }
        case .zstd:
            Self.unpacked(bytes) { bytes throws(IngestError) in try Inflate.zstd(bytes, maxBytes: 1 << 20, maxRatio: 300) }
        case .cloudevent: Self.cloudEvent(bytes)
        case .cloudevents: Self.cloudEvents(bytes)
        case .headers: Self.headers(bytes)
        case .export: Self.export(bytes)
        case .segment: Self.segment(bytes)
        case .groups: Self.groups(bytes)
        }
    }

    /// The decoder against the strict reference, at the door and from the log.
    private static func event(_ bytes: [UInt8]) -> String? {
        var decoder = cold
        let events = [bytes] + JSONCase(line: 0, isEvent: false, verdict: "", bytes: bytes, note: "").events
        for event in events {
            var batch = EventBatch(symbols: decoder.symbols)
            let door = event.withUnsafeBytes { decoder.append($0, to: &batch) }
            if batch.count != (door == nil ? 1 : 0) { return "\(batch.count) events in the batch" }
            _ = decoder.decode([event])
            let log = decoder.undecodable.first?.error
            let reference = StrictJSON.verdict(event)
            if door == nil, log != nil || reference != .taken {
                return "taken, though log: \(String(describing: log)), \(reference)"
            }
            guard let door else { continue }
            if door.column < 1 || door.column > event.count + 1 { return "column \(door.column) of \(event.count)" }
            let isContract = ["envelope.", "payload.", "json.too_many", "json.not_an", "symbols."].contains {
                door.code.name.hasPrefix($0)
            }
            if reference == .taken, !isContract { return "refused as \(door), though the reference takes it" }
        }
        return nil
    }

    /// Pieces of a body lie in it, in order, apart from each other.
    private static func body(_ bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { body in
            for format in [BodyFormat.object, .array, .lines] where format != .array || body.contains(0x5B) {
                guard case .success(let pieces) = Result(catching: { try BodyPieces(body, as: format, maxLines: 1000).pieces })
                else { continue }
                var (end, line) = (0, 0)
                for piece in pieces {
                    if piece.range.lowerBound < end || piece.range.upperBound > body.count { return "a piece at \(piece.range)" }
                    if piece.line <= line { return "line \(piece.line) behind \(line)" }
                    (end, line) = (piece.range.upperBound, piece.line)
                }
            }
            _ = try? BodyFormat.of(contentType: nil, body)
            return nil
        }
    }

    private static func unpacked(_ bytes: [UInt8], _ unpack: ([UInt8]) throws(IngestError) -> [UInt8]) -> String? {
        do throws(IngestError) {
            let text = try unpack(bytes)
            return text.count > 1 << 20 || text.count > 1 << 20 && text.count / bytes.count > 300 ? "\(text.count) bytes" : nil
        } catch {
            return [400, 413].contains(error.status) ? nil : "\(error)"
        }
    }

    /// Copied for each input: making one reads the whole catalogue.
    private static let cold = EventDecoder(symbols: SymbolTable())

    static let receivedAt = Timestamp(milliseconds: 1_767_323_045_678)

    private static func read(_ bytes: [UInt8]) -> Result<[UInt8], EnvelopeError> {
        var out: [UInt8] = []
        let result = bytes.withUnsafeBytes { CloudEvents.envelope(of: $0, tenant: "acme", receivedAt: receivedAt, into: &out) }
        return result.map { _ in out }
    }

    /// What was read goes out and comes in again as the same envelope.
    private static func cloudEvent(_ bytes: [UInt8]) -> String? {
        guard case .success(let envelope) = read(bytes) else { return nil }
        return returns(envelope)
    }

    private static func returns(_ envelope: [UInt8]) -> String? {
        guard case .success(let out) = envelope.withUnsafeBytes({ CloudEvents.structured(of: $0) }) else {
            return "no way out for \(String(decoding: envelope, as: UTF8.self))"
        }
        guard case .success(let again) = read(out) else { return "no way back in for \(String(decoding: out, as: UTF8.self))" }
        return members(again) == members(envelope)
            ? nil : "\(String(decoding: envelope, as: UTF8.self)) came back as \(String(decoding: again, as: UTF8.self))"
    }

    /// Members of an envelope by name; a missing metadata is as it is.
    private static func members(_ json: [UInt8]) -> [String: [UInt8]] {
        json.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            guard let members = try? scanner.onlyObject(maxDepth: 512, maxMembers: 100) else { return [:] }
            return Dictionary(members.map { ($0.name, scanner.slice($0.value)) }) { first, _ in first }
        }
    }

    /// A batch: envelopes lie in order, each is one line, each error has its line.
    private static func cloudEvents(_ bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { body in
            let mode = CloudEventBody.Mode.batch
            guard
                case .success(let read) = Result(catching: {
                    try CloudEventBody(
                        body, mode: mode, contentType: nil, headers: [], tenant: "acme", receivedAt: receivedAt, maxLines: 1000)
                })
            else { return nil }
            var (end, line) = (0, 0)
            for piece in read.pieces {
                if piece.line <= line || piece.range.lowerBound < end || piece.range.upperBound > read.bytes.count {
                    return "\(piece)"
                }
                if piece.sent.upperBound > body.count || (piece.error == nil) == piece.range.isEmpty { return "\(piece)" }
                (end, line) = (piece.range.upperBound, piece.line)
                guard piece.error == nil else { continue }
                var decoder = cold
                var batch = EventBatch(symbols: decoder.symbols)
                let envelope = Array(read.bytes[piece.range])
                if let error = envelope.withUnsafeBytes({ decoder.append($0, to: &batch) }) {
                    let told = read.error(
                        error, at: piece.line - 1 < read.pieces.count ? read.pieces.firstIndex { $0.line == piece.line } ?? 0 : 0)
                    if told.column < 1 || told.column > piece.sent.count + 1 { return "column \(told.column)" }
                }
            }
            return nil
        }
    }

    /// Binary mode: the first line feeds cut names and values, the rest is the body.
    private static func headers(_ bytes: [UInt8]) -> String? {
        let parts = bytes.split(separator: 0x0A, maxSplits: 8, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        var headers = [(name: "ce-specversion", value: "1.0"), (name: "ce-type", value: "t"), (name: "ce-source", value: "s")]
        for pair in stride(from: 0, to: parts.count - 2, by: 2) {
            headers.append((name: "ce-" + parts[pair], value: parts[pair + 1]))
        }
        headers.append((name: "ce-id", value: parts.first ?? ""))
        var out: [UInt8] = []
        let body = Array((parts.last ?? "").utf8)
        let result = body.withUnsafeBytes {
            CloudEvents.envelope(
                headers: headers, contentType: parts.count % 2 == 0 ? nil : "text/plain", body: $0, tenant: "acme",
                receivedAt: receivedAt,
                into: &out)
        }
        guard case .success = result else { return out.isEmpty ? nil : "bytes behind an error" }
        guard case .success(let message) = out.withUnsafeBytes({ CloudEvents.binary(of: $0) }) else { return "no way out" }
        var again: [UInt8] = []
        let back = message.body.withUnsafeBytes {
            CloudEvents.envelope(
                headers: message.headers.map { ($0.name, $0.value) }, contentType: message.contentType, body: $0, tenant: "acme",
                receivedAt: receivedAt, into: &again)
        }
        guard case .success = back else { return "no way back: \(message)" }
        return body == message.body || parts.count % 2 == 0 ? returns(out) : "another body"
    }

    /// What the door took goes out as a CloudEvent and comes back as the same fields.
    private static func export(_ bytes: [UInt8]) -> String? {
        _ = bytes.withUnsafeBytes { CloudEvents.structured(of: $0) }
        for event in [bytes] + JSONCase(line: 0, isEvent: false, verdict: "", bytes: bytes, note: "").events {
            var decoder = cold
            var batch = EventBatch(symbols: decoder.symbols)
            guard event.withUnsafeBytes({ decoder.append($0, to: &batch) }) == nil, batch.symbols.name(batch.tenants[0]) == "acme"
            else { continue }
            if let wrong = returns(event) { return wrong }
        }
        return nil
    }

    /// A store with one segment of arbitrary bytes, bare and behind a whole header, is opened read-only.
    private static func segment(_ bytes: [UInt8]) -> String? {
        for content in [bytes, header + bytes] {
            let disk = FaultyDisk()
            disk.setContent("/log/" + SegmentHeader.fileName(.telemetry, 1), content)
            guard let outcome = try? Recovery.run(disk, directory: "/log", isReadOnly: true) else { continue }
            if outcome.report.scannedRecords < 0 { return "\(outcome.report)" }
        }
        return nil
    }

    private static let header: [UInt8] = {
        var bytes = [UInt8](repeating: 0, count: SegmentHeader.size)
        bytes.withUnsafeMutableBytes {
            guard let base = $0.baseAddress else { return }
            SegmentHeader(retention: .telemetry, number: 1, baseSequence: 0, createdMs: 0).write(to: base)
        }
        return bytes
    }()

    /// The table of groups from arbitrary bytes, and whole copies of the table's size.
    private static func groups(_ bytes: [UInt8]) -> String? {
        let padded =
            bytes + [UInt8](repeating: 0, count: (GroupFile.copySize - bytes.count % GroupFile.copySize) % GroupFile.copySize)
        for content in [bytes, padded] {
            let disk = FaultyDisk()
            disk.setContent("/log/groups.tbl", content)
            guard let opened = try? GroupFile.open(disk, directory: "/log", exists: true, isReadOnly: true) else { continue }
            if opened.groups.count > content.count / GroupFile.copySize { return "\(opened.groups.count) groups" }
        }
        return nil
    }
}
