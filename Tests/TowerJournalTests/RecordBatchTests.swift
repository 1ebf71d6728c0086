import Testing
import TowerJournal
import TowerStreaming
import TowerTestKit

/// Batches are read by a parser of Kafka's format that was written from its description and shares nothing with the journal.
@Suite struct RecordBatchTests {
    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func big<Integer: FixedWidthInteger>(_ type: Integer.Type = Integer.self) -> Integer {
            var value: Integer = 0
            for _ in 0..<MemoryLayout<Integer>.size { value = value << 8 | Integer(truncatingIfNeeded: bytes.removeFirst()) }
            return value
        }

        mutating func varint() -> Int {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                let byte = bytes.removeFirst()
                value += UInt64(byte % 128) << shift
                if byte < 128 { break }
                shift += 7
            }
            return value % 2 == 0 ? Int(value / 2) : -Int(value / 2) - 1
        }

        mutating func take(_ count: Int) -> [UInt8] {
            defer { bytes.removeFirst(count) }
            return Array(bytes.prefix(count))
        }
    }

    private struct Parsed: Equatable {
        var offset: Int64
        var timestampMs: Int64
        var key: [UInt8]?
        var value: [UInt8]
        var headers: [[UInt8]]
    }

    private func parse(_ bytes: [UInt8]) throws -> [Parsed] {
        var records: [Parsed] = []
        var rest = Reader(bytes: bytes[...])
        while !rest.bytes.isEmpty {
            let baseOffset = rest.big(Int64.self)
            let length = Int(rest.big(Int32.self))
            var batch = Reader(bytes: rest.bytes.prefix(length))
            #expect(batch.bytes.count == length)
            rest.bytes.removeFirst(length)
            _ = batch.big(Int32.self)
            #expect(batch.big(Int8.self) == 2)
            let checksum = batch.big(UInt32.self)
            #expect(checksum == Castagnoli.checksum(batch.bytes))
            #expect(batch.big(Int16.self) == 8, "no compression, append time")
            let lastDelta = batch.big(Int32.self)
            let base = batch.big(Int64.self)
            let newest = batch.big(Int64.self)
            #expect(batch.big(Int64.self) == -1)
            #expect(batch.big(Int16.self) == -1)
            #expect(batch.big(Int32.self) == -1)
            let count = batch.big(Int32.self)
            #expect(count == lastDelta + 1 && base == newest)
            for _ in 0..<count {
                let size = batch.varint()
                let before = batch.bytes.count
                #expect(batch.take(1) == [0])
                let timestamp = base + Int64(batch.varint())
                let offset = baseOffset + Int64(batch.varint())
                let keyCount = batch.varint()
                let key = keyCount < 0 ? nil : batch.take(keyCount)
                let value = batch.take(batch.varint())
                var headers: [[UInt8]] = []
                for _ in 0..<batch.varint() {
                    headers.append(batch.take(batch.varint()))
                    headers.append(batch.take(batch.varint()))
                }
                #expect(before - batch.bytes.count == size)
                records.append(Parsed(offset: offset, timestampMs: timestamp, key: key, value: value, headers: headers))
            }
            #expect(batch.bytes.isEmpty)
        }
        return records
    }

    @Test(arguments: [0, 500, 1 << 20])
    func aTopicIsRenderedAsValidBatches(maxBytes: Int) async throws {
        let clock = ManualClock(startMs: 1_700_000_000_000)
        let log = try await JournalFixture.open(FaultyDisk(), JournalFixture.configuration(segmentBytes: 3000), clock: clock)
        var expected: [Parsed] = []
        for number in 0..<30 {
            clock.advance(byMs: 7)
            let size = [0, 1, 63, 64, 127, 128, 300, 9000][number % 8]
            let records = (0...number % 3).map { index in
                Record(
                    topic: JournalFixture.site(1), key: number % 4 == 0 ? nil : [UInt8](repeating: 1, count: number * 5),
                    value: [UInt8](repeating: UInt8(number), count: size),
                    headers: index == 1 ? [.init("ce_id", "\(number)"), .init("", "")] : [])
            }
            _ = try await log.append(records + [JournalFixture.record(JournalFixture.site(2), "between")])
            for record in records {
                expected.append(
                    Parsed(
                        offset: Int64(expected.count), timestampMs: clock.nowMs, key: record.key, value: record.value,
                        headers: record.headers.flatMap { [Array($0.name.utf8), $0.value] }))
            }
        }
        var parsed: [Parsed] = []
        while true {
            let bytes = try await log.recordBatches(topic: JournalFixture.site(1), from: Int64(parsed.count), maxBytes: maxBytes)
            if bytes.isEmpty { break }
            parsed += try parse(bytes)
        }
        #expect(parsed == expected)
        try await log.close()
    }
}
