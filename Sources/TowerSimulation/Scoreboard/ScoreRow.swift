/// Scores of one scenario, or of all of them (DOMAIN 5.3). Ratios are 0...1; `nil` where nothing could be measured.
public struct ScoreRow: Sendable, Codable, Hashable {
    /// `S02`, or `all`.
    public var scenario: String
    /// Injected faults that need somebody; harmless ones are counted in `benign`.
    public var faults: Int
    public var benign: Int
    /// Faults that no incident was matched to.
    public var missed: Int
    /// Share of `faults` whose incident names the root first, or among the first three; a missed fault is wrong.
    public var top1: Double?
    public var top3: Double?
    /// Share of `faults` with a wrong first candidate of probability 0.8 or more.
    public var wrongAndConfident: Double?
    /// Expected calibration error of the first candidate's probability, ten equal bins, over matched faults.
    public var calibrationError: Double?
    /// V-measure of alarm → incident against alarm → fault, over raised alarms.
    public var vMeasure: Double?
    /// Delivered raised alarms of these faults for each incident matched.
    public var alarmsPerIncident: Double?
    /// Incidents that people saw and that match no fault: opened for harmless faults, parts of a fault that has one already,
    /// or founded on nothing injected.
    public var falseIncidents: Int
    public var falseForBenign: Int
    public var falseSplits: Int
    /// False incidents for each site and week of the input; `nil` when its span is not known.
    public var falsePerSiteWeek: Double?
    /// Incidents that proposed a visit, and those of them that did in vain: false ones, those of faults that need no
    /// visit, and those whose first candidate stands at another site than the root. A baseline proposes one for each incident.
    public var dispatches: Int
    public var falseDispatches: Int
    /// Seconds from onset to the first revision whose first candidate is right, over faults that got there.
    public var rcaSecondsMedian: Double?
    public var rcaSecondsP90: Double?
    /// Seconds by which the right answer came before the onset, over faults where it did.
    public var leadSecondsMedian: Double?

    enum CodingKeys: String, CodingKey {
        case scenario, faults, benign, missed, top1, top3
        case wrongAndConfident = "wrong_and_confident"
        case calibrationError = "ece"
        case vMeasure = "v_measure"
        case alarmsPerIncident = "alarms_per_incident"
        case falseIncidents = "false_incidents"
        case falseForBenign = "false_for_benign"
        case falseSplits = "false_splits"
        case falsePerSiteWeek = "false_per_site_week"
        case dispatches
        case falseDispatches = "false_dispatches"
        case rcaSecondsMedian = "rca_seconds_median"
        case rcaSecondsP90 = "rca_seconds_p90"
        case leadSecondsMedian = "lead_seconds_median"
    }
}
