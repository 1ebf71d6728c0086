import Foundation
import NIOCore
import TowerModel
import TowerStreaming

/// A window of the log as NDJSON, block by block: only the tenant's records, in arrival order.
struct RecordStream: Sendable {
    /// How a record is written.
    enum Form: String {
        /// `{"event":…,"topic":…,"offset":…,"sequence":…,"ingested_at":…}`; a dead letter has `raw_base64` for `event`.
        case records
        /// The event alone, as accepted.
        case values
    }

    let log: any EventLog
    let patterns: [TopicPattern]
    let tenant: TenantID
    let form: Form
    let deadLetters: TopicName
    private(set) var cursor: LogCursor
    let end: LogCursor
    /// Of the newest block, by its topics: whether each record's header must be asked.
    private var isShared: [Bool] = []
    private static let maxRecords = 4000
    private static let maxBytes = 1 << 20

    init(
        log: any EventLog, patterns: [TopicPattern], tenant: TenantID, form: Form, deadLetters: TopicName, from cursor: LogCursor,
        to end: LogCursor
    ) {
        self.log = log
        self.patterns = patterns
        self.tenant = tenant
        self.form = form
        self.deadLetters = deadLetters
        self.cursor = cursor
        self.end = end
    }

    /// The next lines; empty when a whole block held none of the tenant's; `nil` at the end of the window.
    mutating func next() async throws -> ByteBuffer? {
        guard cursor < end else { return nil }
        let block = try await log.fetchBlock(
            matching: patterns, from: cursor, maxRecords: Self.maxRecords, maxBytes: Self.maxBytes)
        guard block.next > cursor else { return nil }
        cursor = block.next
        isShared = block.topics.map { TopicPattern.siteEvents.matches($0) }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(block.bytes.count + block.count * 160)
        for index in 0..<block.count where block.entries[index].sequence < end.sequence && isOwn(block, index) {
            write(block, index, to: &buffer)
        }
        return buffer
    }

    private func isOwn(_ block: LogBlock, _ index: Int) -> Bool {
        // Other topics were asked for by a name that carries the tenant.
        !isShared[Int(block.entries[index].topic)] || block.header("tenant", index) == tenant.rawValue
    }

    private func write(_ block: LogBlock, _ index: Int, to buffer: inout ByteBuffer) {
        guard form == .records else {
            Self.writeLine(block.value(index), to: &buffer)
            buffer.writeInteger(UInt8(ascii: "\n"))
            return
        }
        let topic = block.topic(index)
        if topic == deadLetters {
            buffer.writeString("{\"raw_base64\":\"\(Data(block.value(index)).base64EncodedString())\"")
        } else {
            buffer.writeString("{\"event\":")
            Self.writeLine(block.value(index), to: &buffer)
        }
        let entry = block.entries[index]
        // Topic names hold only letters, digits and . _ : - and so need no escape.
        buffer.writeString(
            ",\"topic\":\"\(topic)\",\"offset\":\(entry.offset),\"sequence\":\(entry.sequence)"
                + ",\"ingested_at\":\"\(Timestamp(milliseconds: entry.timestampMs))\"}\n")
    }

    /// JSON over several lines becomes one line: a line break inside JSON is only ever white space.
    private static func writeLine(_ value: ArraySlice<UInt8>, to buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeBytes(value)
        guard value.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return }
        for index in start..<buffer.writerIndex where [0x0A, 0x0D].contains(buffer.getInteger(at: index, as: UInt8.self)) {
            buffer.setInteger(UInt8(ascii: " "), at: index)
        }
    }
}
