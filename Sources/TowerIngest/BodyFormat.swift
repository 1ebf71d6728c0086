/// How a body holds its events.
enum BodyFormat: Sendable, Equatable {
    /// One JSON object, over as many lines as it likes.
    case object
    /// A JSON array; its elements count as lines.
    case array
    /// One JSON object a line.
    case lines

    /// What the content type says, the bytes deciding where it leaves a choice.
    ///
    /// - Throws: 415 for a type that holds no events.
    static func of(contentType: String?, _ body: UnsafeRawBufferPointer) throws(IngestError) -> BodyFormat {
        let type = contentType.map { $0.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased() } ?? ""
        switch type {
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonl", "application/jsonlines",
            "application/x-jsonlines", "application/json-seq":
            return .lines
        // What curl and simple clients send without thinking about it.
        case "application/json", "text/json", "", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded":
            return sniff(body)
        default:
            throw IngestError(
                .unsupportedType, status: 415,
                "Content-Type \(type.prefix(80)) holds no events; send application/json or application/x-ndjson")
        }
    }

    private static func sniff(_ body: UnsafeRawBufferPointer) -> BodyFormat {
        guard let first = body.firstIndex(where: { !isSpace($0) }) else { return .lines }
        if body[first] == 0x5B { return .array }
        if body[first] != 0x7B { return .lines }
        guard let lineEnd = body[first...].firstIndex(of: 0x0A), let second = body[lineEnd...].firstIndex(where: { !isSpace($0) })
        else {
            // One line: one object, and a report that speaks of line 1 either way.
            return .object
        }
        // A second line that opens an object as the first did is another event. Inside a pretty-printed object a line
        // may begin with a brace only where an array's element does, and then the first line is no whole object.
        if body[second] != 0x7B { return .object }
        return Extent.isComplete(body[first..<lineEnd]) || !Extent.isComplete(body[first...]) ? .lines : .object
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
