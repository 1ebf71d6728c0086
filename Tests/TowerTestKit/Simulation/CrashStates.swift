import TowerJournal
import TowerStreaming

/// T-03: every state a power cut could leave, from the recorded changes and syncs of a small life.
///
/// At each point of the record: every subset of the changes that were not synced (of more than twelve, 4,096 subsets), and
/// each of them torn at every sector of its last write. Every distinct state is opened and compared with what had been
/// acknowledged by then.
public struct CrashStates: Sendable {
    public struct Outcome: Sendable {
        public var states = 0
        public var distinct = 0
        public var points = 0
        public var violations: [String] = []
        public init() {}
    }

    private struct Answer {
        var values: [String]
        var committed: Int64
    }
    private let seed: UInt64
    private var generator: SeededGenerator
    private var tried: [[String]] = []
    /// By mark: how many of `tried` were acknowledged, and the group's position.
    private var marks: [Answer] = []
    private var commits: Set<Int64> = [0]
    private var outcome = Outcome()
    private var seen: Set<UInt64> = []

    private init(seed: UInt64) {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
    }

    /// - Parameter bound: distinct states to stop at.
    public static func search(seed: UInt64, bound: Int) async -> Outcome {
        var search = CrashStates(seed: seed)
        do {
            let changes = try await search.live()
            await search.enumerate(changes, bound: bound)
        } catch {
            search.outcome.violations.append("seed \(seed): \(error)")
        }
        return search.outcome
    }

    /// Lives of successive seeds until `count` distinct states were tried.
    public static func search(count: Int, from seed: UInt64 = 0, workers: Int = 2) async -> Outcome {
        await withTaskGroup(of: Outcome.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    var total = Outcome()
                    var next = seed + UInt64(worker)
                    while total.distinct < count / workers, total.violations.isEmpty {
                        let found = await search(seed: next, bound: min(40_000, count / workers - total.distinct))
                        total.add(found)
                        next += UInt64(workers)
                    }
                    return total
                }
            }
            return await group.reduce(into: Outcome()) { $0.add($1) }
        }
    }

    private static func configuration(_ seed: UInt64) -> JournalConfiguration {
        var configuration = JournalConfiguration()
        configuration.firstSegmentBytes = [1024, 2048, 4096][Int(seed % 3)]
        configuration.maxSegmentBytes = configuration.firstSegmentBytes
        configuration.tailBytes = 16 << 10
        configuration.isHousekeepingInline = true
        return configuration
    }

    /// A life whose changes are kept. `marks[n]` is what was acknowledged when mark n was set.
    private mutating func live() async throws -> [DiskChange] {
        let disk = SimulatedDisk()
        disk.startRecording()
        let clock = ManualClock()
        let log = try await Journal.open(
            directory: "/log", configuration: Self.configuration(seed), disk: disk, clock: clock.milliseconds)
        let member = try await log.join(group: "g", patterns: [.siteEvents])
        marks.append(Answer(values: [], committed: 0))
        disk.mark(0)
        for number in 0..<8 {
            clock.advance(byMs: 7)
            let values = (0..<Int.random(in: 1...4, using: &generator)).map { index in
                "\(number).\(index) " + String(repeating: "z", count: Int.random(in: 0...400, using: &generator))
            }
            tried.append(values)
            let records = values.map { value in
                let isBusiness = Int.random(in: 0..<3, using: &generator) == 0
                let site = Int.random(in: 0..<3, using: &generator)
                return Record(
                    topic: isBusiness ? Topic.incidents(tenant: "t") : Topic.siteEvents(site: "S\(site)"), key: [1],
                    value: Array(value.utf8))
            }
            _ = try await log.append(records)
            marks.append(Answer(values: marks[marks.count - 1].values + values, committed: marks[marks.count - 1].committed))
            disk.mark(marks.count - 1)
            if number % 3 == 1 {
                let cursor = await log.end()
                commits.insert(cursor.sequence)
                try await log.commit(member, cursor: cursor)
                marks.append(Answer(values: marks[marks.count - 1].values, committed: cursor.sequence))
                disk.mark(marks.count - 1)
            }
        }
        try await log.close()
        return disk.recording
    }

    private struct Files {
        var durable: [String: [UInt8]] = [:]
        /// Not synced: changes in order, `nil` for the making of the file's name.
        var pending: [(path: String, change: SimulatedNode.Change?)] = []
    }

    private mutating func enumerate(_ changes: [DiskChange], bound: Int) async {
        var files = Files()
        var mark: Int?
        for change in changes {
            switch change {
            case .create(let path): files.pending.append((path, nil))
            case .write(let path, let position, let bytes): files.pending.append((path, .write(position, bytes)))
            case .truncate(let path, let size): files.pending.append((path, .truncate(size)))
            case .remove(let path):
                files.durable[path] = nil
                files.pending.removeAll { $0.path == path }
            case .rename(let path, let newPath):
                // Taken as durable at once: what is enumerated here renames nothing.
                files.durable[newPath] = files.durable.removeValue(forKey: path)
                files.pending = files.pending.map { ($0.path == path ? newPath : $0.path, $0.change) }
            case .sync(let path):
                settle(&files) { $0.path == path && $0.change != nil }
            case .syncFolder: settle(&files) { $0.change == nil }
            case .mark(let number): mark = number
            }
            outcome.points += 1
            await tryAll(files, mark)
            if outcome.distinct >= bound || !outcome.violations.isEmpty { return }
        }
    }

    private func settle(_ files: inout Files, _ isDue: ((path: String, change: SimulatedNode.Change?)) -> Bool) {
        for piece in files.pending where isDue(piece) {
            Self.apply(piece.change, to: piece.path, &files.durable)
        }
        files.pending.removeAll(where: isDue)
    }

    /// A file without its name yet collects its bytes all the same; it is dropped when the state is built.
    private static func apply(_ change: SimulatedNode.Change?, to path: String, _ files: inout [String: [UInt8]]) {
        var content = files[path] ?? []
        if let change { SimulatedNode.apply(change, to: &content) }
        files[path] = content
    }

    private mutating func tryAll(_ files: Files, _ mark: Int?) async {
        let count = files.pending.count
        let subsets = count <= 12 ? 1 << count : 4096
        for number in 0..<subsets {
            let bits = count <= 12 ? UInt64(number) : generator.next()
            // Names that are not durable are in the state only with their bit.
            var state = files.durable
            var nameless: Set<String> = []
            for (index, piece) in files.pending.enumerated() {
                let isKept = bits >> UInt64(index % 64) & 1 != 0
                if piece.change == nil, !isKept { nameless.insert(piece.path) }
                if isKept { Self.apply(piece.change, to: piece.path, &state) }
            }
            for path in nameless { state[path] = nil }
            await tryOne(state, mark)
            guard outcome.violations.isEmpty else { return }
            if number < 64 { await tryTorn(files, bits, nameless, mark) }
        }
    }

    /// The last write torn at each of its sectors: before it, and behind it.
    private mutating func tryTorn(_ files: Files, _ bits: UInt64, _ nameless: Set<String>, _ mark: Int?) async {
        guard let last = files.pending.last, case .write(let position, let bytes)? = last.change, !nameless.contains(last.path)
        else { return }
        var base = files.durable
        for (index, piece) in files.pending.dropLast().enumerated() where bits >> UInt64(index % 64) & 1 != 0 {
            Self.apply(piece.change, to: piece.path, &base)
        }
        for path in nameless { base[path] = nil }
        var at = (position / 512 + 1) * 512 - position
        while at < bytes.count {
            var head = base
            Self.apply(.write(position, Array(bytes[..<at])), to: last.path, &head)
            await tryOne(head, mark)
            var tail = base
            Self.apply(.write(position + at, Array(bytes[at...])), to: last.path, &tail)
            await tryOne(tail, mark)
            guard outcome.violations.isEmpty else { return }
            at += 512
        }
    }

    private mutating func tryOne(_ state: [String: [UInt8]], _ mark: Int?) async {
        outcome.states += 1
        var sum = UInt64(mark ?? 0)
        for path in state.keys.sorted() {
            sum = mixed(sum, hash(path))
            sum = mixed(sum, (state[path] ?? []).withUnsafeBytes { hash($0) })
        }
        guard seen.insert(sum).inserted else { return }
        outcome.distinct += 1
        let disk = SimulatedDisk()
        for (path, bytes) in state { disk.setContent(path, bytes) }
        do {
            if let wrong = try await difference(disk, mark) {
                outcome.violations.append("seed \(seed), point \(outcome.points), state \(outcome.states): \(wrong)")
            }
        } catch {
            outcome.violations.append("seed \(seed), point \(outcome.points), state \(outcome.states): could not open: \(error)")
        }
    }

    private func difference(_ disk: SimulatedDisk, _ mark: Int?) async throws -> String? {
        let log = try await Journal.open(directory: "/log", configuration: Self.configuration(seed), disk: disk, clock: { 2_000_000 })
        let read = try await SimulatedLife.everything(log).map { String(decoding: $0.record.value, as: UTF8.self) }
        let group = try await log.groups().first
        let damage = log.recovery.quarantined.first { !$0.file.hasSuffix("groups.tbl") }
        try await log.close()
        if let damage { return "undamaged bytes reported as damage: \(damage)" }
        let promised = mark.map { marks[$0] }
        guard read.starts(with: promised?.values ?? []) else {
            return "acknowledged \(promised?.values.count ?? 0) records, read \(read.map { $0.prefix(4) })"
        }
        // Beside it the next append, whole, and nothing else.
        var rest = read[...]
        for append in tried {
            guard rest.starts(with: append) else { break }
            rest.removeFirst(append.count)
        }
        guard rest.isEmpty else { return "false records: \(rest.map { $0.prefix(4) })" }
        let committed = group?.committed.sequence ?? 0
        if committed < promised?.committed ?? 0 || !commits.contains(committed) {
            return "the group stands at \(committed), committed was \(promised?.committed ?? 0)"
        }
        return nil
    }
}

extension CrashStates.Outcome {
    mutating func add(_ other: Self) {
        states += other.states
        distinct += other.distinct
        points += other.points
        violations += other.violations
    }
}
