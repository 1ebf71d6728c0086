import Glibc
import TowerJournal
import TowerStreaming

/// Figures of sealed segments: compressing, reading and checking them in both forms. `JournalBench storage [directory] [MB]`.
enum StorageBench {
    /// A site's telemetry as it comes in: an id, a site, readings that differ, a note.
    static func event(_ number: Int, site: Int) -> String {
        let id = String(number &* 0x9E37_79B9 & 0xFFFF_FFFF, radix: 16)
        return "{\"event_id\":\"\(id)-4\(number % 4096)-8000-\(number)\",\"event_type\":\"power.dc.telemetry\",\"tenant_id\":\"acme\","
            + "\"site_id\":\"SITE-\(100_000 + site)\",\"timestamp\":\"2026-11-21T08:\(10 + number / 60_000 % 50):\(10 + number / 1000 % 50).\(100 + number % 900)Z\","
            + "\"version\":\"1.0\",\"payload\":{\"bus_v\":\(53 + Double(number * 7919 % 97) / 100),\"load_i\":\(41 + Double(number * 104_729 % 89) / 10),"
            + "\"rect_i\":44.25,\"batt_i\":2.75,\"load_w\":\(2200 + number * 31 % 97)},\"metadata\":{\"seq\":\(number)}}"
    }

    static func run(directory: String, megabytes: Int) async throws {
        var settings = JournalConfiguration()
        settings.compressionDelayMs = 0
        let log = try await Journal.open(directory: directory, configuration: settings, clock: JournalBench.now)
        var number = 0
        var bytes = 0
        while bytes < megabytes << 20 {
            var records: [Record] = []
            for _ in 0..<500 {
                let site = number * 7919 % 10_000
                let value = Array(event(number, site: site).utf8)
                bytes += value.count + 80
                records.append(Record(topic: Topic.siteEvents(site: "SITE-\(100_000 + site)"), key: Array("SITE-\(site)".utf8), value: value))
                number += 1
            }
            _ = try await log.append(records)
        }
        try await read(log, "fetch_raw")
        try verify(directory, "verify_raw")
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        let outcome = try await log.compressSealed(now: .max)
        let spent = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu
        report(
            "compress", events: number, wall: seconds(CLOCK_MONOTONIC) - wall, cpu: spent,
            extra: ",\"before\":\(outcome.bytesBefore),\"after\":\(outcome.bytesAfter),\"mb_s_core\":\(Int(Double(outcome.bytesBefore) / spent / 1e6))")
        try await read(log, "fetch_compressed")
        try await byTopic(log)
        try await log.close()
        try verify(directory, "verify_compressed")
        let reopened = try await Journal.open(directory: directory, configuration: settings, clock: JournalBench.now)
        report(
            "open_compressed", events: number, wall: reopened.recovery.milliseconds / 1000, cpu: reopened.recovery.milliseconds / 1000,
            extra: ",\"bytes\":\(reopened.recovery.bytes),\"scanned\":\(reopened.recovery.scannedSegments)")
        try await reopened.close()
    }

    private static func read(_ log: Journal, _ name: String) async throws {
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        var cursor = LogCursor.start
        var count = 0
        let end = await log.end()
        while cursor < end {
            let block = try await log.fetchBlock(matching: [.siteEvents], from: cursor, maxRecords: 10_000, maxBytes: 4 << 20)
            count += block.count
            cursor = block.next
        }
        report(
            name, events: count, wall: seconds(CLOCK_MONOTONIC) - wall,
            cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    }

    private static func byTopic(_ log: Journal) async throws {
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        var count = 0
        for site in 0..<20 {
            count += try await log.fetch(topic: Topic.siteEvents(site: "SITE-\(100_000 + site * 491)"), from: 0, maxBytes: 20_000).count
        }
        report(
            "fetch_topic_compressed", events: count, wall: seconds(CLOCK_MONOTONIC) - wall,
            cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
    }

    private static func verify(_ directory: String, _ name: String) throws {
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        let found = try Journal.verify(directory: directory)
        let spent = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu
        report(
            name, events: Int(found.records), wall: seconds(CLOCK_MONOTONIC) - wall, cpu: spent,
            extra: ",\"gb_s_core\":\(Double(Int(Double(found.bytes) / spent / 1e7)) / 100),\"damaged\":\(found.damaged.count)")
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func report(_ name: String, events: Int, wall: Double, cpu: Double, extra: String = "") {
        let perCPU = Double(events) / cpu / 1e6
        print("{\"bench\":\"\(name)\",\"events\":\(events),\"wall_s\":\(wall),\"cpu_s\":\(cpu),\"m_ev_s_core\":\(perCPU)\(extra)}")
    }
}
