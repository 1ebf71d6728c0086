import Foundation
import TowerModel
import TowerSimulation
import TowerWire

/// `towerco evaluate`: what `analyze` found against what `simulate` did.
public struct EvaluateJob: Sendable {
    private let results: [String]
    private let truth: [String]
    private let events: [String]
    private let levels: [String]

    /// - Parameter levels: what to call the noise of each run; runs of one name are scored together. Empty for one table.
    public init(results: [String], truth: [String], events: [String], levels: [String] = []) {
        self.results = results
        self.truth = truth
        self.events = events
        self.levels = levels
    }

    public func run(asJSON: Bool) throws -> String {
        guard results.count == truth.count, events.isEmpty || events.count == truth.count else {
            throw CommandFailure("Give as many --results as --truth (and --events, if any), in the same order.", isUsage: true)
        }
        guard levels.isEmpty || levels.count == results.count else {
            throw CommandFailure("Give as many --level as --results, in the same order, or none.", isUsage: true)
        }
        var names: [String] = []
        for name in levels where !names.contains(name) { names.append(name) }
        if names.isEmpty { names = [""] }
        var reports: [(level: String, report: ScoreReport)] = []
        for name in names {
            var runs: [ScoredRun] = []
            for index in results.indices where levels.isEmpty || levels[index] == name { runs.append(try run(index)) }
            reports.append((name, Scoreboard.evaluate(runs: runs)))
        }
        guard asJSON else {
            return reports.map { ($0.level.isEmpty ? "" : "\($0.level)\n") + $0.report.table }.joined(separator: "\n")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes: Data
        if levels.isEmpty, let only = reports.first {
            bytes = try encoder.encode(only.report)
        } else {
            bytes = try encoder.encode(Dictionary(uniqueKeysWithValues: reports.map { ($0.level, $0.report) }))
        }
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private func run(_ index: Int) throws -> ScoredRun {
        var run = ScoredRun(
            revisions: try decode(results[index], as: IncidentSnapshot.self).map(ScoredRevision.init),
            truth: try decode(truth[index], as: FaultTruth.self))
        if !events.isEmpty { try readEvents(events[index], into: &run) }
        return run
    }

    private func decode<Value: Decodable>(_ path: String, as: Value.Type) throws -> [Value] {
        let decoder = JSONDecoder()
        var values: [Value] = []
        var reader = try LineReader(path: path, maxLineBytes: 256 << 20)
        var number = 0
        try reader.forEach { line, _ in
            number += 1
            guard !line.isEmpty else { return true }
            do { values.append(try decoder.decode(Value.self, from: Data(line))) } catch {
                throw CommandFailure("\(path) line \(number) is not what was expected here: \(error)")
            }
            return true
        }
        return values
    }

    /// Raised and cleared alarms, who hangs together, and how many sites for how long: for the baselines and the rates.
    private func readEvents(_ path: String, into run: inout ScoredRun) throws {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .offline)
        let keys = (
            state: symbols.intern("state"), a: symbols.intern("a"), b: symbols.intern("b"), feeder: symbols.intern("feeder_id"),
            severity: symbols.intern("alarm.perceived_severity")
        )
        let severities = ["indeterminate": 1, "warning": 2, "minor": 3, "major": 4, "critical": 5]
        var sites: Set<String> = []
        var span: (first: Timestamp, last: Timestamp)?
        var scored: [ScoredEvent] = []
        var topology = WindowBaseline.Topology()
        var reader = try LineReader(path: path)
        try reader.forEach { line, _ in
            var batch = EventBatch(symbols: symbols)
            guard decoder.append(line, to: &batch) == nil, batch.count == 1 else { return true }
            let type = symbols.name(batch.types[0])
            let site = symbols.name(batch.sites[0])
            let at = batch.timestamps[0]
            sites.insert(site)
            span = span.map { (min($0.first, at), max($0.last, at)) } ?? (at, at)
            switch EventCatalog.standard[type]?.kind {
            case .alarm:
                scored.append(
                    ScoredEvent(
                        eventID: batch.ids[0], siteID: site,
                        managedObject: ManagedObject.derive(eventType: type, site: site) { key in
                            batch.field(symbols.intern(key), of: 0).map { batch.text($0) }
                        },
                        eventType: type, timestamp: batch.timestamps[0],
                        isRaise: (batch.string(keys.state, of: 0) ?? "raised") == "raised" && type != "alarm.cleared",
                        severity: batch.string(keys.severity, of: 0).flatMap { severities[$0] } ?? 0))
            case .inventory:
                if let a = batch.string(keys.a, of: 0), let b = batch.string(keys.b, of: 0) { topology.connect(a, b) }
                if let feeder = batch.string(keys.feeder, of: 0) { topology.place(site, onFeeder: feeder) }
            default: break
            }
            return true
        }
        run.events = scored
        run.topology = topology
        if let span { run.siteWeeks = Double(sites.count) * span.last.seconds(since: span.first) / (7 * 86_400) }
    }
}
