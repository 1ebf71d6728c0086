/// Events with one fault each, of the kinds that are met in the field: cut off, a bad value, a misspelt field, bytes of another
/// encoding, a wrong type.
enum MalformedLines {
    private static let faults: [@Sendable (inout [UInt8]) -> Void] = [
        // The connection broke, or a buffer was too short.
        { line in line.removeSubrange(line.count - 3..<line.count - 1) },
        { line in replace("\"version\":\"1.0\"", "\"version\":\"1-0\"", in: &line) },
        { line in replace("\"payload\":{", "\"paylaod\":{", in: &line) },
        { line in
            let at = position("\"producer\":\"", in: line)
            if at >= 0 { line[at + 12] = 0xE9 }
        },
        { line in replace("\"metadata\":{", "\"metadata\":7", in: &line) },
    ]

    /// Spreads lines that are made faulty evenly over the good ones.
    static func mixed(into good: [TelemetryMix.Line], _ bad: [TelemetryMix.Line]) -> [TelemetryMix.Line] {
        guard !bad.isEmpty else { return good }
        var lines: [TelemetryMix.Line] = []
        lines.reserveCapacity(good.count + bad.count)
        var spent = 0
        for (index, line) in good.enumerated() {
            lines.append(line)
            while spent < bad.count * (index + 1) / good.count {
                var line = bad[spent]
                faults[spent % faults.count](&line.bytes)
                lines.append(line)
                spent += 1
            }
        }
        return lines
    }

    private static func replace(_ text: StaticString, _ other: StaticString, in line: inout [UInt8]) {
        let at = position(text, in: line)
        guard at >= 0 else { return }
        for index in 0..<other.utf8CodeUnitCount { line[at + index] = other.utf8Start[index] }
    }

    private static func position(_ text: StaticString, in line: [UInt8]) -> Int {
        let length = text.utf8CodeUnitCount
        for at in 0..<max(0, line.count - length) where (0..<length).allSatisfy({ line[at + $0] == text.utf8Start[$0] }) { return at }
        return -1
    }
}
