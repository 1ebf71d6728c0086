import TowerStreaming

/// Where a replay's records go.
protocol ReplaySink {
    /// Takes records of a block, in order.
    mutating func take(_ block: LogBlock, _ range: Range<Int>) async throws
    /// Everything taken is where it goes: before a wait, and at the end.
    mutating func flush() async throws
    /// What became of them, in words; empty when there is nothing to say.
    var report: String { get }
}

/// The records' values as lines of a file.
struct FileSink: ReplaySink {
    private let writer: BlockWriter
    var report: String { "" }

    init(path: String) throws { writer = try BlockWriter(path: path) }

    func take(_ block: LogBlock, _ range: Range<Int>) throws { try writer.writeValues(of: block, range) }
    func flush() throws { try writer.flush() }
}
