public import TowerModel

/// Every streaming detector over every series: limits, rates, silence, flat lines and seasonal baselines; novelty where it was
/// chosen.
///
/// - Shape: series are numbered from 0 in the order of `point(metric:managedObject:)`; findings of one call are in order
///   of (deadline, series) for `advance`, and of decision for `observe`.
/// - Determinism: the same calls give the same findings; when `advance` is called between samples changes no finding,
///   only when it is told.
/// - Missing data: silence is a finding of its own; non-finite values are counted and dropped.
/// - Late data: a sample older than the newest of its series never moves a state back. Inside
///   `DetectionConfiguration.lateWindow` it is counted, beyond it is counted apart.
/// - Cost: about 310 bytes a series, 624 more where it has a season and 160 where it has moved at all, and what the full detectors of
///   chosen series take; no allocation a sample, except for findings.
public struct DetectorBank: Sendable {
    /// What was heard, for the platform's own metrics.
    public struct Counters: Sendable, Hashable {
        public var samples = 0
        public var lateInsideWindow = 0
        public var lateIgnored = 0
        public var notFinite = 0
        public var unknownPoint = 0
    }

    public let configuration: DetectionConfiguration
    public internal(set) var counters = Counters()
    public var pointCount: Int { points.count }
    /// The metric of a series; `nil` for a number that no series has.
    public func metric(of point: Int32) -> String? {
        points.indices.contains(Int(point)) ? metrics[Int(points[Int(point)].metric)].name : nil
    }

    var points: [PointState] = []
    var seasons = SeasonTables()
    var peers = PeerTables()
    var novelties: [NoveltySlot] = []
    var refusedNovelties = 0
    var grids = GridTables()
    var compiled: [CompiledRule] = []
    var ruleStates: [RuleState] = []
    var rateStates: [RateState] = []
    var deadlines = DeadlineWheel()
    var advancedTo = Int64.min
    var metrics: [MetricProfile] = []
    var managedObjects: [String] = []
    private var metricIndex: [String: Int32] = [:]

    public init(configuration: DetectionConfiguration = .standard) {
        self.configuration = configuration
    }

    /// Registers one series and answers its number; two calls make two series.
    ///
    /// - Missing data: -1 when `configuration.maximumPoints` series exist; samples of -1 are counted and dropped.
    public mutating func point(metric: String, managedObject: String) -> Int32 {
        guard points.count < configuration.maximumPoints else { return -1 }
        let index = profile(of: metric)
        let profile = metrics[Int(index)]
        var state = PointState()
        state.metric = index
        state.firstRule = Int32(ruleStates.count)
        state.firstRate = Int32(rateStates.count)
        ruleStates.append(contentsOf: repeatElement(RuleState(), count: profile.rules.count))
        rateStates.append(contentsOf: repeatElement(RateState(), count: profile.rates.count))
        if !profile.isCounter {
            if configuration.flatLine.isEnabled { state.flags.insert(.watchesFlatLine) }
            if configuration.baseline.isEnabled, !profile.isStock { state.flags.insert(.watchesBaseline) }
            if configuration.novelty.isGridEnabled, !profile.isStock { state.flags.insert(.watchesGrid) }
        }
        points.append(state)
        managedObjects.append(managedObject)
        return Int32(points.count - 1)
    }

    /// Says how far the clock of a series' site is ahead of UTC, in seconds; its hours of day and of week are that clock's.
    public mutating func setClock(_ point: Int32, aheadBy seconds: Int32) {
        guard points.indices.contains(Int(point)) else { return }
        points[Int(point)].clockOffset = seconds
    }

    /// Takes one sample.
    ///
    /// - Parameters:
    ///   - at: event time of the sample.
    ///   - isDisturbed: something known stands over the site (no grid, a generator that runs): what the series shows is not
    ///     compared with its usual days, and teaches them nothing.
    ///   - findings: what it decides is appended, deadlines of this series that it proves due first.
    public mutating func observe(
        _ point: Int32, at: Timestamp, value: Double, isDisturbed: Bool = false, into findings: inout [Finding]
    ) {
        guard point >= 0, Int(point) < points.count else {
            counters.unknownPoint += 1
            return
        }
        guard value.isFinite else {
            counters.notFinite += 1
            return
        }
        let now = at.microseconds
        let metric = Int(points[Int(point)].metric)
        let step = points[Int(point)].take(value, now: now, isDisturbed: isDisturbed, metrics[metric].limits)
        guard !step.news.contains(.isOdd) else {
            observeOdd(point, now: now, value: value, isDisturbed: isDisturbed, into: &findings)
            return
        }
        counters.samples += 1
        if !step.news.isEmpty {
            if step.news.contains(.movesSilence) { scheduleMissing(point) }
            if step.news.contains(.hasRates) {
                observeRates(point, now: now, value: value, rates: metrics[metric].rates, into: &findings)
            }
            if step.news.contains(.endsHalfHour) {
                observeBaseline(point, now: now, value: value, into: &findings)
            } else if step.news.contains(.strays) {
                weigh(point, now: now, value: value, residual: step.residual, into: &findings)
            } else if step.news.contains(.isDisturbed) {
                skipBaseline(point)
            }
        }
        if points[Int(point)].flags.contains(.watchesGrid) {
            let grid = Int(points[Int(point)].grid)
            if grid < 0 || !grids.states[grid].takeUsual(value, rankFrom: configuration.novelty.rankFrom) {
                observeGrid(point, now: now, value: value, isDisturbed: isDisturbed, into: &findings)
            }
        }
        points[Int(point)].end(value, now: now)
    }

    /// A sample that ends or begins something, or comes late: each judge is asked in turn.
    private mutating func observeOdd(_ point: Int32, now: Int64, value: Double, isDisturbed: Bool, into findings: inout [Finding]) {
        let last = points[Int(point)].last
        guard now >= last else {
            if last - now <= Int64(configuration.lateWindow * 1_000_000) {
                counters.lateInsideWindow += 1
            } else {
                counters.lateIgnored += 1
            }
            return
        }
        counters.samples += 1
        settleDeadlines(of: point, upTo: now, into: &findings)
        observeArrival(point, now: now, value: value, into: &findings)
        let metric = Int(points[Int(point)].metric)
        let rules = metrics[metric].rules
        if !rules.isEmpty {
            observeRules(point, now: now, value: value, rules: rules, into: &findings)
            noteRules(point)
        }
        let rates = metrics[metric].rates
        if !rates.isEmpty { observeRates(point, now: now, value: value, rates: rates, into: &findings) }
        let flags = points[Int(point)].flags
        if flags.contains(.watchesFlatLine) { observeRepetition(point, now: now, value: value, into: &findings) }
        let novelty = points[Int(point)].novelty
        if novelty >= 0 { observeNovelty(point, slot: Int(novelty), now: now, value: value, into: &findings) }
        if flags.contains(.watchesBaseline) {
            if isDisturbed { skipBaseline(point) } else { observeBaseline(point, now: now, value: value, into: &findings) }
        }
        if flags.contains(.watchesGrid) { observeGrid(point, now: now, value: value, isDisturbed: isDisturbed, into: &findings) }
        points[Int(point)].end(value, now: now)
    }

    /// Decides what falls due up to an instant: silence and holds.
    ///
    /// - Parameter now: event-time watermark; an earlier one than before does nothing.
    public mutating func advance(to now: Timestamp, into findings: inout [Finding]) {
        advancedTo = max(advancedTo, now.microseconds)
        var due: [DeadlineWheel.Entry] = []
        deadlines.takeDue(by: advancedTo, into: &due)
        // Most were postponed since: they go back, whatever their order. What is left is decided in order.
        var decided = 0
        for index in due.indices {
            guard let time = timeDue(due[index]), time <= advancedTo else { continue }
            due[decided] = due[index]
            due[decided].time = time
            decided += 1
        }
        due.removeLast(due.count - decided)
        due.sort { $0.precedes($1) }
        for index in due.indices { decide(due[index], into: &findings) }
    }

    /// When an entry that came out really falls due; one that was postponed beyond the present goes back. `nil` for one that is no
    /// longer its owner's.
    private mutating func timeDue(_ entry: DeadlineWheel.Entry) -> Int64? {
        if entry.part == 0 {
            guard points[Int(entry.point)].missingKey == entry.time else { return nil }
            points[Int(entry.point)].missingKey = .max
            let time = points[Int(entry.point)].missingDue
            if time > advancedTo { scheduleMissing(entry.point) }
            return max(time, entry.time)
        }
        let slot = Int(points[Int(entry.point)].firstRule) + Int(entry.part) - 1
        guard ruleStates[slot].key == entry.time else { return nil }
        ruleStates[slot].key = .max
        let time = holdDue(slot, rule: compiled[metrics[Int(points[Int(entry.point)].metric)].rules.lowerBound + Int(entry.part) - 1])
        if time > advancedTo { scheduleHold(entry.point, part: entry.part) }
        return max(time, entry.time)
    }

    private mutating func decide(_ entry: DeadlineWheel.Entry, into findings: inout [Finding]) {
        if entry.part == 0 {
            raiseMissing(entry.point, into: &findings)
        } else {
            settleHold(entry.point, part: entry.part, upTo: entry.time, into: &findings)
            noteRules(entry.point)
        }
    }

    /// Deadlines of one series that a sample at `now` proves due, in order of part.
    private mutating func settleDeadlines(of point: Int32, upTo now: Int64, into findings: inout [Finding]) {
        if points[Int(point)].missingDue <= now { raiseMissing(point, into: &findings) }
        let rules = metrics[Int(points[Int(point)].metric)].rules
        for part in 0..<rules.count {
            settleHold(point, part: Int32(part) + 1, upTo: now, into: &findings)
        }
    }

    mutating func profile(of metric: String) -> Int32 {
        if let known = metricIndex[metric] { return known }
        let firstRule = compiled.count
        for (index, rule) in configuration.thresholds.enumerated() where rule.metric == metric {
            compiled.append(CompiledRule(rule, index: index))
        }
        var rates: [Int] = []
        for (index, rule) in configuration.rates.enumerated() where rule.metric == metric { rates.append(index) }
        let firstRate = compiledRates.count
        for index in rates { compiledRates.append(CompiledRate(configuration.rates[index], index: index)) }
        let field = metric.split(separator: ".").last.map(String.init) ?? metric
        let profile = MetricProfile(
            name: metric, rules: firstRule..<compiled.count, rates: firstRate..<compiledRates.count,
            limits: SampleLimits(configuration, rules: compiled[firstRule...], hasRates: !rates.isEmpty),
            isCounter: configuration.counterFields.contains(field), isStock: configuration.stockFields.contains(field))
        let index = Int32(metrics.count)
        metrics.append(profile)
        peers.addGroup()
        metricIndex[metric] = index
        return index
    }

    var compiledRates: [CompiledRate] = []
}

/// What every series of one metric shares.
struct MetricProfile {
    var name: String
    /// Ranges in the bank's compiled rules and rates.
    var rules: Range<Int>
    var rates: Range<Int>
    var limits: SampleLimits
    var isCounter: Bool
    var isStock: Bool
    /// Series with a history of their own, and those of them that stray now; both follow from the series.
    var members: Int32 = 0
    var strays: Int32 = 0
}
