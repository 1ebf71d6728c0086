import Glibc
import TowerJournal
import TowerStreaming

/// Figures of the journal alone. `JournalBench [directory] [rounds] [name...]`; one line of JSON a figure.
///
/// Names: `append` (1, 10,000 and 100,000 topics in turn), `callers`, `records`, `single`, `both` (both classes in one
/// append), `fetch`, `topic`, `recovery`, `idle` (memory of topics without traffic), `cold` (opening). Without a name: all
/// but the last two, which want a process of their own. `JournalBench storage [directory] [MB]` is about sealed segments. A round is 500 events of 377 bytes. CPU is the whole process's.
@main struct JournalBench {
    static let batch = 500
    static let directory = CommandLine.arguments.dropFirst().first ?? "/tmp/journal-bench"
    static let rounds = Int(CommandLine.arguments.dropFirst(2).first ?? "") ?? 4000
    static let names = Set(CommandLine.arguments.dropFirst(3))

    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "storage" {
            try await StorageBench.run(
                directory: arguments.dropFirst().first ?? "/tmp/journal-bench", megabytes: Int(arguments.dropFirst(2).first ?? "") ?? 1024)
            return
        }
        let topics = (0..<100_000).map { Topic.siteEvents(site: "SITE-\(100_000 + $0)") }
        let all: [(String, (Journal) async throws -> Void)] = [
            ("append", { try await appendByTopics($0, topics) }), ("callers", { try await appendByCallers($0, topics) }),
            ("records", { try await appendRecords($0, topics) }), ("single", { try await singles($0, topics) }),
            ("both", { try await bothClasses($0, topics) }), ("fetch", { try await fetch($0) }),
            ("topic", { try await fetchTopic($0, topics) }),
        ]
        if names.contains("idle") { return try await idleTopics(topics) }
        if names.contains("cold") { return try await coldStart(topics) }
        var log = try await Journal.open(directory: directory, clock: now)
        for (name, run) in all where names.isEmpty || names.contains(name) { try await run(log) }
        try await log.close()
        guard names.isEmpty || names.contains("recovery") else { return }
        let meter = Meter()
        log = try await Journal.open(directory: directory, clock: now)
        reportOpening(log, "recovery", meter)
        try await log.close()
    }

    static func reportOpening(_ log: Journal, _ name: String, _ meter: Meter) {
        let spent = meter.spent()
        let gigabytes = Double(log.recovery.bytes) / 1e9
        print(
            "{\"bench\":\"\(name)\",\"gb\":\(gigabytes),\"wall_s\":\(spent.wall),\"cpu_s\":\(spent.user + spent.system),"
                + "\"s_per_gb\":\(spent.wall / gigabytes),\"segments\":\(log.recovery.segments),"
                + "\"scanned\":\(log.recovery.scannedSegments),\"topics\":\(log.recovery.topics)}")
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

    /// Appends `rounds` batches from `callers` tasks.
    static func append(_ log: Journal, callers: Int, rounds: Int, blocks: [RecordBlock], name: String, topics: Int) async throws {
        let meter = Meter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for round in 0..<rounds / callers {
                        _ = try await log.append(blocks[(caller + round * callers) % blocks.count])
                    }
                }
            }
            try await group.waitForAll()
        }
        meter.report(name, events: rounds / callers * callers * batch, extra: ",\"topics\":\(topics),\"callers\":\(callers)")
    }

    /// The same load on 1, 10,000 and 100,000 topics, five times in turn, so that other load on the machine meets all.
    static func appendByTopics(_ log: Journal, _ topics: [TopicName]) async throws {
        let counts = [1, 10_000, 100_000]
        let blocks = counts.map { count in (0..<200).map { block($0, topics: Array(topics.prefix(count))) } }
        for count in counts.indices {
            try await append(log, callers: 4, rounds: 200, blocks: blocks[count], name: "warm_up", topics: counts[count])
        }
        for _ in 0..<5 {
            for index in counts.indices {
                try await append(
                    log, callers: 16, rounds: rounds / 5, blocks: blocks[index], name: "append_block", topics: counts[index])
            }
        }
    }

    static func appendByCallers(_ log: Journal, _ topics: [TopicName]) async throws {
        let blocks = (0..<64).map { block($0, topics: Array(topics.prefix(10_000))) }
        for callers in [1, 2, 4, 16] {
            try await append(log, callers: callers, rounds: rounds / 4, blocks: blocks, name: "append_block", topics: 10_000)
        }
    }

    static func appendRecords(_ log: Journal, _ topics: [TopicName]) async throws {
        let records = (0..<8).map { round in
            let made = block(round, topics: Array(topics.prefix(10_000)))
            return (0..<made.count).map(made.record)
        }
        let meter = Meter()
        for round in 0..<rounds / 4 { _ = try await log.append(records[round % 8]) }
        meter.report("append_records", events: rounds / 4 * batch)
    }

    static func singles(_ log: Journal, _ topics: [TopicName]) async throws {
        let callers = 64
        let each = max(rounds / 8, 1)
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: 377)
        let meter = Meter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers {
                group.addTask {
                    for round in 0..<each {
                        let topic = topics[(caller * 131 + round) % 10_000]
                        _ = try await log.append([Record(topic: topic, key: [1, 2, 3], value: value)])
                    }
                }
            }
            try await group.waitForAll()
        }
        meter.report("append_single_64_callers", events: callers * each)
    }

    /// One record of each class in every append, against two of one class.
    static func bothClasses(_ log: Journal, _ topics: [TopicName]) async throws {
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: 377)
        let second = [topics[1], Topic.incidents(tenant: "acme")]
        for round in 0..<6 {
            let other = second[round % 2]
            let records = [Record(topic: topics[0], key: nil, value: value), Record(topic: other, key: nil, value: value)]
            let meter = Meter()
            for _ in 0..<max(rounds / 10, 1) { _ = try await log.append(records) }
            meter.report(round % 2 == 0 ? "append_one_class" : "append_both_classes", events: max(rounds / 10, 1) * 2)
        }
    }

    /// The last two million records, as single records and as blocks, in turn.
    static func fetch(_ log: Journal) async throws {
        let end = await log.end()
        let begin = LogCursor(sequence: max(0, end.sequence - 2_000_000))
        for _ in 0..<3 {
            for name in ["fetch_records", "fetch_blocks"] {
                var cursor = begin
                var events = 0
                let meter = Meter()
                while cursor < end {
                    if name == "fetch_records" {
                        let slice = try await log.fetch(
                            matching: [.siteEvents], from: cursor, maxRecords: 5000, maxBytes: 4 << 20)
                        events += slice.records.count
                        cursor = slice.next
                    } else {
                        let block = try await log.fetchBlock(
                            matching: [.siteEvents], from: cursor, maxRecords: 20_000, maxBytes: 4 << 20)
                        events += block.count
                        cursor = block.next
                    }
                }
                meter.report(name, events: events)
            }
        }
    }

    /// One topic's records from offset to offset, a few at a time.
    static func fetchTopic(_ log: Journal, _ topics: [TopicName]) async throws {
        for topic in [topics[0], topics[5000]] {
            guard let known = try await log.topics(matching: TopicPattern(topic.rawValue)).first else { continue }
            var offset = known.startOffset
            var events = 0
            var calls = 0
            let meter = Meter()
            while offset < known.endOffset, calls < 2000 {
                let found = try await log.fetch(topic: topic, from: offset, maxBytes: 32 << 10)
                guard let last = found.last else { break }
                events += found.count
                calls += 1
                offset = last.offset + 1
            }
            meter.report("fetch_topic", events: events, extra: ",\"calls\":\(calls)")
        }
    }

    /// Memory of topics that were only declared, beside an empty journal's.
    static func idleTopics(_ topics: [TopicName]) async throws {
        let empty = residentBytes()
        let log = try await Journal.open(directory: directory, clock: now)
        try await log.createTopic(Topic.audit)
        // The memory for the newest bytes is filled first: it has its size however many topics there are.
        try await append(log, callers: 1, rounds: 100, blocks: [block(0, topics: [topics[0]])], name: "fill", topics: 1)
        let open = residentBytes()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<64 {
                group.addTask {
                    for index in stride(from: caller, to: topics.count, by: 64) { try await log.createTopic(topics[index]) }
                }
            }
            try await group.waitForAll()
        }
        let filled = residentBytes()
        let names = topics.reduce(0) { $0 + $1.rawValue.utf8.count } / topics.count
        print(
            "{\"bench\":\"idle_topics\",\"before_mb\":\(empty / 1_000_000),\"open_mb\":\(open / 1_000_000),"
                + "\"with_topics_mb\":\(filled / 1_000_000),\"bytes_per_topic\":\((filled - open) / topics.count),"
                + "\"name_bytes\":\(names)}")
        try await log.close()
    }

    /// Opening to the first append's answer with what is in the folder; fills it to 10 GB first if it is empty.
    static func coldStart(_ topics: [TopicName]) async throws {
        var log = try await Journal.open(directory: directory, clock: now)
        let blocks = (0..<200).map { block($0, topics: Array(topics.prefix(10_000))) }
        let missing = max(0, 20_800_000 - Int(await log.end().sequence))
        if missing > 0 {
            try await append(log, callers: 16, rounds: missing / batch, blocks: blocks, name: "fill", topics: 10_000)
        }
        try await log.close()
        for _ in 0..<5 {
            let meter = Meter()
            log = try await Journal.open(directory: directory, clock: now)
            reportOpening(log, "cold_start", meter)
            _ = try await log.append([Record(topic: topics[0], key: nil, value: [1])])
            meter.report("cold_start_to_first_answer", events: 1)
            try await log.close()
        }
    }
}
