import Glibc
import TowerJournal
import TowerStreaming

/// The state of one simulated life; `SimulatedLife+Operations` holds what it does.
struct SimulatedLife {
    static let topics: [TopicName] =
        (0..<4).map { Topic.siteEvents(site: "S\($0)") } + [
            Topic.kpis(tenant: "t"), Topic.incidents(tenant: "t"), Topic.alerts(tenant: "t"), TopicName("misc"),
        ]
    static let directory = "/log"

    var outcome: JournalSimulation.Outcome
    var model = SimulatedModel()
    var generator: SeededGenerator
    var disk: SimulatedDisk
    var log: Journal?
    let clock = ManualClock()
    let configuration: JournalConfiguration
    var serial = 0

    init(seed: UInt64, lie: DiskLie?) {
        outcome = JournalSimulation.Outcome(seed: seed)
        generator = SeededGenerator(seed: seed)
        disk = SimulatedDisk(lie: lie)
        var configuration = JournalConfiguration()
        let bytes = [700, 1500, 1500, 6000, 6000, 1 << 16][Int.random(in: 0..<6, using: &generator)]
        configuration.firstSegmentBytes = bytes
        configuration.maxSegmentBytes = bytes * (Bool.random(using: &generator) ? 1 : 4)
        configuration.maxRecordBytes = 64 << 10
        configuration.tailBytes = 16 << 10
        configuration.isHousekeepingInline = true
        configuration.cachedIndexes = Int.random(in: 1...3, using: &generator)
        if Int.random(in: 0..<4, using: &generator) == 0 { configuration.maxGroupBytes = 600 }
        if Int.random(in: 0..<6, using: &generator) == 0 { configuration.maxBytesInFlight = 2500 }
        if Bool.random(using: &generator) {
            configuration.retentionMs = [.telemetry: 400, .business: 900]
            if Bool.random(using: &generator) { configuration.retentionBytes = [.telemetry: 4000, .business: 6000] }
        }
        self.configuration = configuration
    }

    mutating func chance(_ one: Int, in many: Int) -> Bool { Int.random(in: 0..<many, using: &generator) < one }

    mutating func violate(_ what: String) {
        outcome.violations.append("operation \(outcome.operations): \(what)")
    }

    mutating func run(operations: Int) async {
        await reopen()
        while outcome.operations < operations, outcome.violations.isEmpty, let log {
            outcome.operations += 1
            clock.advance(byMs: Int64.random(in: -5...60, using: &generator))
            disk.tell("operation \(outcome.operations), end \(model.end), time \(clock.nowMs)")
            if chance(1, in: 6) { armFault() }
            await operate(log)
            disk.note(UInt64(outcome.acknowledged))
            guard outcome.violations.isEmpty else { break }
            if disk.isOff {
                await crash(isPowerCut: true)
            } else if log.refusal != nil {
                // Fenced: what is readable must not have changed; then a restart of the process or of the machine.
                disk.heal()
                await check(log, "while fenced")
                await crash(isPowerCut: chance(1, in: 2))
            } else if chance(1, in: 12) {
                disk.heal()
                await end()
            }
        }
        if outcome.violations.isEmpty, let log, log.refusal == nil, !disk.isOff {
            disk.heal()
            await check(log, "at the end")
        }
        if outcome.violations.isEmpty { await crash(isPowerCut: true) }
        try? await log?.close()
        outcome.trace = disk.trace
        outcome.story = disk.story
    }

    private mutating func armFault() {
        let call = disk.calls + Int.random(in: 1...14, using: &generator)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0..<4: disk.cutPower(atCall: call)
        case 4..<7:
            let extents = SimulatedDisk.Failure.Extent.allCases
            disk.fail(
                SimulatedDisk.Failure(
                    call: call, number: [EIO, ENOSPC, EINTR][Int.random(in: 0..<3, using: &generator)],
                    extent: extents[Int.random(in: 0..<extents.count, using: &generator)], isLasting: chance(1, in: 3)))
        default: disk.leaveRoom(Int.random(in: 0...3000, using: &generator))
        }
    }

    /// An end that nobody planned, or a clean one.
    private mutating func end() async {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            try? await log?.close()
            await crash(isPowerCut: false)
        case 1:
            try? await log?.close()
            await crash(isPowerCut: true)
        case 2: await crash(isPowerCut: false)
        default: await crash(isPowerCut: true)
        }
    }

    /// What was answered must be there after it, and is checked.
    private mutating func crash(isPowerCut: Bool) async {
        let next = fresh(isPowerCut: isPowerCut)
        disk.cutPowerNow()
        // Ends the old journal's thread; on a dead disk it changes nothing.
        try? await log?.close()
        log = nil
        disk = next
        await reopen()
    }

    private mutating func fresh(isPowerCut: Bool) -> SimulatedDisk {
        guard isPowerCut else { return disk.afterKill() }
        outcome.cuts += 1
        let kinds = SimulatedDisk.Kept.allCases
        return disk.afterPowerCut(kinds[Int.random(in: 0..<kinds.count, using: &generator)], using: &generator)
    }

    /// Opens, sometimes with an end in the middle of opening, and compares.
    private mutating func reopen() async {
        for attempt in 0..<6 {
            outcome.openings += 1
            let isHurt = attempt < 4 && chance(1, in: 4)
            if isHurt {
                let call = disk.calls + Int.random(in: 1...30, using: &generator)
                if chance(2, in: 3) {
                    disk.cutPower(atCall: call)
                } else {
                    disk.fail(SimulatedDisk.Failure(call: call, number: EIO, extent: chance(1, in: 2) ? .half : .whole))
                }
            }
            do {
                let opened = try await Journal.open(
                    directory: Self.directory, configuration: configuration, disk: disk, clock: clock.milliseconds)
                if disk.isOff {
                    try? await opened.close()
                    disk = fresh(isPowerCut: true)
                    continue
                }
                disk.heal()
                log = opened
                // Members live in the process: whoever opens a journal finds its groups without any.
                for name in model.groups.keys { model.groups[name]?.membership = nil }
                return await settle(opened)
            } catch {
                guard isHurt else { return violate("could not open: \(error)") }
                let isOff = disk.isOff
                let next = fresh(isPowerCut: isOff)
                disk.cutPowerNow()
                disk = next
            }
        }
        violate("could not open in six tries")
    }

    private mutating func settle(_ log: Journal) async {
        disk.tell("opened: \(log.recovery)")
        let damage = log.recovery.quarantined.filter { !$0.file.hasSuffix("groups.tbl") }
        if let first = damage.first { return violate("undamaged bytes reported as damage: \(first)") }
        do {
            let read = try await Self.everything(log)
            let topics = try await log.topics(matching: nil)
            let groups = try await log.groups()
            if let wrong = model.settle(read: read, topics: topics, groups: groups, end: await log.end().sequence) {
                return violate("after opening: \(wrong)")
            }
        } catch {
            return violate("could not read after opening: \(error)")
        }
        disk.note(UInt64(model.kept.count))
        await check(log, "after opening")
    }

    static func everything(_ log: Journal) async throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var cursor = LogCursor.start
        let end = await log.end()
        while cursor < end {
            let slice = try await log.fetch(matching: [TopicPattern("*")], from: cursor, maxRecords: 1000, maxBytes: 1 << 20)
            records += slice.records
            guard slice.next > cursor else { break }
            cursor = slice.next
        }
        return records
    }
}
