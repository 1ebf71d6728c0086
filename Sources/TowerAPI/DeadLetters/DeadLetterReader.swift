import Foundation
import TowerModel
import TowerStores
import TowerStreaming

/// Reads letters with their bytes.
struct DeadLetterReader: Sendable {
    let log: any EventLog
    let topic: TopicName
    private static let windowBytes = 256 << 10

    /// One letter; `nil` when the log does not have it.
    func letter(_ offset: Int64) async throws -> StoredRecord? {
        do {
            // An offset before the start answers from the start: that is another record.
            return try await log.fetch(topic: topic, from: offset, maxBytes: 1).first.flatMap { $0.offset == offset ? $0 : nil }
        } catch let error as EventLogError where error.code == .unknownTopic {
            return nil
        }
    }

    /// Letters by rising offset; those that the log has no more are left out.
    func letters(_ rising: [Int64]) async throws -> [StoredRecord] {
        var found: [StoredRecord] = []
        found.reserveCapacity(rising.count)
        var index = 0
        while index < rising.count {
            let records = try await log.fetch(topic: topic, from: rising[index], maxBytes: Self.windowBytes)
            guard let last = records.last else { break }
            for record in records {
                while index < rising.count, rising[index] < record.offset { index += 1 }
                guard index < rising.count else { break }
                if rising[index] == record.offset { found.append(record) }
            }
            while index < rising.count, rising[index] <= last.offset { index += 1 }
        }
        return found
    }
}

extension DeadLetterView {
    /// - Parameters:
    ///   - standing: what the outcomes say; `nil` where that is not known.
    ///   - shownBytes: how much of the bytes is shown.
    init(_ stored: StoredRecord, _ standing: DeadLetterStanding?, shownBytes: Int = .max) {
        let record = stored.record
        let facts = DeadLetterFacts(stored)
        let shown = Array(record.value.prefix(shownBytes))
        let outcome = standing?.outcome.map {
            Outcome(
                result: $0.result.rawValue, by: $0.by, at: Timestamp(milliseconds: $0.atMs), code: $0.code.isEmpty ? nil : $0.code,
                why: $0.why.isEmpty ? nil : $0.why, isEdited: $0.isEdited)
        }
        self.init(
            id: stored.offset, reasonCode: facts.reason, detail: facts.detail, origin: facts.origin, originOffset: facts.originOffset,
            topic: facts.topic, siteID: facts.site, group: facts.group, attempts: standing?.attempts ?? facts.attempts,
            at: Timestamp(milliseconds: stored.timestampMs), state: (standing?.state ?? .waiting).name, outcome: outcome,
            line: facts.line, column: facts.column, field: facts.field, bytes: facts.bytes, isCut: facts.bytes > record.value.count,
            isText: Self.isText(record.value), text: String(decoding: shown, as: UTF8.self),
            rawBase64: Data(shown).base64EncodedString())
    }

    /// UTF-8 in which every character can be seen, or is white space that JSON knows.
    static func isText(_ bytes: [UInt8]) -> Bool {
        guard let text = String(validating: bytes, as: UTF8.self) else { return false }
        return text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || [0x09, 0x0A, 0x0D].contains($0.value) }
    }
}
