import Glibc
import TowerJournal
import TowerStreaming

/// Figures of the journal alone: append with sync, fetch, recovery. `JournalBench [directory] [seconds]`,
/// `JournalBench storage [directory] [MB]` of sealed segments.
@main struct JournalBench {
    static let sites = 10_000
    static let batch = 500

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func report(_ name: String, events: Int, wall: Double, cpu: Double, extra: String = "") {
        func rounded(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }
        print(
            "{\"bench\":\"\(name)\",\"events\":\(events),\"wall_s\":\(rounded(wall)),\"cpu_s\":\(rounded(cpu)),"
                + "\"m_ev_s\":\(rounded(Double(events) / wall / 1e6)),\"m_ev_s_core\":\(rounded(Double(events) / cpu / 1e6))\(extra)}"
        )
    }

    /// A request body of 500 lines of 377 bytes, and its block.
    static func block(_ round: Int, topics: [TopicName]) -> RecordBlock {
        let line = 377
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: batch * line)
        for index in 0..<batch {
            for (place, byte) in "{\"event_id\":\"\(round)-\(index)\"".utf8.enumerated() { bytes[index * line + place] = byte }
        }
        var block = RecordBlock(bytes: bytes)
        block.reserveCapacity(records: batch, topics: batch)
        for index in 0..<batch {
            let topic = block.addTopic(topics[(round * batch + index * 7919) % topics.count])
            block.append(topic: topic, key: index * line..<index * line + 11, value: index * line..<(index + 1) * line)
        }
        return block
    }

    static func append(_ log: Journal, callers: Int, rounds: Int, topics: [TopicName], name: String) async throws {
        let blocks = (0..<64).map { block($0, topics: topics) }
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for round in 0..<rounds / callers { _ = try await log.append(blocks[(caller * 17 + round) % blocks.count]) }
                }
            }
            try await group.waitForAll()
        }
        report(
            name, events: rounds / callers * callers * batch, wall: seconds(CLOCK_MONOTONIC) - wall,
            cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, extra: ",\"topics\":\(topics.count),\"callers\":\(callers)")
    }

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "storage" {
            try await StorageBench.run(
                directory: arguments.dropFirst().first ?? "/tmp/journal-bench", megabytes: Int(arguments.dropFirst(2).first ?? "") ?? 1024)
            return
        }
        let directory = CommandLine.arguments.dropFirst().first ?? "/tmp/journal-bench"
        let rounds = Int(CommandLine.arguments.dropFirst(2).first ?? "") ?? 4000
        let topics = (0..<sites).map { Topic.siteEvents(site: "SITE-\(100_000 + $0)") }
        var log = try await Journal.open(directory: directory, clock: now)
        for callers in [1, 2, 4, 16] {
            try await append(log, callers: callers, rounds: rounds, topics: topics, name: "append_block")
        }
        try await append(log, callers: 4, rounds: rounds, topics: [topics[0]], name: "append_block")
        let records = (0..<8).map { block($0, topics: topics) }.map { block in (0..<block.count).map(block.record) }
        do {
            let wall = seconds(CLOCK_MONOTONIC)
            let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
            for round in 0..<rounds / 4 { _ = try await log.append(records[round % 8]) }
            report(
                "append_records", events: rounds / 4 * batch, wall: seconds(CLOCK_MONOTONIC) - wall,
                cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
        }
        try await singles(log, topics: topics)
        try await fetch(log)
        try await log.close()
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        let wall = seconds(CLOCK_MONOTONIC)
        log = try await Journal.open(directory: directory, clock: now)
        let spent = seconds(CLOCK_MONOTONIC) - wall
        let gigabytes = Double(log.recovery.bytes) / 1e9
        print(
            "{\"bench\":\"recovery\",\"gb\":\(gigabytes),\"wall_s\":\(spent),\"cpu_s\":\(seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu),"
                + "\"s_per_gb\":\(spent / gigabytes),\"segments\":\(log.recovery.segments),\"scanned\":\(log.recovery.scannedSegments),"
                + "\"topics\":\(log.recovery.topics)}")
        try await log.close()
    }

    static func singles(_ log: Journal, topics: [TopicName]) async throws {
        let callers = 64
        let each = 500
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: 377)
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for round in 0..<each {
                        _ = try await log.append([
                            Record(topic: topics[(caller * 131 + round) % topics.count], key: [1, 2, 3], value: value)
                        ])
                    }
                }
            }
            try await group.waitForAll()
        }
        report(
            "append_single_64_callers", events: callers * each, wall: seconds(CLOCK_MONOTONIC) - wall,
            cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    }

    static func fetch(_ log: Journal) async throws {
        let end = await log.end()
        var cursor = LogCursor(sequence: max(0, end.sequence - 2_000_000))
        var events = 0
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        while cursor < end {
            let slice = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 5000, maxBytes: 4 << 20)
            events += slice.records.count
            cursor = slice.next
        }
        report(
            "fetch_records", events: events, wall: seconds(CLOCK_MONOTONIC) - wall, cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    }
}
