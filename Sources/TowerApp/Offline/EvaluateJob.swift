import Foundation
import TowerModel
import TowerSimulation
import TowerWire

/// `towerco evaluate`: what `analyze` found against what `simulate` did.
public struct EvaluateJob: Sendable {
    private let results: [String]
    private let truth: [String]
    private let events: [String]

    public init(results: [String], truth: [String], events: [String]) {
        self.results = results
        self.truth = truth
        self.events = events
    }

    public func run(asJSON: Bool) throws -> String {
        guard results.count == truth.count, events.isEmpty || events.count == truth.count else {
            throw CommandFailure("Give as many --results as --truth (and --events, if any), in the same order.", isUsage: true)
        }
        // Event ids differ between seeds, so runs are scored as one. Sites and instants do not: the baseline, which groups by
        // them, is made for a single run only.
        var revisions: [ScoredRevision] = []
        var faults: [FaultTruth] = []
        var scored: [ScoredEvent] = []
        var topology = WindowBaseline.Topology()
        for index in results.indices {
            revisions += try decode(results[index], as: IncidentSnapshot.self).map(ScoredRevision.init)
            faults += try decode(truth[index], as: FaultTruth.self)
            if results.count == 1, let path = events.first { (scored, topology) = try readEvents(path) }
        }
        let report = Scoreboard.evaluate(revisions: revisions, truth: faults, events: scored, topology: topology)
        guard asJSON else { return report.table }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
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

    /// Raised and cleared alarms, and who hangs together, for the baseline.
    private func readEvents(_ path: String) throws -> ([ScoredEvent], WindowBaseline.Topology) {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .offline)
        let keys = (
            state: symbols.intern("state"), a: symbols.intern("a"), b: symbols.intern("b"), feeder: symbols.intern("feeder_id")
        )
        var scored: [ScoredEvent] = []
        var topology = WindowBaseline.Topology()
        var reader = try LineReader(path: path)
        try reader.forEach { line, _ in
            var batch = EventBatch(symbols: symbols)
            guard decoder.append(line, to: &batch) == nil, batch.count == 1 else { return true }
            let type = symbols.name(batch.types[0])
            let site = symbols.name(batch.sites[0])
            switch EventCatalog.standard[type]?.kind {
            case .alarm:
                scored.append(
                    ScoredEvent(
                        eventID: batch.ids[0], siteID: site,
                        managedObject: ManagedObject.derive(eventType: type, site: site) { key in
                            batch.field(symbols.intern(key), of: 0).map { batch.text($0) }
                        },
                        eventType: type, timestamp: batch.timestamps[0],
                        isRaise: (batch.string(keys.state, of: 0) ?? "raised") == "raised" && type != "alarm.cleared"))
            case .inventory:
                if let a = batch.string(keys.a, of: 0), let b = batch.string(keys.b, of: 0) { topology.connect(a, b) }
                if let feeder = batch.string(keys.feeder, of: 0) { topology.place(site, onFeeder: feeder) }
            default: break
            }
            return true
        }
        return (scored, topology)
    }
}
