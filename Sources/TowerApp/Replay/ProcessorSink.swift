import TowerEngine
import TowerModel
import TowerPipeline
import TowerStreaming

/// Feeds a fresh processor and writes what it decides as lines; nothing is appended to any log.
///
/// Records before the window make it what it was when the window began; what it decided about them is not written.
struct ProcessorSink<Core: EmittingCore>: ReplaySink {
    private var core: Core
    private let writer: BlockWriter
    /// First sequence of the window.
    private let from: Int64
    private let isWanted: (TopicName) -> Bool
    private var fed = 0
    private var decided = 0
    private var poison = 0

    init(core: Core, path: String, from: Int64, isWanted: @escaping (TopicName) -> Bool) throws {
        self.core = core
        self.from = from
        self.isWanted = isWanted
        writer = try BlockWriter(path: path)
    }

    mutating func take(_ block: LogBlock, _ range: Range<Int>) throws {
        var known: [StoredRecord] = []
        var fresh: [StoredRecord] = []
        let wanted = block.topics.map(isWanted)
        for index in range where wanted[Int(block.entries[index].topic)] {
            let record = block.record(index)
            if record.sequence < from { known.append(record) } else { fresh.append(record) }
        }
        if !known.isEmpty { _ = try core.consume(LogSlice(records: known, next: LogCursor(sequence: from))) }
        guard !fresh.isEmpty else { return }
        let prepared = try core.consume(LogSlice(records: fresh, next: block.next))
        fed += fresh.count
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

    var patterns: [TopicPattern] {
        let heartbeat = TopicPattern(Topic.heartbeat.rawValue)
        return switch self {
        case .engine: [.siteEvents, .incidents, heartbeat]
        case .kpis: [.siteEvents, .alerts, .incidents, heartbeat]
        }
    }

    func sink(path: String, from: Int64, topic: TopicPattern) throws -> any ReplaySink {
        let symbols = SymbolTable()
        // Heartbeats are the clock: without them no deadline passes.
        let isWanted: (TopicName) -> Bool = { topic.matches($0) || $0 == Topic.heartbeat }
        return switch self {
        case .engine: try ProcessorSink(core: EngineStage(engine: Engine(), symbols: symbols), path: path, from: from, isWanted: isWanted)
        case .kpis:
            try ProcessorSink(
                core: KPIStage(calculator: KPICalculator(symbols: symbols), symbols: symbols), path: path, from: from,
                isWanted: isWanted)
        }
    }
}
