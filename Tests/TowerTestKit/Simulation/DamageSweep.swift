import TowerJournal
import TowerStreaming

/// T-04 and T-05: a store of 64 KB with each of its bits turned round, or its last segment cut at each byte.
public struct DamageSweep: Sendable {
    public struct Outcome: Sendable {
        public var tried = 0
        /// Noticed by opening, reading or `verify`.
        public var detected = 0
        /// In bytes that hold nothing: zeros between and behind what was written.
        public var slack = 0
        public var violations: [String] = []
        public init() {}
    }

    private let configuration: JournalConfiguration
    private let files: [String: [UInt8]]
    private let records: [StoredRecord]
    /// By record, the append and topic it shares a section with.
    private let sections: [Int64: String]
    /// Of the last segment: where each append's bytes end, without the zeros that fill up, and the records until then.
    private let ends: [(end: Int, count: Int)]
    public let bytes: Int
    private static let last = "/log/telemetry-0000000001.seg"

    /// - Parameter segmentBytes: 16 KB makes three sealed segments and two open ones of 64 KB together; 128 KB makes one.
    public static func make(segmentBytes: Int, appends: Int, isClosed: Bool) async throws -> DamageSweep {
        var configuration = JournalConfiguration()
        configuration.firstSegmentBytes = segmentBytes
        configuration.maxSegmentBytes = segmentBytes
        configuration.tailBytes = 16 << 10
        configuration.isHousekeepingInline = true
        let disk = SimulatedDisk()
        let clock = ManualClock()
        let log = try await Journal.open(directory: "/log", configuration: configuration, disk: disk, clock: clock.milliseconds)
        var generator = SeededGenerator(seed: 5)
        var sections: [Int64: String] = [:]
        var ends: [(end: Int, count: Int)] = []
        var total = 0
        for number in 0..<appends {
            clock.advance(byMs: 3)
            let records = (0..<3).map { index -> Record in
                let value = (0..<Int.random(in: 40...300, using: &generator)).map { _ in UInt8.random(in: 1...255, using: &generator) }
                let isBusiness = segmentBytes < 100_000 && number % 8 == 7
                return Record(
                    topic: isBusiness ? Topic.incidents(tenant: "t") : Topic.siteEvents(site: "S\((number + index) % 5)"), key: [7],
                    value: value)
            }
            for (record, position) in zip(records, try await log.append(records)) {
                sections[position.sequence] = "\(number) \(record.topic)"
            }
            total += records.count
            let content = disk.content(last)
            // No value ends in a zero; behind it the record says that it has no headers, which is one.
            ends.append(((content.lastIndex { $0 != 0 } ?? 0) + 2, total))
        }
        let records = try await SimulatedLife.everything(log)
        let before = disk.afterKill()
        try await log.close()
        let found = isClosed ? disk : before
        var files: [String: [UInt8]] = [:]
        for path in found.paths where path.hasSuffix(".seg") { files[path] = found.content(path) }
        return DamageSweep(
            configuration: configuration, files: files, records: records, sections: sections, ends: ends,
            bytes: files.values.reduce(0) { $0 + $1.count })
    }

    private init(
        configuration: JournalConfiguration, files: [String: [UInt8]], records: [StoredRecord], sections: [Int64: String],
        ends: [(end: Int, count: Int)], bytes: Int
    ) {
        self.configuration = configuration
        self.files = files
        self.records = records
        self.sections = sections
        self.ends = ends
        self.bytes = bytes
    }

    private func disk() -> SimulatedDisk {
        let disk = SimulatedDisk()
        for (path, content) in files { disk.setContent(path, content) }
        return disk
    }

    /// Turns round the bits with these numbers, counted through all files, one at a time.
    public func flip(_ bits: some Sequence<Int>) async -> Outcome {
        var outcome = Outcome()
        for bit in bits {
            var rest = bit
            for path in files.keys.sorted() {
                guard let content = files[path] else { continue }
                if rest < content.count * 8 {
                    await flip(path, rest, content, &outcome)
                    break
                }
                rest -= content.count * 8
            }
            if outcome.violations.count > 5 { break }
        }
        return outcome
    }

    private func flip(_ path: String, _ bit: Int, _ content: [UInt8], _ outcome: inout Outcome) async {
        let what = "\(path) byte \(bit / 8) bit \(bit % 8)"
        outcome.tried += 1
        let disk = disk()
        disk.flip(path, bit: bit)
        do {
            let verification = try Journal.verify(directory: "/log", disk: disk)
            let log = try await Journal.open(directory: "/log", configuration: configuration, disk: disk, clock: { 2_000_000 })
            let read = try await SimulatedLife.everything(log)
            let isNoticed =
                !verification.isIntact || verification.unacknowledgedBytes > 0 || !log.damage.isEmpty
                || log.recovery.droppedBytes > 0 || !log.recovery.rebuiltFooters.isEmpty
            try await log.close()
            if let wrong = Self.loss(read, records, sections, isNoticed: isNoticed) {
                outcome.violations.append("\(what): \(wrong)")
            } else if isNoticed {
                outcome.detected += 1
            } else if Self.isSlack(content, bit / 8) {
                outcome.slack += 1
            } else {
                outcome.violations.append("\(what): not noticed")
            }
        } catch let error as EventLogError where error.code == .corrupt {
            // A version nobody knows is refused as a whole.
            outcome.detected += 1
        } catch {
            outcome.violations.append("\(what): \(error)")
        }
    }

    /// What is missing must lie in one section, and be noticed; what is there must be right.
    private static func loss(
        _ read: [StoredRecord], _ records: [StoredRecord], _ sections: [Int64: String], isNoticed: Bool
    ) -> String? {
        var missing: Set<String> = []
        var at = 0
        for record in records {
            if at < read.count, read[at] == record {
                at += 1
            } else {
                missing.insert(sections[record.sequence] ?? "")
            }
        }
        if at < read.count { return "wrong bytes served at sequence \(read[at].sequence)" }
        if missing.count > 1 { return "\(missing.count) sections lost: \(missing.sorted())" }
        if !missing.isEmpty, !isNoticed { return "a section lost unnoticed" }
        return nil
    }

    /// A zero behind everything written, or one of the zeros that fill up to a multiple of eight.
    private static func isSlack(_ content: [UInt8], _ byte: Int) -> Bool {
        guard content[byte] == 0 else { return false }
        if byte > content.lastIndex(where: { $0 != 0 }) ?? -1 { return true }
        return content[byte..<min((byte / 8 + 1) * 8, content.count)].allSatisfy { $0 == 0 }
    }

    /// Cuts the last segment at these places, one at a time: what lies whole before the cut is there.
    public func cut(_ places: some Sequence<Int>) async -> Outcome {
        var outcome = Outcome()
        for place in places {
            outcome.tried += 1
            let disk = disk()
            disk.setContent(Self.last, Array((files[Self.last] ?? []).prefix(place)))
            do {
                let log = try await Journal.open(directory: "/log", configuration: configuration, disk: disk, clock: { 2_000_000 })
                let read = try await SimulatedLife.everything(log)
                let next = try await log.append([Record(topic: TopicName("misc"), key: nil, value: [1])])
                try await log.close()
                let least = ends.last { $0.end <= place }?.count ?? 0
                // A file that became shorter hides the frame's header, and with it how many records the append had: its first
                // whole sections stay. A power cut cannot do that, for a segment is filled before its first use.
                // A record that lost its last byte, which is a zero, has lost nothing.
                let most = (ends.last { $0.end - 1 <= place }?.count ?? 0) + 2
                if read.count < least || read.count > most || read != Array(records.prefix(read.count)) {
                    outcome.violations.append("cut at \(place): \(read.count) records, must be \(least) to \(most)")
                } else if next[0].sequence < Int64(read.count) {
                    outcome.violations.append("cut at \(place): sequence \(next[0].sequence) given again")
                }
                if log.recovery.droppedBytes > 0 { outcome.detected += 1 }
            } catch {
                outcome.violations.append("cut at \(place): \(error)")
            }
            if outcome.violations.count > 5 { break }
        }
        return outcome
    }

    /// Where the last segment's records end.
    public var dataEnd: Int { ends.last?.end ?? 0 }
}

extension DamageSweep.Outcome {
    public mutating func add(_ other: Self) {
        tried += other.tried
        detected += other.detected
        slack += other.slack
        violations += other.violations
    }
}
