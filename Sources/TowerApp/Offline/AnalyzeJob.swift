import Foundation
import TowerEngine
import TowerForecast
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
        /// One line per entry of a ledger: fuel or a battery string that is missing.
        case losses
        /// One line per forecast of autonomy, and of tank, start, cooling and battery; at the end one per battery that tells its health, and one per unit whose like have
        /// failed, with what is left of them.
        case forecasts
        /// One line per value, or stretch of values, that is unlike what it should be.
        case alerts
        /// Causal edges between alarm types, learned from the alarms alone: one line an edge.
        case edges
        /// One line per `incident.opened` of the input: its likely causes, learned from what came before it.
        case rootCauses = "root-causes"
        /// One line per link that outages speak for and nobody declared, as the last estimate has it.
        case proposals
    }

    public var input: String
    /// More events, read first: sites and links that the input does not hold.
    public var topology: String?
    public var output: String
    public var emit: Emit
    /// Which edges are asserted.
    public var cut = Cut.balanced

    /// For `edges`: how sure an edge must be to be asserted.
    public enum Cut: String, Sendable, CaseIterable {
        /// As many true edges as possible, false ones among them.
        case balanced
        /// Only edges beyond chance.
        case precise
    }

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
        /// What was learned, for people; empty when the engine ran.
        public var learned: [String] = []
        /// What was learned of remaining life, for people.
        public var notes: [String] = []

        /// What was read.
        mutating func note(_ reader: EventFileReader) {
            accepted = reader.accepted
            rejected = reader.rejected
            rejections = reader.rejections
        }
    }

    public func run() throws -> Report {
        if emit == .edges || emit == .rootCauses { return try LearnJob(input: input, topology: topology, output: output, emit: emit, cut: cut).run() }
        let symbols = SymbolTable()
        var engine = try stories.engine()
        var report = Report()
        var incidents: [EventID: (status: IncidentSnapshot.Status, events: Int)] = [:]
        let writer = try LineWriter(path: output)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var proposals: [TenantID: ProposedLinks] = [:]
        var units = LifeCollector()
        var batteries = BatteryWearCollector()

        func write(_ out: EngineOutput) throws {
            for change in out.incidents { incidents[change.snapshot.incidentID] = (change.snapshot.status, change.snapshot.eventIDs.count) }
            report.alarms += out.alarms.count
            switch emit {
            case .incidents: for change in out.incidents { try writer.write(encoder.encode(change.snapshot)) }
            case .alarms: for alarm in out.alarms { try writer.write(encoder.encode(alarm)) }
            case .alerts: for anomaly in out.anomalies { try writer.write(encoder.encode(AlertLine(anomaly))) }
            case .losses: for loss in out.losses { try writer.write(encoder.encode(loss)) }
            case .edges, .rootCauses: break
            case .proposals: for list in out.proposals { proposals[list.tenantID] = list }
            case .forecasts:
                for item in out.forecasts {
                    try writer.write(encoder.encode(ForecastLine(tenant_id: item.tenantID, forecast: item.forecast)))
                }
                for item in out.outlooks {
                    try writer.write(encoder.encode(OutlookLine(tenant_id: item.tenantID, outlook: item.forecast)))
                }
            }
        }
        var reader = EventFileReader(symbols: symbols)
        for path in [topology, input].compactMap({ $0 }) {
            try reader.read(path) { batch in
                if emit == .forecasts {
                    units.observe(batch)
                    batteries.observe(batch)
                }
                try write(engine.process(batch, arrivedAt: nil))
            }
        }
        report.note(reader)
        try write(engine.finish())
        for line in batteries.all().compactMap(BatteryWearLine.init) { try writer.write(encoder.encode(line)) }
        if units.hasFailures {
            var life = LifeJob()
            for line in try life.forecasts(units) { try writer.write(encoder.encode(line)) }
            report.notes = life.notes
        }
        for list in proposals.values.sorted(by: { $0.tenantID < $1.tenantID }) {
            for link in list.links { try writer.write(encoder.encode(ProposalLine(list.tenantID, link))) }
        }
        try writer.flush()
        report.linesWritten = writer.lines
        report.incidents = incidents.values.filter { $0.status != .autoClosed && $0.status != .merged }.count
        report.autoClosed = incidents.values.filter { $0.status == .autoClosed }.count
        report.eventsInIncidents = incidents.values.filter { $0.status != .merged }.reduce(0) { $0 + $1.events }
        return report
    }

    private struct ProposalLine: Encodable {
        let tenant_id: TenantID
        let kind: LinkProposal.Kind
        let site_id: String
        let other: String
        let together, of_other, of_site: Int
        let log_chance: Double
        let confidence: Double
        let episodes: [Timestamp]

        init(_ tenant: TenantID, _ link: LinkProposal) {
            tenant_id = tenant
            (kind, site_id, other) = (link.kind, link.site, link.other)
            (together, of_other, of_site) = (link.together, link.ofOther, link.ofSite)
            (log_chance, confidence, episodes) = (max(-1_000, link.logChance), link.confidence, link.episodes)
        }
    }

    private struct OutlookLine: Encodable {
        var tenant_id: TenantID
        var outlook: SiteForecast
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
        for line in learned { text += "\n\(line)" }
        if learned.isEmpty { text += "\n\(grouped(incidents)) incidents and \(grouped(autoClosed)) that ended by themselves" }
        if incidents + autoClosed > 0 { text += ", \((Double(eventsInIncidents) / Double(incidents + autoClosed) * 10).rounded() / 10) events each" }
        text += ", peak memory \(bytesInWords(Int64(peakMemoryBytes())))\n"
        for note in notes { text += "  \(note)\n" }
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
