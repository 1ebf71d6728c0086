import TowerEngine
import TowerModel
import TowerPipeline
import TowerStreaming
import TowerWire

/// Feeds a fresh processor and writes what it decides as lines; nothing is appended to any log.
///
/// Records before the window make it what it was when the window began; what it decided about them is not written.
struct ProcessorSink<Core: EmittingCore>: ReplaySink {
    private var core: Core
    private var decoder: BlockDecoder
    private let kinds: RecordKinds
    private let writer: BlockWriter
    /// First sequence of the window.
    private let from: Int64
    private let isWanted: (TopicName) -> Bool
    private var fed = 0
    private var decided = 0
    private var poison = 0

    init(
        core: Core, kinds: RecordKinds, symbols: SymbolTable, upcaster: @escaping @Sendable () -> EventUpcaster?, path: String,
        from: Int64,
        isWanted: @escaping (TopicName) -> Bool
    ) throws {
        self.core = core
        self.kinds = kinds
        decoder = BlockDecoder(symbols: symbols, upcaster: upcaster)
        self.from = from
        self.isWanted = isWanted
        writer = try BlockWriter(path: path)
    }

    mutating func take(_ block: LogBlock, _ range: Range<Int>) throws {
        let wanted = block.topics.map(isWanted)
        let chosen = block.entries[range].filter { wanted[Int($0.topic)] }
        let split = chosen.firstIndex { $0.sequence >= from } ?? chosen.endIndex
        var part = block
        part.entries = Array(chosen[..<split])
        if let first = part.entries.first {
            part.next = LogCursor(sequence: from)
            _ = try core.consume(decoder.slice(part, of: kinds, from: LogCursor(sequence: first.sequence)))
        }
        part.entries = Array(chosen[split...])
        guard let first = part.entries.first else { return }
        part.next = block.next
        let prepared = try core.consume(decoder.slice(part, of: kinds, from: LogCursor(sequence: first.sequence)))
        fed += part.entries.count
        poison += prepared.poison.count
        decided += prepared.work.count
        for record in prepared.work { try record.value.withUnsafeBytes { try writer.writeLine($0) } }
    }

    func flush() throws { try writer.flush() }

    var report: String {
        "\(grouped(fed)) records of the window read, \(grouped(decided)) decided"
            + (poison > 0 ? ", \(grouped(poison)) unreadable" : "")
    }
}

/// The processors that a window can be replayed into.
public enum ReplayProcessor: String, CaseIterable, Sendable {
    case engine = "aiops-engine"
    case kpis = "kpi-calculator"

    var kinds: RecordKinds {
        switch self {
        case .engine: [.siteEvents, .incidents, .heartbeats]
        case .kpis: [.siteEvents, .alerts, .incidents, .heartbeats]
        }
    }

    var patterns: [TopicPattern] { kinds.patterns }

    func sink(
        path: String, from: Int64, topic: TopicPattern, symbols: SymbolTable, upcaster: @escaping @Sendable () -> EventUpcaster?,
        stories: StoryFolder
    ) throws -> any ReplaySink {
        // Heartbeats are the clock: without them no deadline passes.
        let isWanted: (TopicName) -> Bool = { topic.matches($0) || $0 == Topic.heartbeat }
        return switch self {
        case .engine:
            try ProcessorSink(
                core: EngineStage(engine: try stories.engine()), kinds: kinds, symbols: symbols, upcaster: upcaster, path: path, from: from,
                isWanted: isWanted)
        case .kpis:
            try ProcessorSink(
                core: KPIStage(calculator: KPICalculator(symbols: symbols), symbols: symbols), kinds: kinds, symbols: symbols,
                upcaster: upcaster, path: path, from: from, isWanted: isWanted)
        }
    }
}
