/// Cuts what a relay sends into replies (RFC 5321, 4.2): lines of a code and a text, all but the last with a hyphen between.
struct SMTPReplyReader: Sendable {
    struct Malformed: Error {}

    private var pending: [UInt8] = []
    private var lines: [String] = []
    private static let lineBytesMax = 2048
    private static let linesMax = 128

    /// Whether there are bytes that belong to no reply yet.
    var isEmpty: Bool { pending.isEmpty && lines.isEmpty }

    /// - Errors: `Malformed` for what is no reply, or longer than any.
    mutating func read(_ bytes: some Collection<UInt8>) throws -> [SMTPDialogue.Reply] {
        pending += bytes
        var replies: [SMTPDialogue.Reply] = []
        while let end = pending.firstIndex(of: 0x0A) {
            var line = pending[..<end]
            if line.last == 0x0D { line.removeLast() }
            let code = line.prefix(3)
            guard line.count <= Self.lineBytesMax, code.count == 3, code.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(String(decoding: code, as: UTF8.self)), lines.count < Self.linesMax
            else { throw Malformed() }
            let separator = line.dropFirst(3).first ?? 0x20
            guard separator == 0x20 || separator == 0x2D else { throw Malformed() }
            lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
            if separator == 0x20 {
                replies.append(SMTPDialogue.Reply(number, lines))
                lines = []
            }
            pending.removeSubrange(...end)
        }
        guard pending.count <= Self.lineBytesMax else { throw Malformed() }
        return replies
    }
}
