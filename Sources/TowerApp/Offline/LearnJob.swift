import Foundation
import TowerCausality
import TowerLearning
import TowerModel
import TowerWire

/// `towerco analyze --emit edges` and `--emit root-causes`: what alarms, samples and links alone teach, without templates.
///
/// All tenants are learned apart. Raises are sorted by event time first, so that neither the order of the files nor that of
/// lines matters; a root cause uses only what is older than its incident.
struct LearnJob: Sendable {
    static let maximumRaises = 20_000_000

    var input: String
    var topology: String?
    var output: String
    var emit: AnalyzeJob.Emit
    var cut: AnalyzeJob.Cut

    func run() throws -> AnalyzeJob.Report {
        let symbols = SymbolTable()
        var report = AnalyzeJob.Report()
        var stream = ForeignStream(symbols: symbols)
        var reader = EventFileReader(symbols: symbols)
        for path in [topology, input].compactMap({ $0 }) {
            try reader.read(path) { try stream.take($0, maximumRaises: Self.maximumRaises) }
        }
        report.note(reader)
        let writer = try LineWriter(path: output)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for (name, tenant) in stream.tenants.sorted(by: { $0.key < $1.key }) {
            if emit == .edges {
                try writeEdges(name, tenant, writer, encoder, &report)
            } else {
                try writeRootCauses(name, tenant, writer, encoder, &report)
            }
        }
        try writer.flush()
        report.linesWritten = writer.lines
        return report
    }

    private struct EdgeLine: Encodable {
        var tenant_id: String
        var cause: String
        var effect: String
        var score: Double
        var asserted: Bool
        /// Raises of the effect that a raise of the cause brings.
        var yield: Double
    }

    private func writeEdges(
        _ name: String, _ tenant: ForeignStream.Tenant, _ writer: LineWriter, _ encoder: JSONEncoder, _ report: inout AnalyzeJob.Report
    ) throws {
        guard !tenant.raises.isEmpty else { return }
        let history = tenant.history()
        var learner = AlarmLearner(configuration: history.configuration)
        for raise in history.raises {
            learner.take(type: raise.type, device: raise.device, at: raise.at, neighbours: { history.neighbours($0) })
        }
        learner.finish(neighbours: { history.neighbours($0) })
        let graph = CausalGraph.estimate(learner, cut: cut == .precise ? .precise : .balanced, neighbours: { history.neighbours($0) })
        let lines = graph.edges.map { edge in
            EdgeLine(
                tenant_id: name, cause: history.typeNames[Int(edge.cause)], effect: history.typeNames[Int(edge.effect)],
                score: edge.score, asserted: edge.isAsserted, yield: (edge.yield * 1e6).rounded() / 1e6)
        }
        for line in lines.sorted(by: { $0.score != $1.score ? $0.score > $1.score : ($0.cause, $0.effect) < ($1.cause, $1.effect) }) {
            try writer.write(encoder.encode(line))
        }
        report.learned.append(
            "\(name): \(grouped(learner.raiseCount)) raises of \(learner.typeCount) types (\(grouped(learner.foldedCount)) more were flapping); "
                + "causes explain \(Int((graph.explainedShare * 100).rounded())) %; \(lines.filter(\.asserted).count) edges")
        report.learned.append(contentsOf: refusals(learner, name))
    }

    private func refusals(_ learner: AlarmLearner, _ tenant: String) -> [String] {
        var lines: [String] = []
        if learner.refusals.types > 0 {
            lines.append(
                "\(tenant): \(grouped(learner.refusals.types)) raises of alarm types beyond the first \(learner.configuration.maximumTypes) taught nothing; "
                    + "group the types (drop instance names from alarm_type) and run again")
        }
        if learner.refusals.devices > 0 {
            lines.append(
                "\(tenant): \(grouped(learner.refusals.devices)) raises of devices beyond the first \(grouped(learner.configuration.maximumDevices)) taught nothing; "
                    + "split the stream by region and run again")
        }
        return lines
    }

    private struct CauseLine: Encodable {
        struct Candidate: Encodable {
            var alarm_type: String?
            var device_id: String?
            var site_id: String?
            var score: Double
        }
        var tenant_id: String
        var incident_id: String
        var root_cause_candidates: [Candidate]
    }

    private func writeRootCauses(
        _ name: String, _ tenant: ForeignStream.Tenant, _ writer: LineWriter, _ encoder: JSONEncoder, _ report: inout AnalyzeJob.Report
    ) throws {
        let history = tenant.history()
        var learner = AlarmLearner(configuration: history.configuration)
        var next = 0
        var answered = 0
        for incident in tenant.incidents.sorted(by: { ($0.at, $0.id) < ($1.at, $1.id) }) {
            while next < history.raises.count, history.raises[next].at <= incident.at {
                let raise = history.raises[next]
                learner.take(type: raise.type, device: raise.device, at: raise.at, neighbours: { history.neighbours($0) })
                next += 1
            }
            learner.settle(before: incident.at, neighbours: { history.neighbours($0) })
            let candidates = incident.alarms.isEmpty ? rankSamples(incident, tenant) : rank(incident, learner, history)
            // Without a stream of alarms the incidents themselves are the history.
            if history.raises.isEmpty { learner.learn(burst: first(incident, history).map { ($0.type, $0.at.microseconds) }) }
            guard !candidates.isEmpty else { continue }
            answered += 1
            try writer.write(encoder.encode(CauseLine(tenant_id: name, incident_id: incident.id, root_cause_candidates: candidates)))
        }
        guard !tenant.incidents.isEmpty else { return }
        report.learned.append(
            "\(name): \(grouped(answered)) of \(grouped(tenant.incidents.count)) incidents explained from \(grouped(history.raises.count)) raises "
                + "and \(grouped(tenant.samples.count)) sampled values")
        report.learned.append(contentsOf: refusals(learner, name))
    }

    /// The first alarm of each type, in order of time.
    private func first(_ incident: ForeignStream.Incident, _ history: ForeignStream.History) -> [ForeignStream.History.Raise] {
        var seen: Set<Int32> = []
        return history.numbered(incident.alarms).filter { seen.insert($0.type).inserted }
    }

    private func rankSamples(_ incident: ForeignStream.Incident, _ tenant: ForeignStream.Tenant) -> [CauseLine.Candidate] {
        guard let metric = incident.metric else { return [] }
        return tenant.samples.causes(of: metric, on: incident.component, openedAt: incident.at).prefix(10).map {
            CauseLine.Candidate(site_id: $0.component, score: ($0.share * 1e6).rounded() / 1e6)
        }
    }

    private func rank(
        _ incident: ForeignStream.Incident, _ learner: AlarmLearner, _ history: ForeignStream.History
    ) -> [CauseLine.Candidate] {
        let alarms = first(incident, history)
        let answer = learner.openers.probabilities(alarms.map { ($0.type, $0.at.microseconds) })
        let ranked = zip(alarms, answer.types).map {
            CauseLine.Candidate(
                alarm_type: history.typeNames[Int($0.type)], device_id: history.deviceNames[Int($0.device)],
                score: ($1 * 1e6).rounded() / 1e6)
        }
        return ranked.sorted { $0.score != $1.score ? $0.score > $1.score : ($0.alarm_type ?? "") < ($1.alarm_type ?? "") }
    }
}
