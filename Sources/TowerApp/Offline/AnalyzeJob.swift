import Foundation
import TowerEngine
import TowerModel
import TowerWire

/// `towerco analyze`: events in, what the engine makes of them out, one JSON object a line.
///
/// The same input gives the same bytes: the engine's clock is the events' own, and nothing else is read.
public struct AnalyzeJob: Sendable {
    public enum Emit: String, Sendable, CaseIterable {
        /// One line per incident and revision.
        case incidents
        /// One line per state of an alarm.
        case alarms
        /// One line per autonomy forecast.
        case forecasts
    }

    public var input: String
    /// More events, read first: sites and links that the input does not hold.
    public var topology: String?
    public var output: String
    public var emit: Emit

    /// The causal stories to work with.
    public var stories: StoryFolder

    public init(input: String, topology: String?, output: String, emit: Emit, stories: StoryFolder = .fromEnvironment()) {
        self.stories = stories
        self.input = input
        self.topology = topology
        self.output = output
        self.emit = emit
    }

    public struct Report: Sendable {
        public var accepted = 0
        public var rejected = 0
        /// The first few rejections: line, code and reason.
        public var rejections: [String] = []
        public var linesWritten = 0
        public var incidents = 0
        public var autoClosed = 0
        public var alarms = 0
        /// Events inside those incidents and records.
        public var eventsInIncidents = 0
    }

    private static let batchEvents = 2048
    private static let rejectionsShown = 10

    public func run() throws -> Report {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .offline)
        var engine = try stories.engine()
        var report = Report()
        var incidents: [EventID: (status: IncidentSnapshot.Status, events: Int)] = [:]
        let writer = try LineWriter(path: output)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var batch = EventBatch(symbols: symbols)

        func write(_ out: EngineOutput) throws {
            for change in out.incidents { incidents[change.snapshot.incidentID] = (change.snapshot.status, change.snapshot.eventIDs.count) }
            report.alarms += out.alarms.count
            switch emit {
            case .incidents: for change in out.incidents { try writer.write(encoder.encode(change.snapshot)) }
            case .alarms: for alarm in out.alarms { try writer.write(encoder.encode(alarm)) }
            case .forecasts:
                for item in out.forecasts {
                    try writer.write(encoder.encode(ForecastLine(tenant_id: item.tenantID, forecast: item.forecast)))
                }
            }
        }
        func flush() throws {
            guard !batch.isEmpty else { return }
            report.accepted += batch.count
            try write(engine.process(batch, arrivedAt: nil))
            batch = EventBatch(symbols: symbols)
        }
        func read(_ path: String) throws {
            var reader = try LineReader(path: path)
            var number = 0
            try reader.forEach { line, isTooLong in
                number += 1
                if line.isEmpty { return true }
                let problem = isTooLong ? "line.too_long" : decoder.append(line, to: &batch).map { "\($0)" }
                if let problem {
                    report.rejected += 1
                    if report.rejections.count < Self.rejectionsShown { report.rejections.append("line \(number): \(problem)") }
                }
                if batch.count >= Self.batchEvents { try flush() }
                return true
            }
            try flush()
        }
        if let topology { try read(topology) }
        try read(input)
        try write(engine.finish())
        try writer.flush()
        report.linesWritten = writer.lines
        report.incidents = incidents.values.filter { $0.status != .autoClosed && $0.status != .merged }.count
        report.autoClosed = incidents.values.filter { $0.status == .autoClosed }.count
        report.eventsInIncidents = incidents.values.filter { $0.status != .merged }.reduce(0) { $0 + $1.events }
        return report
    }

    private struct ForecastLine: Encodable {
        var tenant_id: TenantID
        var forecast: AutonomyForecast
    }
}

extension AnalyzeJob.Report {
    /// For people, on standard error.
    public func summary(seconds: Double) -> String {
        var text = "\(grouped(accepted)) events, \(grouped(rejected)) rejected, in \((seconds * 100).rounded() / 100) s"
        if seconds > 0 { text += " (\(grouped(Int(Double(accepted) / seconds))) a second)" }
        text += "\n\(grouped(incidents)) incidents and \(grouped(autoClosed)) that ended by themselves"
        if incidents + autoClosed > 0 { text += ", \((Double(eventsInIncidents) / Double(incidents + autoClosed) * 10).rounded() / 10) events each" }
        text += ", peak memory \(bytesInWords(Int64(peakMemoryBytes())))\n"
        for rejection in rejections { text += "  \(rejection)\n" }
        if rejected > rejections.count { text += "  and \(grouped(rejected - rejections.count)) more\n" }
        return text
    }
}

/// Largest resident size of this process so far.
func peakMemoryBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
}
