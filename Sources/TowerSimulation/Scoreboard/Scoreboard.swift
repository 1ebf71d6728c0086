import TowerModel

/// Compares what the engine said with what happened.
///
/// Matching: each fault that needs somebody gets the incident that shares most of its events, greedily by overlap and one to
/// one. Only last revisions count; merged incidents stand in the one they went into; records that nobody saw
/// (`auto_closed`) match only rain, which heals by itself.
public struct Scoreboard: Sendable {
    private let truth: [FaultTruth]
    private let delivered: [ScoredEvent]

    private struct Incident {
        var identity: EventID
        var last: ScoredRevision
        var events: Set<EventID>
        /// Its own revisions and those of incidents merged into it, by time.
        var revisions: [ScoredRevision]
        var isSeen: Bool
    }

    /// What is known about one fault after matching.
    private struct Outcome {
        var fault: FaultTruth
        var incident: Int?
        var isRight = false
        var isInThree = false
        var probability = 0.0
        var rcaSeconds: Double?
    }

    private init(truth: [FaultTruth], delivered: [ScoredEvent]) {
        self.truth = truth
        self.delivered = delivered
    }

    /// - Parameters:
    ///   - revisions: every line of the results, in any order.
    ///   - truth: every fault, harmless ones included.
    ///   - events: the alarm events of the scored input; with none, delivery is judged by the incidents and no baseline is made.
    ///   - topology: pairs of connected sites, and of sites on one feeder, for the baseline.
    public static func evaluate(
        revisions: [ScoredRevision], truth: [FaultTruth], events: [ScoredEvent] = [], topology: WindowBaseline.Topology = .init()
    ) -> ScoreReport {
        let board = Scoreboard(truth: truth, delivered: events)
        let rows = board.rows(revisions, matches: Self.isRoot)
        guard !events.isEmpty else { return ScoreReport(rows: rows, baseline: []) }
        let baseline = WindowBaseline(topology: topology).incidents(events)
        return ScoreReport(rows: rows, baseline: board.rows(baseline, matches: Self.isBaselineRoot))
    }

    /// Whether a candidate names the fault's root: the same condition at the same site, or on the same shared object.
    static func isRoot(_ candidate: ScoredRevision.Candidate, _ fault: FaultTruth) -> Bool {
        guard candidate.condition == fault.root.condition else { return false }
        if !fault.root.siteID.isEmpty, candidate.siteID == fault.root.siteID { return true }
        let isShared = fault.root.siteID.isEmpty || fault.root.managedObject.hasPrefix("link:")
        guard isShared else { return false }
        return candidate.managedObject == fault.root.managedObject
            || (fault.scenario == .s14 && fault.objects.contains(candidate.managedObject))
    }

    /// The window names an alarm, not a condition: it is right when that is the alarm by which the root shows.
    private static func isBaselineRoot(_ candidate: ScoredRevision.Candidate, _ fault: FaultTruth) -> Bool {
        guard candidate.eventType == fault.root.eventType else { return false }
        if fault.root.siteID.isEmpty {
            return candidate.managedObject == fault.root.managedObject || fault.affectedSites.contains(candidate.siteID)
        }
        return candidate.siteID == fault.root.siteID
    }

    // MARK: Incidents

    private func incidents(_ revisions: [ScoredRevision]) -> [Incident] {
        var byID: [EventID: [ScoredRevision]] = [:]
        for revision in revisions { byID[revision.incidentID, default: []].append(revision) }
        for id in byID.keys { byID[id]?.sort { ($0.revision, $0.updatedAt) < ($1.revision, $1.updatedAt) } }
        func home(_ id: EventID) -> EventID {
            var id = id
            for _ in 0..<64 {
                guard let last = byID[id]?.last, last.status == .merged, let next = last.mergedInto, byID[next] != nil else { break }
                id = next
            }
            return id
        }
        var found: [EventID: Incident] = [:]
        for id in byID.keys.sorted() {
            let target = home(id)
            guard let own = byID[id], let last = byID[target]?.last else { continue }
            var incident =
                found[target]
                ?? Incident(
                    identity: target, last: last, events: [], revisions: [],
                    isSeen: last.status == .open || last.status == .resolved)
            for revision in own { incident.events.formUnion(revision.eventIDs) }
            incident.revisions.append(contentsOf: own)
            found[target] = incident
        }
        var result = found.values.sorted { $0.identity < $1.identity }
        for index in result.indices {
            result[index].revisions.sort {
                ($0.updatedAt, $0.incidentID, $0.revision) < ($1.updatedAt, $1.incidentID, $1.revision)
            }
        }
        return result
    }

    // MARK: Matching

    private func match(_ incidents: [Incident]) -> [Outcome] {
        var holders: [EventID: [Int]] = [:]
        for (index, incident) in incidents.enumerated() {
            for event in incident.events { holders[event, default: []].append(index) }
        }
        let faults = truth.filter { !$0.benign }
        var pairs: [(overlap: Int, fault: Int, incident: Int)] = []
        for (index, fault) in faults.enumerated() {
            var overlap: [Int: Int] = [:]
            for event in fault.eventIDs { for holder in holders[event] ?? [] { overlap[holder, default: 0] += 1 } }
            for (incident, count) in overlap where incidents[incident].isSeen || (fault.scenario == .s14 && isRecord(incidents[incident])) {
                pairs.append((count, index, incident))
            }
        }
        pairs.sort { left, right in
            left.overlap != right.overlap ? left.overlap > right.overlap : (left.fault, left.incident) < (right.fault, right.incident)
        }
        var incidentOf = [Int?](repeating: nil, count: faults.count)
        var isTaken = [Bool](repeating: false, count: incidents.count)
        for pair in pairs where incidentOf[pair.fault] == nil && !isTaken[pair.incident] {
            incidentOf[pair.fault] = pair.incident
            isTaken[pair.incident] = true
        }
        return faults.enumerated().map { Outcome(fault: $1, incident: incidentOf[$0]) }
    }

    private func isRecord(_ incident: Incident) -> Bool { incident.last.status == .autoClosed }

    private static func ranked(_ revision: ScoredRevision) -> [ScoredRevision.Candidate] {
        revision.candidates.enumerated().sorted { left, right in
            left.element.probability != right.element.probability
                ? left.element.probability > right.element.probability : left.offset < right.offset
        }.map(\.element)
    }

    private func judge(
        _ outcome: inout Outcome, _ incidents: [Incident], _ matches: (ScoredRevision.Candidate, FaultTruth) -> Bool
    ) {
        guard let index = outcome.incident else { return }
        let fault = outcome.fault
        let candidates = Self.ranked(incidents[index].last)
        outcome.probability = candidates.first?.probability ?? 0
        outcome.isRight = candidates.first.map { matches($0, fault) } ?? false
        outcome.isInThree = candidates.prefix(3).contains { matches($0, fault) }
        let own = Set(fault.eventIDs)
        for revision in incidents[index].revisions {
            guard let first = Self.ranked(revision).first, matches(first, fault), revision.eventIDs.contains(where: own.contains)
            else { continue }
            outcome.rcaSeconds = max(0, revision.updatedAt.seconds(since: fault.onset))
            break
        }
    }

    // MARK: Rows

    private func rows(
        _ revisions: [ScoredRevision], matches: (ScoredRevision.Candidate, FaultTruth) -> Bool
    ) -> [ScoreRow] {
        let incidents = incidents(revisions)
        var outcomes = match(incidents)
        for index in outcomes.indices { judge(&outcomes[index], incidents, matches) }
        let strays = strays(incidents, outcomes)
        var rows: [ScoreRow] = []
        for scenario in Set(truth.map(\.scenario)).sorted() {
            rows.append(row(scenario, outcomes.filter { $0.fault.scenario == scenario }, incidents, strays))
        }
        rows.append(row(nil, outcomes, incidents, strays))
        return rows
    }

    /// Seen incidents without a fault, by the scenario that most of their events belong to.
    private func strays(_ incidents: [Incident], _ outcomes: [Outcome]) -> [ScenarioID?] {
        var owner: [EventID: Int] = [:]
        for (index, fault) in truth.enumerated() { for event in fault.eventIDs { owner[event] = index } }
        let taken = Set(outcomes.compactMap(\.incident))
        var result: [ScenarioID?] = []
        for (index, incident) in incidents.enumerated() where incident.isSeen && !taken.contains(index) {
            var votes: [Int: Int] = [:]
            for event in incident.events { if let fault = owner[event] { votes[fault, default: 0] += 1 } }
            let best = votes.max { left, right in left.value != right.value ? left.value < right.value : left.key > right.key }
            result.append(best.map { truth[$0.key].scenario })
        }
        return result
    }

    private func row(_ scenario: ScenarioID?, _ outcomes: [Outcome], _ incidents: [Incident], _ strays: [ScenarioID?]) -> ScoreRow {
        let count = Double(outcomes.count)
        func share(_ condition: (Outcome) -> Bool) -> Double? { count > 0 ? Double(outcomes.filter(condition).count) / count : nil }
        let matched = outcomes.filter { $0.incident != nil }
        let ours = strays.filter { scenario == nil || $0 == scenario }
        let seconds = outcomes.compactMap(\.rcaSeconds).sorted()
        let faults = truth.filter { scenario == nil || $0.scenario == scenario }
        return ScoreRow(
            scenario: scenario?.rawValue ?? "all", faults: outcomes.count, benign: faults.filter(\.benign).count,
            missed: outcomes.count - matched.count, top1: share(\.isRight), top3: share(\.isInThree),
            wrongAndConfident: share { $0.incident != nil && !$0.isRight && $0.probability >= 0.8 },
            calibrationError: Calibration.expectedError(matched.map { ($0.probability, $0.isRight) }),
            vMeasure: vMeasure(faults, incidents), alarmsPerIncident: alarmsPerIncident(matched),
            falseIncidents: ours.count, falseForBenign: ours.filter { $0 == .s01 }.count,
            falseSplits: ours.filter { $0 != nil && $0 != .s01 }.count, rcaSecondsMedian: Calibration.quantile(seconds, 0.5),
            rcaSecondsP90: Calibration.quantile(seconds, 0.9))
    }

    /// Raised alarms that arrived; everything when nobody told us what did.
    private var raised: Set<EventID>? {
        delivered.isEmpty ? nil : Set(delivered.lazy.filter(\.isRaise).map(\.eventID))
    }

    private func alarmsPerIncident(_ matched: [Outcome]) -> Double? {
        guard !matched.isEmpty else { return nil }
        let raised = raised
        let alarms = matched.reduce(0) { sum, outcome in
            sum + outcome.fault.eventIDs.lazy.filter { raised?.contains($0) ?? true }.count
        }
        return Double(alarms) / Double(matched.count)
    }

    /// Alarms of faults that need somebody, each in its incident or alone. An alarm in two incidents counts for the larger.
    private func vMeasure(_ faults: [FaultTruth], _ incidents: [Incident]) -> Double? {
        var cluster: [EventID: Int] = [:]
        for (index, incident) in incidents.enumerated() where incident.isSeen || isRecord(incident) {
            for event in incident.events {
                if let other = cluster[event], incidents[other].events.count >= incident.events.count { continue }
                cluster[event] = index
            }
        }
        let raised = raised
        var pairs: [(classIndex: Int, clusterIndex: Int)] = []
        var alone = incidents.count
        for (index, fault) in faults.enumerated() where !fault.benign {
            for event in fault.eventIDs where raised?.contains(event) ?? (cluster[event] != nil) {
                if let home = cluster[event] {
                    pairs.append((index, home))
                } else {
                    pairs.append((index, alone))
                    alone += 1
                }
            }
        }
        return VMeasure.score(pairs)
    }
}
