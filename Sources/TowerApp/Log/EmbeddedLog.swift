import TowerJournal
import TowerModel
import TowerStreaming

/// The journal in the data folder.
struct EmbeddedLog: ServedLog {
    let journal: Journal

    var log: any EventLog { journal }
    var door: any EventLog { journal }
    var refusal: EventLogError? { journal.refusal }
    var trouble: String? { nil }
    var bytesInFlight: Int { journal.bytesInFlight }
    var endSequence: Int64 { journal.endSequence }
    var damagedRanges: Int { journal.damage.count }
    var spool: SpoolStatus? { nil }

    func groups() async -> [GroupDescription] { (try? await journal.groups()) ?? [] }

    func letters(of tenant: TenantID, sinceMs: Int64) async -> Int64? {
        let topic = Topic.deadLetters(tenant: tenant.rawValue)
        do {
            guard let described = try await journal.topics(matching: TopicPattern(topic.rawValue)).first else { return 0 }
            return described.endOffset - (try await journal.offset(topic: topic, atOrAfterMs: sinceMs))
        } catch {
            return nil
        }
    }

    func close() async throws { try await journal.close() }
}
