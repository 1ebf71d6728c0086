import TowerCausality
import TowerDetection
import TowerModel

/// The engine's state of one tenant.
struct TenantEngine: Sendable {
    enum Timer: Sendable {
        case judge(Int32)
        case silence(Int32)
        case sustained(Int32)
        case contradiction(Int32)
        case close(Int32)
        case forget(Int32)
        case judgeGroup(Int32)
        case detect
        case learn
        case propose
    }

    let tenantID: TenantID
    let configuration: EngineConfiguration
    let scorer: HypothesisScorer
    var topology = Topology()
    var reach = ReachMemo()
    /// How the network was, as far as it was asked for; worked out again when it is not there.
    var pastNetworks: [PastNetwork] = []
    var proposals = ProposalBook()
    var book: AlarmBook
    var facts = FactBook()
    var senses: [SiteSense] = []
    var linkSenses: [Int32: LinkSense] = [:]
    var cases: [Int32: Case] = [:]
    var nextCase: Int32 = 0
    var powerCase: [Int32: Int32] = [:]
    var reachCase: [Int32: Int32] = [:]
    var linkCase: [Int32: Int32] = [:]
    var feederCase: [Int32: Int32] = [:]
    var threadCase: [ThreadKey: Int32] = [:]
    /// As many as senses.
    var watches: [SiteWatch] = []
    let stories: StoryIndex
    /// Resolved cases by where they began, kept while they may return.
    var endedCase: [Component: Int32] = [:]
    var caseOfIncident: [EventID: Int32] = [:]
    /// Facts that an alarm slot holds up.
    var factOfSlot: [Int32: Int32] = [:]
    var caseOfSlot: [Int32: Int32] = [:]
    var timers = DeadlineQueue<Timer>()
    var bursts: BurstGrouper
    var typeNames = NameTable()
    var caseOfGroup: [Int32: Int32] = [:]
    var causes: ForeignCauses
    var siteOfSymbol = SymbolNumbers()
    /// The table that `siteOfSymbol` and `pointOfSeries` count by.
    var symbols: SymbolTable?
    var detectors: DetectorBank
    var wanders = WanderGroups()
    var series: [Series] = []
    /// The newest event of each series.
    var lastEvents: [EventID] = []
    var pointOfSeries = SeriesTable()
    var layouts = SeriesLayouts()
    /// Series by name, until a batch brings the table in which they get numbers again.
    var namedSeries: [NamedSeries] = []
    var pointOfName: [String: Int32] = [:]
    var isDetectionTicking = false

    /// Largest believable event time, and the arrival clock when it came.
    var eventMax = Timestamp.distantPast
    var arrivalAtMax = Timestamp.distantPast
    var arrival = Timestamp.distantPast
    /// A time far ahead of all others waits for a second witness before it moves the clock.
    var doubtful: Timestamp?
    /// The instant at which the engine is thinking. Never goes back.
    var now = Timestamp.distantPast
    /// Events of sites beyond the bound.
    var refusedSites = 0

    init(tenantID: TenantID, configuration: EngineConfiguration) {
        self.tenantID = tenantID
        self.configuration = configuration
        self.stories = StoryIndex(configuration.templates)
        self.scorer = HypothesisScorer(configuration: configuration.scorer)
        self.book = AlarmBook(tenantID: tenantID, configuration: configuration.alarms)
        self.bursts = BurstGrouper(configuration: configuration.bursts)
        self.detectors = DetectorBank(configuration: configuration.detection)
        self.causes = ForeignCauses(configuration: configuration.learning)
    }

    // MARK: Events

    mutating func take(
        _ batch: EventBatch, _ event: Int, role: EventRole, keys: EventTypeTable.Keys, arrivedAt: Timestamp?,
        into output: inout EngineOutput
    ) {
        let at = batch.timestamps[event]
        moveClock(eventTime: at, arrivedAt: arrivedAt, into: &output)
        guard role != .ignored, let site = siteNumber(batch, event) else { return }
        switch role {
        case .ignored: break
        case .site: takeSite(batch, event, keys)
        case .link: takeLink(batch, event, keys)
        case .alarm, .notice: takeAlarm(batch, event, keys, site: site, into: &output)
        case .genericRaise, .genericClear: takeGeneric(batch, event, keys, isRaise: role == .genericRaise, into: &output)
        default: takeTelemetry(batch, event, role: role, keys, site: site, into: &output)
        }
    }

    /// The site's number; `nil` beyond the bound.
    mutating func siteNumber(_ batch: EventBatch, _ event: Int) -> Int32? {
        if symbols !== batch.symbols { move(to: batch.symbols) }
        let symbol = batch.sites[event]
        guard symbol != .none else { return nil }
        if let known = siteOfSymbol[symbol] { return known }
        let number = site(named: batch.symbols.name(symbol))
        if let number { siteOfSymbol.add(symbol, number) }
        return number
    }

    mutating func site(named name: String) -> Int32? {
        if let known = topology.find(name) { return known }
        guard topology.siteCount < configuration.maximumSites else {
            refusedSites += 1
            return nil
        }
        let number = topology.site(name)
        growSenses()
        return number
    }

    mutating func growSenses() {
        while senses.count < topology.siteCount {
            senses.append(SiteSense())
            watches.append(SiteWatch())
        }
    }

    // MARK: Clock

    private mutating func moveClock(eventTime: Timestamp, arrivedAt: Timestamp?, into output: inout EngineOutput) {
        if let arrivedAt { arrival = max(arrival, arrivedAt) }
        if eventMax == .distantPast || eventTime.microseconds <= eventMax.microseconds + 86_400_000_000 {
            doubtful = eventTime > eventMax ? nil : doubtful
            if eventTime > eventMax {
                eventMax = eventTime
                arrivalAtMax = arrival
            }
        } else if let witness = doubtful, abs(witness.seconds(since: eventTime)) < 86_400 {
            eventMax = max(witness, eventTime)
            arrivalAtMax = arrival
            doubtful = nil
        } else {
            doubtful = eventTime
        }
        run(until: target, into: &output)
    }

    /// Largest event time plus what has passed since on the arrival clock.
    private var target: Timestamp {
        guard arrivalAtMax > .distantPast, arrival > arrivalAtMax else { return max(now, eventMax) }
        return max(now, eventMax.adding(seconds: arrival.seconds(since: arrivalAtMax)))
    }

    mutating func advance(arrival instant: Timestamp, into output: inout EngineOutput) {
        guard eventMax > .distantPast else { return }
        if arrivalAtMax == .distantPast { arrivalAtMax = eventMax }
        arrival = max(arrival, instant)
        run(until: target, into: &output)
    }

    /// Fires everything that is due, each at its own instant, so that nothing depends on who noticed it when.
    mutating func run(until instant: Timestamp, into output: inout EngineOutput) {
        while let next = nextDeadline, next <= instant {
            now = max(now, next)
            fire(into: &output)
        }
        now = max(now, instant)
    }

    /// Mutating, though it changes nothing: asked as a value, all 3 KB of the engine would be copied first, for every event.
    private var nextDeadline: Timestamp? {
        mutating get {
            var earliest = timers.next
            if let hold = book.nextDeadline { earliest = earliest.map { min($0, hold) } ?? hold }
            if let burst = bursts.nextDeadline { earliest = earliest.map { min($0, burst) } ?? burst }
            return earliest
        }
    }

    private mutating func fire(into output: inout EngineOutput) {
        for slot in book.advance(to: now, into: &output.alarms) { alarmEnded(slot, at: book.alarm(slot).clearedAt ?? now) }
        for group in bursts.advance(to: now) { groupEnded(group, into: &output) }
        while let due = timers.popDue(by: now) {
            switch due.element {
            case .judge(let number): judge(number, into: &output)
            case .silence(let site): checkSilence(site, into: &output)
            case .sustained(let fact): checkSustained(fact, into: &output)
            case .contradiction(let fact): checkContradiction(fact, into: &output)
            case .close(let number): checkClose(number, into: &output)
            case .forget(let number): forgetCase(number)
            case .judgeGroup(let number): judgeGroup(number, into: &output)
            case .detect: tickDetection(into: &output)
            case .learn: estimateCauses(into: &output)
            case .propose: proposeLinks(into: &output)
            }
        }
    }

    mutating func finish(into output: inout EngineOutput) {
        finishAnomalies(into: &output)
        for number in cases.keys.sorted() {
            guard let entry = cases[number], entry.isJudgementDue else { continue }
            if entry.group >= 0 { judgeGroup(number, into: &output) } else { judge(number, into: &output, isLast: true) }
        }
    }
}
