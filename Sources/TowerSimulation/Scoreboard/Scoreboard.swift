import TowerModel

/// Compares what the engine said with what happened.
///
/// Matching: each fault that needs somebody gets the incident that shares most of its events, greedily by overlap and one to
/// one; a fault that no alarm shows gets one about the same thing. Only last revisions count; merged incidents stand in the
/// one they went into; records that nobody saw (`auto_closed`) match only rain, which heals by itself.
public struct Scoreboard: Sendable {
    /// Conditions by which an answer says that something was taken.
    static let theftConditions: Set<String> = [
        "battery.missing", "fuel.theft", "fuel.siphon", "fuel.short_delivery", "fuel.loss_suspected", "antenna_line.theft",
        "access.cable_tamper", "solar.panel_missing",
    ]

    /// - Parameters:
    ///   - revisions: every line of the results, in any order.
    ///   - truth: every fault, harmless ones included.
    ///   - events: the alarm events of the scored input; with none, delivery is judged by the incidents and no baseline is made.
    ///   - topology: pairs of connected sites, and of sites on one feeder, for the baselines.
    public static func evaluate(
        revisions: [ScoredRevision], truth: [FaultTruth], events: [ScoredEvent] = [], topology: WindowBaseline.Topology = .init()
    ) -> ScoreReport {
        evaluate(runs: [ScoredRun(revisions: revisions, truth: truth, events: events, topology: topology)])
    }

    /// Scores several runs as one: matched run by run, since sites and instants repeat between seeds, then added up.
    public static func evaluate(runs: [ScoredRun]) -> ScoreReport {
        let ours = runs.map { Judgement($0, $0.revisions, matches: isRoot) }
        var report = ScoreReport(rows: rows(ours), theft: TheftScore(ours))
        guard runs.allSatisfy({ !$0.events.isEmpty }) else { return report }
        func baseline(_ make: (ScoredRun) -> [ScoredRevision]) -> [ScoreRow] {
            rows(runs.map { Judgement($0, make($0), matches: isBaselineRoot) })
        }
        report.baseline = baseline { WindowBaseline(topology: $0.topology).incidents($0.events) }
        report.density = baseline { DensityBaseline(topology: $0.topology).incidents($0.events) }
        report.severity = baseline { SeverityBaseline().incidents($0.events) }
        return report
    }

    /// Whether a candidate names the fault's root: the same condition, or one that the truth takes for it, at the
    /// same site or on the same shared object.
    static func isRoot(_ candidate: ScoredRevision.Candidate, _ fault: FaultTruth) -> Bool {
        guard candidate.condition == fault.root.condition || fault.alternatives.contains(candidate.condition) else {
            return false
        }
        if !fault.root.siteID.isEmpty, candidate.siteID == fault.root.siteID { return true }
        let isShared = fault.root.siteID.isEmpty || fault.root.managedObject.hasPrefix("link:")
        guard isShared else { return false }
        return candidate.managedObject == fault.root.managedObject
            || (fault.root.condition == "rain.fade" && fault.objects.contains(candidate.managedObject))
    }

    /// A baseline names an alarm, not a condition: it is right when that is the alarm by which the root shows.
    private static func isBaselineRoot(_ candidate: ScoredRevision.Candidate, _ fault: FaultTruth) -> Bool {
        guard candidate.eventType == fault.root.eventType else { return false }
        if fault.root.siteID.isEmpty {
            return candidate.managedObject == fault.root.managedObject || fault.affectedSites.contains(candidate.siteID)
        }
        return candidate.siteID == fault.root.siteID
    }

    // MARK: Rows

    private static func rows(_ judged: [Judgement]) -> [ScoreRow] {
        var names: Set<ScenarioID> = []
        for judgement in judged { for fault in judgement.run.truth { names.insert(fault.scenario) } }
        return names.sorted().map { row($0, judged) } + [row(nil, judged)]
    }

    private static func row(_ scenario: ScenarioID?, _ judged: [Judgement]) -> ScoreRow {
        var outcomes: [Judgement.Outcome] = []
        var strays: [Judgement.Stray] = []
        var pairs: [(classIndex: Int, clusterIndex: Int)] = []
        var benign = 0
        var siteWeeks = 0.0
        for (index, judgement) in judged.enumerated() {
            outcomes += judgement.outcomes.filter { scenario == nil || $0.fault.scenario == scenario }
            strays += judgement.strays.filter { scenario == nil || $0.scenario == scenario }
            benign += judgement.run.truth.lazy.filter { $0.benign && (scenario == nil || $0.scenario == scenario) }.count
            siteWeeks += judgement.run.siteWeeks
            for pair in judgement.pairs where scenario == nil || judgement.outcomes[pair.outcome].fault.scenario == scenario {
                // Faults and clusters of different runs are never the same.
                pairs.append((index << 24 | pair.outcome, index << 24 | pair.cluster))
            }
        }
        let count = Double(outcomes.count)
        func share(_ condition: (Judgement.Outcome) -> Bool) -> Double? {
            count > 0 ? Double(outcomes.filter(condition).count) / count : nil
        }
        let matched = outcomes.filter { $0.incident != nil }
        let seconds = outcomes.compactMap(\.rcaSeconds).sorted()
        let leads = outcomes.compactMap(\.leadSeconds).sorted()
        return ScoreRow(
            scenario: scenario?.rawValue ?? "all", faults: outcomes.count, benign: benign,
            missed: outcomes.count - matched.count, top1: share(\.isRight), top3: share(\.isInThree),
            wrongAndConfident: share { $0.incident != nil && !$0.isRight && $0.probability >= 0.8 },
            calibrationError: Calibration.expectedError(matched.map { ($0.probability, $0.isRight) }),
            vMeasure: VMeasure.score(pairs),
            alarmsPerIncident: matched.isEmpty ? nil : Double(matched.reduce(0) { $0 + $1.alarms }) / Double(matched.count),
            falseIncidents: strays.count, falseForBenign: strays.filter(\.isBenign).count,
            falseSplits: strays.filter { $0.scenario != nil && !$0.isBenign }.count,
            falsePerSiteWeek: siteWeeks > 0 ? Double(strays.count) / siteWeeks : nil,
            dispatches: matched.filter(\.isDispatched).count + strays.filter(\.isDispatched).count,
            falseDispatches: strays.filter(\.isDispatched).count + matched.filter(\.isSentInVain).count,
            rcaSecondsMedian: Calibration.quantile(seconds, 0.5), rcaSecondsP90: Calibration.quantile(seconds, 0.9),
            leadSecondsMedian: Calibration.quantile(leads, 0.5))
    }
}
