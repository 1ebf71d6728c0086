import TowerModel
import TowerWire

/// Reads files of events for the offline commands, in batches, and notes what it had to leave out.
struct EventFileReader {
    private static let batchEvents = 2048
    private static let rejectionsShown = 10

    private let symbols: SymbolTable
    private var decoder: EventDecoder
    private(set) var accepted = 0
    private(set) var rejected = 0
    /// The first few: line, code and reason.
    private(set) var rejections: [String] = []

    init(symbols: SymbolTable) {
        self.symbols = symbols
        decoder = EventDecoder(symbols: symbols, limits: .offline)
    }

    /// Hands a file's events on in the order of its lines; no batch is empty.
    mutating func read(_ path: String, take: (EventBatch) throws -> Void) throws {
        var lines = try LineReader(path: path)
        var batch = EventBatch(symbols: symbols)
        var number = 0
        try lines.forEach { line, isTooLong in
            number += 1
            if line.isEmpty { return true }
            let problem = isTooLong ? "line.too_long" : decoder.append(line, to: &batch).map { "\($0)" }
            if let problem {
                rejected += 1
                if rejections.count < Self.rejectionsShown { rejections.append("line \(number): \(problem)") }
            }
            if batch.count >= Self.batchEvents {
                accepted += batch.count
                try take(batch)
                batch = EventBatch(symbols: symbols)
            }
            return true
        }
        guard !batch.isEmpty else { return }
        accepted += batch.count
        try take(batch)
    }
}
