import Glibc
import KafkaTestKit
import TowerKafka
import TowerStreaming

/// One run, one line of figures.
struct KafkaBench {
    private let words: ProgramWords

    init(_ arguments: [String]) { words = ProgramWords(arguments) }

    func run() async -> Int32 {
        do {
            switch words.command {
            case "produce": try await produce()
            case "consume": try await consume()
            default:
                print("usage: KafkaBench produce|consume [--events N] [--sites N] [--layout keyed|per-site] [--compression C] [--batch N]")
                return 2
            }
            return 0
        } catch {
            print("\(words.command): \(error)")
            return 1
        }
    }

    private func make(_ cluster: MockCluster) throws -> KafkaLog {
        let layout = KafkaTopicLayout(rawValue: words["--layout"] ?? "keyed") ?? .keyed
        var configuration = KafkaConfiguration(bootstrap: cluster.bootstrap)
        configuration.layout = layout
        configuration.compression = KafkaConfiguration.Compression(rawValue: words["--compression"] ?? "none") ?? .none
        configuration.lingerMs = words.number("--linger", 5)
        configuration.appendTimeoutMs = 600_000
        configuration.callTimeoutMs = 120_000
        if layout == .keyed {
            try cluster.createKeyedTopics()
        } else {
            for site in 0..<words.number("--sites", 10_000) {
                try cluster.createTopic(Topic.siteEvents(site: Self.site(site)).rawValue, partitions: 1)
            }
        }
        return try KafkaLog(configuration, clock: { Int64(time(nil)) * 1000 })
    }

    private static func site(_ number: Int) -> String {
        let digits = String(number)
        return "SITE-" + String(repeating: "0", count: max(6 - digits.count, 0)) + digits
    }

    /// `count` events of as many sites as there are, each value 300 bytes, with the two headers that the door gives.
    private static func block(_ count: Int, from first: Int, sites: Int) -> RecordBlock {
        var bytes: [UInt8] = []
        var places: [(key: Range<Int>, value: Range<Int>)] = []
        for number in first..<first + count {
            let start = bytes.count
            bytes.append(contentsOf: Array("{\"site_id\":\"".utf8))
            let key = bytes.count
            bytes.append(contentsOf: Array(site(number &* 7919 % sites).utf8))
            let end = bytes.count
            bytes.append(contentsOf: Array("\",\"seq\":\(number),\"p\":\"".utf8))
            while bytes.count < start + 298 { bytes.append(UInt8(97 + (bytes.count &* 31 + number) % 26)) }
            bytes.append(contentsOf: Array("\"}".utf8))
            places.append((key..<end, start..<bytes.count))
        }
        var block = RecordBlock(bytes: bytes)
        block.reserveCapacity(records: count, topics: count)
        let headers = block.addHeaders([.init("tenant", "acme"), .init("type", "power.reading")])
        for place in places {
            block.append(topic: block.addSiteTopic(site: place.key), key: place.key, value: place.value, headers: headers)
        }
        return block
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    private static func load() -> Double {
        var loads = [0.0, 0.0, 0.0]
        getloadavg(&loads, 3)
        return loads[0]
    }

    private func report(_ what: String, _ events: Int, _ seconds: Double, _ cpu: Double) {
        let rate = Double(events) / seconds / 1e6
        let perCore = Double(events) / cpu / 1e6
        print(
            "\(what): \(events) events, \(rounded(seconds)) s, \(rounded(cpu)) CPU s with the mock, \(rounded(rate)) M ev/s,"
                + " \(rounded(perCore)) M ev per CPU s, load \(rounded(Self.load()))")
    }

    private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    private func produce() async throws {
        let cluster = try MockCluster(brokers: 3)
        let log = try make(cluster)
        let events = words.number("--events", 1_000_000)
        let size = words.number("--batch", 500)
        let sites = words.number("--sites", 10_000)
        // A few blocks over and over, so that making them is not measured.
        let blocks = (0..<64).map { Self.block(size, from: $0 * size, sites: sites) }
        for block in blocks { _ = try await log.append(block) }
        let cpu = Self.cpuSeconds()
        let began = ContinuousClock.now
        let workers = words.number("--workers", 8)
        let rounds = events / size / workers
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    for round in 0..<rounds { _ = try await log.append(blocks[(round * workers + worker) % blocks.count]) }
                }
            }
            try await group.waitForAll()
        }
        let seconds = Double((ContinuousClock.now - began) / .microseconds(1)) / 1e6
        report(
            "produce \(words["--layout"] ?? "keyed") \(words["--compression"] ?? "none"), \(sites) sites, blocks of \(size)",
            rounds * workers * size, seconds, Self.cpuSeconds() - cpu)
        try await log.close()
    }

    /// Reads what the mock still has, several times, each by a reader that knows nothing yet.
    private func consume() async throws {
        let cluster = try MockCluster(brokers: 3)
        let writer = try make(cluster)
        let size = words.number("--batch", 500)
        let sites = words.number("--sites", 10_000)
        for first in 0..<words.number("--events", 60_000) / size {
            _ = try await writer.append(Self.block(size, from: first * size, sites: sites))
        }
        var events = 0
        let cpu = Self.cpuSeconds()
        let began = ContinuousClock.now
        for _ in 0..<words.number("--times", 5) {
            let log = try KafkaLog(writer.configuration, clock: { 0 })
            var cursor = LogCursor.start
            while true {
                let block = try await log.fetchBlock(matching: [.siteEvents], from: cursor, maxRecords: 10_000, maxBytes: 8 << 20)
                events += block.count
                if block.next == cursor { break }
                cursor = block.next
            }
            try await log.close()
        }
        let seconds = Double((ContinuousClock.now - began) / .microseconds(1)) / 1e6
        report("consume, from opening the log to its end", events, seconds, Self.cpuSeconds() - cpu)
        try await writer.close()
    }
}
