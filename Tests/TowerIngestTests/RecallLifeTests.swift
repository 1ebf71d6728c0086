import Glibc
import Testing
import TowerModel
import TowerStreaming
import TowerTestKit
@testable import TowerIngest
@testable import TowerJournal

/// Lives of a door over a real journal, both on one disk that fails and forgets: after every end each id that was ever sent is
/// sent again, and must be a duplicate exactly if the log has it.
@Suite struct RecallLifeTests {
    /// One life after the other on what the one before left.
    struct Lives {
        let window: Int
        var random: SeededGenerator
        var disk = FaultyDisk()
        var sent = 0
        /// Whose request was answered.
        var answered: Set<Int> = []
        /// Lives whose start took ids from the files.
        var recalled = 0

        init(seed: UInt64, window: Int) {
            self.window = window
            random = SeededGenerator(seed: seed)
        }

        private func open() async throws -> (Journal, IngestDoor) {
            var settings = JournalConfiguration()
            settings.firstSegmentBytes = 16 << 10
            settings.maxSegmentBytes = 64 << 10
            settings.tailBytes = 64 << 10
            settings.isHousekeepingInline = true
            let clock = ManualClock()
            let log = try await Journal.open(directory: "/data/log", configuration: settings, disk: disk, clock: clock.milliseconds)
            let archive = try DiskKeyArchive(
                directory: "/data/ids", newSecret: WideKey(high: 3, low: 4), keysPerFile: window, isInline: true, disk: disk)
            return (log, RecallTests.door(log, archive, window: window))
        }

        static func numbers(in log: Journal) async throws -> [Int] {
            var found: [Int] = []
            var cursor = LogCursor.start
            let end = await log.end()
            while cursor < end {
                let slice = try await log.fetch(matching: [.siteEvents], from: cursor, maxRecords: 1000, maxBytes: 1 << 20)
                for stored in slice.records {
                    let text = String(decoding: stored.record.value.dropFirst(13).prefix(36), as: UTF8.self)
                    found.append(try #require(Int(text.suffix(12), radix: 16)))
                }
                guard slice.next > cursor else { break }
                cursor = slice.next
            }
            return found
        }

        /// Lives until a call is refused, or for a number of requests, and ends somehow.
        mutating func live() async throws {
            let (log, door) = try await open()
            let report = try await door.recall(isLogWhole: log.recovery.quarantined.isEmpty)
            if report.keptIDs > 0 { recalled += 1 }
            let before = try await Self.numbers(in: log)
            let known = Set(before)
            #expect(answered.isSubset(of: known), "answered and not in the log")
            #expect(known.count == before.count, "in the log twice")
            // All that were ever sent, or the newest that the window promises.
            let asked = known.count <= window ? Array(0..<sent) : Array(before.suffix(window))
            for start in stride(from: 0, to: asked.count, by: 7) {
                let part = Array(asked[start..<min(start + 7, asked.count)])
                let again = try await RecallTests.ingest(part, door)
                #expect(again.duplicates == part.count(where: { known.contains($0) }) && again.accepted + again.duplicates == part.count)
                answered.formUnion(part)
            }
            let fault = Int.random(in: 1...400, using: &random)
            let kind: FaultyDisk.Fault = Bool.random(using: &random) ? .error(EIO) : .short(Bool.random(using: &random) ? ENOSPC : EIO)
            disk.fail(call: disk.calls + fault, with: kind, isLasting: Bool.random(using: &random))
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let first = Int.random(in: max(0, sent - 10)...sent, using: &random)
                let numbers = first..<first + Int.random(in: 1...9, using: &random)
                sent = max(sent, numbers.upperBound)
                if (try? await RecallTests.ingest(numbers, door)) != nil { answered.formUnion(numbers) }
            }
            if Bool.random(using: &random) {
                await door.close()
                try? await log.close()
            }
            let survival: FaultyDisk.Survival =
                switch Int.random(in: 0..<3, using: &random) {
                case 0: .everything
                case 1: .synced
                default: .random(seed: random.next())
                }
            disk = disk.restarted(survival)
        }
    }

    @Test("with a window larger than the log each id is in it once, and a duplicate exactly then", arguments: 1...12 as ClosedRange<UInt64>)
    func exact(_ seed: UInt64) async throws {
        var lives = Lives(seed: seed, window: 100_000)
        for _ in 0..<9 { try await lives.live() }
        #expect(lives.recalled > 0)
    }

    @Test("with a small window its newest ids are known after every end", arguments: 1...12 as ClosedRange<UInt64>)
    func newest(_ seed: UInt64) async throws {
        var lives = Lives(seed: seed, window: 60)
        for _ in 0..<10 { try await lives.live() }
        #expect(lives.recalled > 0)
    }
}
