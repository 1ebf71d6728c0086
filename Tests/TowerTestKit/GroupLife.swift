public import TowerStreaming

/// A random life of one consumer group: members join, read, commit, leave, fall silent and crash; the group is moved, paused
/// and taken over by a single member; the log is opened anew. After every step the group must agree with a plain account of
/// what was handled.
///
/// - Checked: nothing is skipped, nothing settled comes again (but after a seek), a stale member never reads nor commits, every
///   slot has exactly one owner, positions survive a reopening.
public struct GroupLife {
    private static let group = "life"
    private static let sessionMs: Int64 = 500
    private let clock: ManualClock
    private let reopen: (() async throws -> any EventLog)?
    private var current: any EventLog
    private var generator: SeededGenerator
    private var readers: [String: GroupReader] = [:]
    /// Read and not committed, by member.
    private var pending: [String: [StoredRecord]] = [:]
    private var stale: [GroupReader] = []
    private var staleSingles: [GroupMembership] = []
    private var single: (membership: GroupMembership, read: LogCursor)?
    private var records: [StoredRecord] = []
    /// Of each record's topic.
    private var slots: [Int] = []
    /// Sequences whose effect is there and committed.
    private var settled: Set<Int64> = []
    private var isPaused = false
    private var step = 0

    /// - Parameter reopen: closes the log, or breaks it, and opens it again; `nil` when it cannot be.
    public init(seed: UInt64, log: any EventLog, clock: ManualClock, reopen: (() async throws -> any EventLog)? = nil) {
        self.clock = clock
        self.reopen = reopen
        current = log
        generator = SeededGenerator(seed: seed)
    }

    public mutating func run(steps: Int) async throws {
        for step in 0..<steps {
            self.step = step
            try await act()
            try await check()
        }
        try await drain()
        try await current.close()
    }

    private mutating func roll(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    private func require(_ condition: Bool, _ promise: @autoclosure () -> String) throws {
        if !condition { throw ContractViolation(description: "step \(step): \(promise())") }
    }

    private mutating func act() async throws {
        let name = "m\(roll(5))"
        switch roll(100) {
        case 0..<25: try await append()
        case 25..<50: try await read(name)
        case 50..<68: try await commit(name)
        case 68..<78: try await join(name)
        case 78..<82: try await leave(name)
        case 82..<85: crash(name)
        case 85..<88: clock.advance(byMs: Int64(roll(400)))
        case 88..<90: try await seek()
        case 90..<93: try await pause()
        case 93..<95: try await takeOver()
        case 95..<98: try await tryStale()
        default: try await openAnew()
        }
    }

    private mutating func append() async throws {
        let count = 1 + roll(6)
        var batch: [Record] = []
        for _ in 0..<count {
            batch.append(Record(topic: Topic.siteEvents(site: "S-\(roll(60))"), key: nil, value: Array("\(records.count)".utf8)))
        }
        let positions = try await current.append(batch)
        for (record, position) in zip(batch, positions) {
            slots.append(GroupSlots.slot(of: record.topic))
            records.append(
                StoredRecord(record: record, offset: position.offset, sequence: position.sequence, timestampMs: position.timestampMs))
        }
    }

    private mutating func join(_ name: String) async throws {
        if let older = readers[name] { stale.append(older) }
        dropSingle()
        readers[name] = try await GroupReader(
            log: current, group: Self.group, patterns: [.siteEvents], member: name, sessionMs: Self.sessionMs)
        pending[name] = []
    }

    /// A member that finds itself stale by silence was silent indeed.
    private mutating func read(_ name: String) async throws {
        if let single, readers.isEmpty {
            guard try await !current.groups()[0].isPaused else { return }
            let slice = try await current.fetch(
                matching: [.siteEvents], from: single.read, maxRecords: 1 + roll(8), maxBytes: 1 << 20)
            self.single?.read = slice.next
            return
        }
        guard var reader = readers[name] else { return }
        do {
            let batch = try await reader.next(maxRecords: 1 + roll(10), maxBytes: 1 << 20)
            readers[name] = reader
            try require(batch.isPaused == isPaused, "\(name) sees the pause")
            try require(!isPaused || batch.records.isEmpty, "\(name) read from a paused group")
            for record in batch.records {
                try require(!settled.contains(record.sequence), "\(record.sequence) was settled and came again to \(name)")
            }
            pending[name, default: []] += batch.records
        } catch let error as EventLogError where error.code == .staleMember {
            try await buried(name)
        }
    }

    private mutating func commit(_ name: String) async throws {
        if let single, readers.isEmpty {
            try await current.commit(single.membership, cursor: single.read)
            for record in records where record.sequence < single.read.sequence { settled.insert(record.sequence) }
            return
        }
        guard var reader = readers[name] else { return }
        do {
            try await reader.commit()
            readers[name] = reader
        } catch let error as EventLogError where error.code == .staleMember {
            try await buried(name)
            return
        }
        let own = try await current.groups()[0].shares.first { $0.member == name }?.slots ?? []
        for record in pending[name] ?? [] {
            let slot = own.first { $0.slot == GroupSlots.slot(of: record.record.topic) }
            // What moved away meanwhile comes again to its new owner.
            if let slot, record.sequence < slot.next.sequence { settled.insert(record.sequence) }
        }
        pending[name] = []
    }

    /// A member was told that it is stale: then the group must not know it any more.
    private mutating func buried(_ name: String) async throws {
        let shares = try await current.groups()[0].shares
        try require(!shares.contains { $0.member == name }, "\(name) was refused and is a member")
        if let reader = readers.removeValue(forKey: name) { stale.append(reader) }
        pending[name] = nil
    }

    private mutating func leave(_ name: String) async throws {
        if let reader = readers.removeValue(forKey: name) {
            try await reader.leave()
            stale.append(reader)
            pending[name] = nil
        }
    }

    /// The process forgets; the group learns it by silence, or when the name joins again.
    private mutating func crash(_ name: String) {
        if let reader = readers.removeValue(forKey: name) { stale.append(reader) }
        pending[name] = nil
    }

    private mutating func fenceAll() {
        stale += readers.values
        readers = [:]
        pending = [:]
        dropSingle()
    }

    private mutating func dropSingle() {
        if let single { staleSingles.append(single.membership) }
        single = nil
    }

    private mutating func seek() async throws {
        guard try await !current.groups().isEmpty else { return }
        let target = Int64(roll(records.count + 1))
        try await current.seek(group: Self.group, to: LogCursor(sequence: target))
        settled = Set(records.lazy.map(\.sequence).filter { $0 < target })
        fenceAll()
    }

    private mutating func pause() async throws {
        guard try await !current.groups().isEmpty else { return }
        isPaused.toggle()
        try await current.setPaused(group: Self.group, isPaused)
    }

    private mutating func takeOver() async throws {
        fenceAll()
        let membership = try await current.join(group: Self.group, patterns: [.siteEvents])
        single = (membership, membership.committed)
        settled = settled.filter { $0 < membership.committed.sequence }
    }

    private mutating func tryStale() async throws {
        if !stale.isEmpty {
            var reader = stale[roll(stale.count)]
            // A crashed one may still be known until its session ends or its name joins again.
            clock.advance(byMs: Self.sessionMs + 1)
            for attempt in 0..<3 {
                do {
                    switch attempt {
                    case 0: _ = try await reader.next(maxRecords: 1, maxBytes: 1)
                    case 1: try await reader.commit()
                    // The log that is open now, should the reader be of an earlier one.
                    default: _ = try await current.assignment(of: reader.member)
                    }
                } catch let error as EventLogError where error.code == .staleMember || error.code == .closed {
                    continue
                }
                try require(false, "a stale member \(reader.member) was let in")
            }
        }
        if !staleSingles.isEmpty {
            let membership = staleSingles[roll(staleSingles.count)]
            do {
                try await current.commit(membership, cursor: LogCursor(sequence: .max))
            } catch let error as EventLogError where error.code == .staleMember { return }
            try require(false, "a stale single member \(membership) was let in")
        }
    }

    private mutating func openAnew() async throws {
        guard let reopen, try await !current.groups().isEmpty else { return }
        let before = try await current.groups()[0]
        current = try await reopen()
        fenceAll()
        let after = try await current.groups()[0]
        try require(after.committed == before.committed && after.offsetLag == before.offsetLag, "positions survive: \(before) \(after)")
        try require(after.isPaused == isPaused && after.epoch >= before.epoch && after.members == 0, "pause and epoch survive")
    }

    /// Nothing below a slot's position is open, and every slot has one owner.
    private func check() async throws {
        guard let group = try await current.groups().first else { return }
        try require(group.isPaused == isPaused, "pause")
        for record in records where record.sequence < group.committed.sequence {
            try require(settled.contains(record.sequence), "\(record.sequence) is below the group's position and was skipped")
        }
        guard !group.shares.isEmpty else { return }
        let owned = group.shares.flatMap(\.slots)
        let sizes = group.shares.map(\.slots.count)
        // Slots of members that fell silent are dealt at the next call of one that has not.
        try require(Set(owned.map(\.slot)).count == owned.count, "a slot has two owners")
        try require(owned.count < GroupSlots.count || (sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1, "shares are uneven: \(sizes)")
        var positions = [Int64](repeating: 0, count: GroupSlots.count)
        for slot in owned { positions[slot.slot] = slot.next.sequence }
        for (record, slot) in zip(records, slots) where record.sequence < positions[slot] {
            try require(settled.contains(record.sequence), "\(record.sequence) is below slot \(slot)'s position and was skipped")
        }
    }

    /// At the end one member reads what is left: together with what is settled that is everything.
    private mutating func drain() async throws {
        if isPaused { try await pause() }
        clock.advance(byMs: Self.sessionMs + 1)
        fenceAll()
        var last = try await GroupReader(
            log: current, group: Self.group, patterns: [.siteEvents], member: "last", sessionMs: Self.sessionMs)
        var left: Set<Int64> = []
        while true {
            let batch = try await last.next(maxRecords: 7, maxBytes: 1 << 20)
            for record in batch.records {
                try require(!settled.contains(record.sequence), "\(record.sequence) was settled and came again at the end")
                try require(left.insert(record.sequence).inserted, "\(record.sequence) came twice")
            }
            if batch.next >= (await current.end()), batch.records.isEmpty { break }
        }
        try await last.commit()
        try require(left.union(settled) == Set(records.map(\.sequence)), "everything was read in the end")
        try require(try await current.groups()[0].offsetLag == 0, "no lag in the end")
    }
}
