import TowerModel
import TowerStores
import TowerStreaming

/// What is known of one tenant's dead letters, without their bytes: flat columns by rising offset.
///
/// - Bounds: the newest `maxLetters`, 35 bytes each, and `maxNames` different names; a name beyond them is not known.
struct DeadLetterShelf: Sendable {
    static let maxLetters = 1_000_000
    private static let maxNames = 200_000
    private static let maxNameBytes = 300

    private(set) var offsets: [Int64] = []
    private var times: [Int64] = []
    private var reasons: [Int32] = []
    private var topics: [Int32] = []
    private var sites: [Int32] = []
    private var origins: [Int32] = []
    private var states: [UInt8] = []
    private var attempts: [UInt16] = []
    /// The newest outcome of a letter; of an expired one the sweep that took it.
    private var outcomes: [Int64: DeadLetterOutcome] = [:]
    private var sweeps: [DeadLetterOutcome] = []

    /// Names by number; 0 is none.
    private var names = [""]
    private var numbers: [String: Int32] = ["": 0]

    /// Where to read on in the two topics.
    var nextLetter: Int64 = 0
    var nextOutcome: Int64 = 0
    /// Letters that the log has and this has not: there were more than `maxLetters`.
    private(set) var forgotten = 0

    var count: Int { offsets.count }

    // MARK: Learning

    mutating func add(_ stored: StoredRecord) {
        guard stored.offset >= nextLetter else { return }
        nextLetter = stored.offset + 1
        let facts = DeadLetterFacts(stored)
        offsets.append(stored.offset)
        times.append(stored.timestampMs)
        reasons.append(number(facts.reason))
        topics.append(number(facts.topic ?? ""))
        sites.append(number(facts.site ?? ""))
        origins.append(number(facts.origin))
        states.append(DeadLetterState.waiting.rawValue)
        attempts.append(UInt16(clamping: facts.attempts))
        // In big steps, as the front of an array is dear to remove.
        if offsets.count > Self.maxLetters + Self.maxLetters / 8 { forget(offsets.count - Self.maxLetters) }
    }

    mutating func add(_ outcome: DeadLetterOutcome) {
        guard outcome.result != .expired else {
            sweeps.append(outcome)
            for index in 0..<lowerBound(outcome.offset) where states[index] == DeadLetterState.waiting.rawValue {
                states[index] = DeadLetterState.expired.rawValue
            }
            return
        }
        let index = lowerBound(outcome.offset)
        // What was treated stays so: the first outcome counts.
        guard index < offsets.count, offsets[index] == outcome.offset, states[index] == DeadLetterState.waiting.rawValue else { return }
        outcomes[outcome.offset] = outcome
        if let state = DeadLetterState(outcome.result) { states[index] = state.rawValue }
        if attempts[index] < .max, outcome.result != .discarded { attempts[index] += 1 }
    }

    /// What the log dropped is gone.
    mutating func drop(before offset: Int64) {
        let gone = lowerBound(offset)
        if gone > 0 { remove(gone) }
        if nextLetter < offset { nextLetter = offset }
    }

    private mutating func forget(_ count: Int) {
        forgotten += count
        remove(count)
    }

    private mutating func remove(_ count: Int) {
        for index in 0..<count { outcomes[offsets[index]] = nil }
        offsets.removeFirst(count)
        times.removeFirst(count)
        reasons.removeFirst(count)
        topics.removeFirst(count)
        sites.removeFirst(count)
        origins.removeFirst(count)
        states.removeFirst(count)
        attempts.removeFirst(count)
    }

    private mutating func number(_ name: String) -> Int32 {
        if let known = numbers[name] { return known }
        guard names.count < Self.maxNames, name.utf8.count <= Self.maxNameBytes else { return 0 }
        let number = Int32(names.count)
        names.append(name)
        numbers[name] = number
        return number
    }

    /// First index whose offset is not below.
    private func lowerBound(_ offset: Int64) -> Int {
        var low = 0
        var high = offsets.count
        while low < high {
            let middle = (low + high) / 2
            if offsets[middle] < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Asking

    /// How one letter stands; `nil` when it is not known.
    func standing(of offset: Int64) -> DeadLetterStanding? {
        let index = lowerBound(offset)
        guard index < offsets.count, offsets[index] == offset else { return nil }
        let state = DeadLetterState(rawValue: states[index]) ?? .waiting
        let outcome = state == .expired ? sweeps.first { $0.offset > offset } : outcomes[offset]
        return DeadLetterStanding(state: state, attempts: Int(attempts[index]), outcome: outcome)
    }

    /// Offsets that match, in falling order before `before` or rising from `after` on, and whether there are more.
    func offsets(_ filter: DeadLetterFilter, before: Int64? = nil, limit: Int) -> (offsets: [Int64], hasMore: Bool) {
        guard let test = Test(filter, self) else { return ([], false) }
        var found: [Int64] = []
        var index = before.map { lowerBound($0) } ?? offsets.count
        while index > 0 {
            index -= 1
            guard matches(index, test) else { continue }
            if found.count == limit { return (found, true) }
            found.append(offsets[index])
        }
        return (found, false)
    }

    func offsets(_ filter: DeadLetterFilter, from: Int64, limit: Int) -> (offsets: [Int64], hasMore: Bool) {
        guard let test = Test(filter, self) else { return ([], false) }
        var found: [Int64] = []
        for index in lowerBound(from)..<offsets.count where matches(index, test) {
            if found.count == limit { return (found, true) }
            found.append(offsets[index])
        }
        return (found, false)
    }

    func count(_ filter: DeadLetterFilter) -> Int {
        guard let test = Test(filter, self) else { return 0 }
        var count = 0
        for index in 0..<offsets.count where matches(index, test) { count += 1 }
        return count
    }

    /// Waiting letters written before an instant, and the offset behind the last of them.
    func waiting(before instantMs: Int64) -> (count: Int, end: Int64) {
        var found = (count: 0, end: Int64(0))
        for index in 0..<offsets.count where states[index] == DeadLetterState.waiting.rawValue && times[index] < instantMs {
            found = (found.count + 1, offsets[index] + 1)
        }
        return found
    }

    /// Letters by reason, state and origin.
    func summary(_ filter: DeadLetterFilter, originsMax: Int) -> DeadLetterSummary {
        var reasonRows: [Int32: (count: Int, waiting: Int, oldest: Int64, newest: Int64)] = [:]
        var originRows: [Int32: Int] = [:]
        var stateRows = [Int](repeating: 0, count: DeadLetterState.allCases.count)
        var total = 0
        if let test = Test(filter, self) {
            for index in 0..<offsets.count where matches(index, test) {
                total += 1
                let isWaiting = states[index] == DeadLetterState.waiting.rawValue
                var row = reasonRows[reasons[index]] ?? (0, 0, times[index], times[index])
                row = (row.count + 1, row.waiting + (isWaiting ? 1 : 0), min(row.oldest, times[index]), max(row.newest, times[index]))
                reasonRows[reasons[index]] = row
                originRows[origins[index], default: 0] += 1
                stateRows[Int(states[index])] += 1
            }
        }
        let reasons: [DeadLetterSummary.Reason] = reasonRows.map {
            DeadLetterSummary.Reason(
                reasonCode: names[Int($0.key)], count: $0.value.count, waiting: $0.value.waiting,
                oldestAt: Timestamp(milliseconds: $0.value.oldest), newestAt: Timestamp(milliseconds: $0.value.newest))
        }
        let origins = originRows.map { DeadLetterSummary.Origin(origin: names[Int($0.key)], count: $0.value) }
        let states = DeadLetterState.allCases.map { DeadLetterSummary.State(state: $0.name, count: stateRows[Int($0.rawValue)]) }
        // Most first; equals by name, so that the answer does not jump.
        let sortedReasons = reasons.sorted { (-$0.count, $0.reasonCode) < (-$1.count, $1.reasonCode) }
        let sortedOrigins = origins.sorted { (-$0.count, $0.origin) < (-$1.count, $1.origin) }
        return DeadLetterSummary(
            total: total, older: forgotten, byReason: sortedReasons, byState: states, byOrigin: Array(sortedOrigins.prefix(originsMax)))
    }

    /// A filter in the shelf's numbers; `nil` when a name is none of them, so that nothing can match.
    private struct Test {
        var reason: Int32?
        var topics: Set<Int32>?
        var site: Int32?
        var state: UInt8?
        var from = Int64.min
        var to = Int64.max

        init?(_ filter: DeadLetterFilter, _ shelf: DeadLetterShelf) {
            if let name = filter.reason {
                guard let number = shelf.numbers[name] else { return nil }
                reason = number
            }
            if let name = filter.site {
                guard let number = shelf.numbers[name] else { return nil }
                site = number
            }
            if let text = filter.topic {
                let pattern = TopicPattern(text)
                topics = Set(shelf.names.indices.dropFirst().filter { pattern.matches(TopicName(shelf.names[$0])) }.map { Int32($0) })
            }
            state = filter.state?.rawValue
            if let from = filter.from { self.from = from.milliseconds }
            if let to = filter.to { self.to = to.milliseconds }
        }
    }

    private func matches(_ index: Int, _ test: Test) -> Bool {
        if let state = test.state, states[index] != state { return false }
        if let reason = test.reason, reasons[index] != reason { return false }
        if let site = test.site, sites[index] != site { return false }
        if let wanted = test.topics, !wanted.contains(topics[index]) { return false }
        return times[index] >= test.from && times[index] < test.to
    }
}

/// How a letter stands, and what was done last.
struct DeadLetterStanding: Sendable {
    var state: DeadLetterState
    var attempts: Int
    var outcome: DeadLetterOutcome?
}
