public import TowerKafka
import TowerStreaming
import TowerTestKit

/// Appenders and a reader while brokers go down and up, leaders move, requests fail and answers are slow.
///
/// - Checked: every acknowledged record is read, each site's records in their order, and what comes twice came before in order.
/// - Appenders repeat an append that threw, one at a time for each site, as the door's callers do. The mock keeps an idempotent
///   producer's repeats, which brokers drop, so repeats are counted and not forbidden.
public struct BrokerFaults: Sendable {
    public struct Outcome: Sendable {
        public var acknowledged = 0
        public var repeats = 0
        public var throwings = 0
        public var faults = 0
        public var violations: [String] = []
        public init() {}
    }
    private struct Part: Sendable {
        var acknowledged: [String: Int]
        var throwings: Int
    }
    public var seed: UInt64
    public var layout = KafkaTopicLayout.keyed
    /// Longest answer, milliseconds.
    public var maxRoundTripMs = 200
    public var faults = 6
    private static let appenders = 3
    private static let sitesEach = 5

    public init(seed: UInt64) { self.seed = seed }

    public func run() async throws -> Outcome {
        let cluster = try MockCluster(brokers: 3)
        let sites = (0..<Self.appenders * Self.sitesEach).map { Topic.siteEvents(site: "S-\($0)") }
        if layout == .keyed {
            try cluster.createKeyedTopics()
        } else {
            for site in sites { try cluster.createTopic(site.rawValue, partitions: 1) }
        }
        var configuration = cluster.configuration(layout)
        // Shorter than some outages, so that appends throw and are repeated.
        configuration.appendTimeoutMs = max(2000, maxRoundTripMs * 3)
        configuration.callTimeoutMs = max(5000, maxRoundTripMs * 10)
        // A broker refuses a batch whose forerunner is missing; the mock takes it. So it gets one request at a time.
        configuration.extra["max.in.flight.requests.per.connection"] = "1"
        let clock = ManualClock()
        let log = try KafkaLog(configuration, clock: clock.milliseconds)
        let progress = Progress()
        var outcome = Outcome()
        try await withThrowingTaskGroup(of: Part.self) { group in
            for appender in 0..<Self.appenders {
                let own = Array(sites[appender * Self.sitesEach..<(appender + 1) * Self.sitesEach])
                group.addTask { try await Self.append(to: log, own, until: progress) }
            }
            // The appenders end whatever happens here.
            defer { progress.finish() }
            outcome.faults = try await trouble(cluster, sites)
            progress.finish()
            var counts: [String: Int] = [:]
            for try await part in group {
                counts.merge(part.acknowledged) { $0 + $1 }
                outcome.throwings += part.throwings
            }
            outcome.acknowledged = counts.values.reduce(0, +)
            try await Self.check(log, counts, &outcome)
        }
        try await log.close()
        return outcome
    }

    /// One record for each site a turn, numbers rising; the same again until it is acknowledged.
    private static func append(
        to log: KafkaLog, _ sites: [TopicName], until progress: Progress
    ) async throws -> Part {
        var number = 0
        var throwings = 0
        while !progress.isFinished || number == 0 {
            let records = sites.flatMap { site in
                (0..<2).map { Record(topic: site, key: nil, value: Array("\(number + $0)".utf8)) }
            }
            while true {
                do {
                    _ = try await log.append(records)
                    break
                } catch let error as EventLogError where error.isRetriable || error.code == .fenced {
                    throwings += 1
                    guard throwings < 1000 else { throw error }
                }
            }
            number += 2
        }
        let count = number
        return Part(acknowledged: Dictionary(uniqueKeysWithValues: sites.map { ($0.rawValue, count) }), throwings: throwings)
    }

    /// Faults one after another, seeded; all is well at the end.
    private func trouble(_ cluster: MockCluster, _ sites: [TopicName]) async throws -> Int {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<faults {
            let broker = Int32.random(in: 1...3, using: &generator)
            let ms = Int.random(in: 50...400, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0:
                try cluster.setDown(broker)
                await cluster.hold(ms: ms)
                try cluster.setUp(broker)
            case 1:
                try cluster.setDown(-1)
                await cluster.hold(ms: ms * 4)
                try cluster.setUp(-1)
            case 2:
                try cluster.setRoundTrip(broker, ms: Int.random(in: 0...maxRoundTripMs, using: &generator))
                await cluster.hold(ms: ms)
            case 3:
                let trouble = MockCluster.Trouble.allCases.randomElement(using: &generator) ?? .notLeader
                let request: MockCluster.Request = Bool.random(using: &generator) ? .produce : .fetch
                cluster.push(trouble, to: request, count: Int.random(in: 1...5, using: &generator))
                await cluster.hold(ms: ms)
            default:
                for _ in 0..<4 {
                    let site = sites.randomElement(using: &generator) ?? sites[0]
                    let place = layout.place(of: site)
                    let partitions: Int32 = layout == .keyed ? KafkaTopicPlan().eventPartitions : 1
                    try cluster.moveLeader(
                        place.rawValue, partition: KafkaTopicLayout.partition(of: site, count: partitions),
                        to: Int32.random(in: 1...3, using: &generator))
                }
                await cluster.hold(ms: ms)
            }
        }
        try cluster.setUp(-1)
        for broker in 1...3 as ClosedRange<Int32> { try cluster.setRoundTrip(broker, ms: 0) }
        return faults
    }

    private static func check(_ log: KafkaLog, _ counts: [String: Int], _ outcome: inout Outcome) async throws {
        var next: [String: Int] = [:]
        var cursor = LogCursor.start
        var idle = 0
        while idle < 2 {
            let block: LogBlock
            do {
                block = try await log.fetchBlock(matching: [.siteEvents], from: cursor, maxRecords: 5000, maxBytes: 1 << 22)
            } catch let error as EventLogError where error.isRetriable { continue }
            idle = block.isEmpty ? idle + 1 : 0
            cursor = block.next
            for index in 0..<block.count {
                let site = block.topic(index).rawValue
                guard let number = Int(String(decoding: block.value(index), as: UTF8.self)) else { continue }
                let expected = next[site] ?? 0
                if number == expected {
                    next[site] = number + 1
                } else if number < expected {
                    outcome.repeats += 1
                } else {
                    outcome.violations.append("\(site): \(number) after \(expected - 1)")
                    next[site] = number + 1
                }
            }
        }
        for (site, count) in counts where next[site] != count {
            outcome.violations.append("\(site): \(count) were acknowledged, \(next[site] ?? 0) read")
        }
    }
}
