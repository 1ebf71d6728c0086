/// Bursts: chains of raises on the same or linked devices, each at most `gap` after another. Online; a burst is handed out
/// when nothing can join it any more.
///
/// - Shape of a burst: each type once with the instant of its first raise.
/// - Bound: `maximumBurstTypes` types and `longestBurst` seconds a burst, so that a busy network is not one burst without end;
///   memory is that of the bursts under way.
struct BurstChains: Sendable {
    struct Burst: Sendable {
        var types: [(type: Int32, first: Int64)] = []
        var start: Int64
        var last: Int64
    }

    let gap: Int64
    let longest: Int64
    let maximumTypes: Int
    let maximumNeighbours: Int
    var bursts: [Int: Burst] = [:]
    /// Last raise by device, and its burst when it was made.
    var lastOnDevice: [Int32: (at: Int64, burst: Int)] = [:]
    /// Bursts that were joined to another: by number, the one they went to.
    var joined: [Int: Int] = [:]
    var next = 0
    /// One entry a raise, in order of time: when its burst may be over.
    var deadlines: [(at: Int64, burst: Int, device: Int32)] = []
    var head = 0

    init(configuration: LearningConfiguration) {
        gap = LearningConfiguration.microseconds(configuration.gap)
        longest = LearningConfiguration.microseconds(configuration.longestBurst)
        maximumTypes = configuration.maximumBurstTypes
        maximumNeighbours = configuration.maximumNeighbours
    }

    private func current(_ number: Int) -> Int {
        var number = number
        while let to = joined[number] { number = to }
        return number
    }

    /// The burst on a device now, as far as it has come.
    func burst(on device: Int32) -> Burst? { lastOnDevice[device].flatMap { bursts[current($0.burst)] } }

    mutating func take(_ raise: PendingRaise, linked: ArraySlice<Int32>) {
        var own: Int?
        func joins(_ device: Int32) -> Int? {
            guard let entry = lastOnDevice[device], raise.at - entry.at <= gap else { return nil }
            let number = current(entry.burst)
            guard let burst = bursts[number], raise.at - burst.start <= longest else { return nil }
            return number
        }
        own = joins(raise.device)
        for neighbour in linked.prefix(maximumNeighbours) {
            guard let other = joins(neighbour), other != own else { continue }
            if let mine = own { own = join(mine, other) } else { own = other }
        }
        let number = own ?? next
        if own == nil {
            next += 1
            bursts[number] = Burst(start: raise.at, last: raise.at)
        }
        bursts[number]!.last = raise.at
        note(raise.type, at: raise.at, in: number)
        lastOnDevice[raise.device] = (raise.at, number)
        deadlines.append((raise.at + gap, number, raise.device))
    }

    private mutating func note(_ type: Int32, at first: Int64, in number: Int) {
        if let index = bursts[number]!.types.firstIndex(where: { $0.type == type }) {
            bursts[number]!.types[index].first = min(bursts[number]!.types[index].first, first)
        } else if bursts[number]!.types.count < maximumTypes {
            bursts[number]!.types.append((type, first))
        }
    }

    private mutating func join(_ a: Int, _ b: Int) -> Int {
        let (to, from) = (min(a, b), max(a, b))
        guard let gone = bursts.removeValue(forKey: from) else { return to }
        for entry in gone.types { note(entry.type, at: entry.first, in: to) }
        bursts[to]!.start = min(bursts[to]!.start, gone.start)
        bursts[to]!.last = max(bursts[to]!.last, gone.last)
        joined[from] = to
        return to
    }

    /// Hands out the bursts that nothing can join from this instant on.
    mutating func end(before instant: Int64, _ body: (Burst) -> Void) {
        while head < deadlines.count, deadlines[head].at < instant {
            let due = deadlines[head]
            head += 1
            if let entry = lastOnDevice[due.device], entry.at + gap <= due.at { lastOnDevice[due.device] = nil }
            let number = current(due.burst)
            guard let burst = bursts[number], burst.last + gap < instant else { continue }
            bursts[number] = nil
            body(burst)
        }
        guard head > 1_024, head * 2 > deadlines.count else { return }
        deadlines.removeFirst(head)
        head = 0
        // Only raises that may still be followed name bursts by an old number.
        let named = Set(deadlines.map(\.burst)).filter { joined[$0] != nil }
        joined = Dictionary(uniqueKeysWithValues: named.map { ($0, current($0)) })
    }
}
