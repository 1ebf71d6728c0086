import Foundation
import TowerStreaming

/// Sets records aside with their original bytes. A letter that is already there is not written again.
struct DeadLetterWriter: Sendable {
    /// Longest detail kept, characters.
    static let maxDetail = 1000

    let group: String
    private var written: Set<String> = []

    init(group: String) { self.group = group }

    /// Remembers the letters that this group wrote for records at or after its position.
    mutating func resume(from log: any EventLog, at position: LogCursor) async throws {
        written = []
        var cursor = position
        while true {
            let slice = try await log.fetch(matching: [.deadLetters], from: cursor, maxRecords: 1000, maxBytes: 8 << 20)
            for stored in slice.records where stored.record.header(DeadLetterHeader.group) == group {
                written.insert(Self.identity(stored.record.header(DeadLetterHeader.origin) ?? "", stored.record.header(DeadLetterHeader.originOffset) ?? ""))
            }
            guard slice.next > cursor else { return }
            cursor = slice.next
        }
    }

    mutating func write(_ poison: PoisonRecord, to log: any EventLog) async throws {
        let stored = poison.record
        let identity = Self.identity(stored.record.topic.rawValue, "\(stored.offset)")
        guard !written.contains(identity) else { return }
        // One that was put back before says how often it was tried.
        let attempts = (stored.record.header(DeadLetterHeader.priorAttempts).flatMap { Int($0) } ?? 0) + 1
        let record = Record(
            topic: Topic.deadLetters(tenant: Self.tenant(of: stored.record)), key: Array(stored.record.topic.rawValue.utf8),
            value: stored.record.value,
            headers: [
                Record.Header(DeadLetterHeader.reasonCode, poison.code), Record.Header(DeadLetterHeader.detail, String(poison.detail.prefix(Self.maxDetail))),
                Record.Header(DeadLetterHeader.origin, stored.record.topic.rawValue), Record.Header(DeadLetterHeader.originOffset, "\(stored.offset)"),
                Record.Header(DeadLetterHeader.attempts, "\(attempts)"), Record.Header(DeadLetterHeader.group, group),
            ] + Self.asItWas(stored.record))
        _ = try await log.append([record])
        written.insert(identity)
    }

    /// What the record needs to be put back into its topic.
    private static func asItWas(_ record: Record) -> [Record.Header] {
        let key = record.key.map { [Record.Header(DeadLetterHeader.originKey, $0)] } ?? []
        return key + record.headers.map { Record.Header(DeadLetterHeader.originHeaderPrefix + $0.name, $0.value) }
    }

    private static func identity(_ topic: String, _ offset: String) -> String { "\(topic)\n\(offset)" }

    /// Whose letter it is: the topic's tenant, else what the bytes say, else `unknown`, which no tenant can read.
    static func tenant(of record: Record) -> String {
        let topic = record.topic.rawValue
        for (head, tail) in [("towerco.kpis.", ".metrics"), ("towerco.alerts.", ".notifications"), ("towerco.incidents.", ".lifecycle")]
        where topic.hasPrefix(head) && topic.hasSuffix(tail) {
            return String(topic.dropFirst(head.count).dropLast(tail.count))
        }
        guard record.value.count <= 1 << 20, let object = try? JSONSerialization.jsonObject(with: Data(record.value)) as? [String: Any],
            let tenant = object["tenant_id"] as? String, isName(tenant)
        else { return "unknown" }
        return tenant
    }

    private static func isName(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
                default: false
                }
            }
    }
}
