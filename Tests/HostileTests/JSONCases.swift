import Glibc
import Testing

/// The table of `json-cases.txt`, whose head says how it is written.
struct JSONCase: Sendable, CustomTestStringConvertible {
    var line: Int
    var isEvent: Bool
    var verdict: String
    var bytes: [UInt8]
    var note: String
    var isTaken: Bool { verdict == "y" || verdict == "i+" }
    var testDescription: String { "line \(line), \(note): \(String(decoding: bytes.prefix(60), as: UTF8.self))" }

    static let goodEvent =
        #"{"event_id":"0f8fad5b-d9cb-469f-a165-70867728950e","event_type":"hostile.case","tenant_id":"acme","site_id":"SITE-1","timestamp":"2026-01-02T03:04:05.678Z","version":"1.0","payload":{"v":1},"metadata":{}}"#

    /// The events to read: a value is put into the payload and into the metadata.
    var events: [[UInt8]] {
        if isEvent { return [bytes] }
        return ["\"payload\":{\"v\":1}", "\"metadata\":{}"].map { place in
            let parts = Self.goodEvent.split(separator: place, maxSplits: 1).map { Array($0.utf8) }
            let key = place.prefix { $0 != "{" }
            return parts[0] + Array("\(key){\"x\":".utf8) + bytes + Array("}".utf8) + parts[1]
        }
    }

    static let all: [JSONCase] = {
        guard let table = text() else { return [] }
        return table.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard parts.count >= 3 else { return nil }
            return JSONCase(
                line: index + 1, isEvent: parts[0] == "event", verdict: parts[1], bytes: bytes(parts[2]),
                note: parts.count > 3 ? parts[3] : "")
        }
    }()

    private static func text() -> String? {
        let path = String(#filePath.dropLast("JSONCases.swift".count)) + "json-cases.txt"
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { out += buffer[..<count] }
        return String(validating: out, as: UTF8.self)
    }

    /// `\xHH`, `\\`, `%E` and `*N(text)*` as the bytes they stand for.
    private static func bytes(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 0x5C, rest.first == 0x78,
                let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
            {
                out.append(value)
                rest = rest.dropFirst(3)
            } else if byte == 0x5C, rest.first == 0x5C {
                out.append(0x5C)
                rest = rest.dropFirst()
            } else if byte == 0x25, rest.first == 0x45 {
                out += Array(goodEvent.utf8)
                rest = rest.dropFirst()
            } else if byte == 0x2A, let (content, behind) = repeated(rest) {
                out += content
                rest = behind
            } else {
                out.append(byte)
            }
        }
        return out
    }

    private static func repeated(_ text: ArraySlice<UInt8>) -> ([UInt8], ArraySlice<UInt8>)? {
        let digits = text.prefix { $0 &- 0x30 < 10 }
        let behind = text.dropFirst(digits.count)
        guard let count = Int(String(decoding: digits, as: UTF8.self)), behind.first == 0x28 else { return nil }
        let content = behind.dropFirst()
        guard let end = content.indices.dropLast().first(where: { content[$0] == 0x29 && content[$0 + 1] == 0x2A }) else {
            return nil
        }
        return ((0..<count).flatMap { _ in content[..<end] }, content[(end + 2)...])
    }
}
