import Logging
import ServiceLifecycle
import Synchronization
import TowerKafka
import TowerModel
import TowerRegistry
import TowerStreaming

/// A broker's log with a spool in front of its doors.
final class BrokerLog: ServedLog {
    private struct Seen {
        var groups: [GroupDescription] = []
        var end: Int64 = 0
        var trouble: String?
        /// By tenant: what the brokers last said of its letters, for when they are away.
        var letters: [TenantID: Int64] = [:]
    }
    let kafka: KafkaLog
    private let spooled: SpooledLog
    /// Spools of processes that died, which are emptied here.
    private let orphans: [AdoptedSpool]
    private let seen = Mutex(Seen())
    private let isDrainFailed = Mutex<String?>(nil)

    init(kafka: KafkaLog, spooled: SpooledLog, orphans: [AdoptedSpool]) {
        self.kafka = kafka
        self.spooled = spooled
        self.orphans = orphans
    }

    var log: any EventLog { kafka }
    var door: any EventLog { spooled }
    var refusal: EventLogError? { isDrainFailed.withLock { $0 }.map { EventLogError(.io, "the spool cannot be emptied: \($0)") } }
    var trouble: String? { seen.withLock { $0.trouble } }
    var bytesInFlight: Int { kafka.pending.bytes }
    var endSequence: Int64 { seen.withLock { $0.end } }
    var damagedRanges: Int { 0 }

    /// Of this process's own spool and those it has adopted.
    var spool: SpoolStatus? {
        var status = spooled.status
        for orphan in orphans {
            let other = orphan.status
            status.pendingRecords += other.pendingRecords
            status.storedBytes += other.pendingRecords > 0 ? other.storedBytes : 0
            status.drainedRecords += other.drainedRecords
            status.undeliverableRecords += other.undeliverableRecords
        }
        return status
    }

    func groups() async -> [GroupDescription] { seen.withLock { $0.groups } }

    private static let lettersScanned = 2000
    private static let lettersTenants = 10_000

    func letters(of tenant: TenantID, sinceMs: Int64) async -> Int64? {
        let pattern = TopicPattern(Topic.deadLetters(tenant: tenant.rawValue).rawValue)
        do {
            let newest = try await kafka.fetchBackward(
                matching: [pattern], before: await kafka.end(), maxRecords: Self.lettersScanned, maxScanned: Self.lettersScanned)
            let count = Int64(newest.records.count { $0.timestampMs >= sinceMs })
            seen.withLock { seen in
                if seen.letters[tenant] != nil || seen.letters.count < Self.lettersTenants { seen.letters[tenant] = count }
            }
            return count
        } catch {
            return seen.withLock { $0.letters[tenant] }
        }
    }

    /// Where the settings say so, events are written with the id of the envelope's schema from here on.
    func frameValues(by registry: SchemaRegistry) async throws {
        guard kafka.configuration.valueFraming == .registry else { return }
        kafka.frameValues(with: try await registry.registerEnvelope(of: KafkaTopicLayout.eventTopics.map(\.rawValue)))
    }

    func close() async throws {
        for orphan in orphans { await orphan.close() }
        try await spooled.close()
    }

    // MARK: In the background

    /// Asks the brokers where the groups stand, so that a scrape or a probe need not.
    func look() async throws {
        do {
            let groups = try await kafka.groups(among: Set(Role.groups(kafka.shards)))
            let end = await kafka.end().sequence
            seen.withLock {
                $0.groups = groups
                $0.end = end
                $0.trouble = nil
            }
        } catch {
            seen.withLock { $0.trouble = "\(error)" }
            throw error
        }
    }

    /// Empties the spools until cancelled.
    func drain(_ logger: Logger) async {
        await withTaskGroup(of: Void.self) { group in
            for orphan in orphans { group.addTask { await orphan.drain(logger) } }
            group.addTask { [self] in
                do { try await spooled.run() } catch {
                    guard !Task.isCancelled else { return }
                    // Appends go on filling it, until it is full or a restart takes it up anew.
                    logger.error("the spool cannot be emptied; restart this process", metadata: ["error": "\(error)"])
                    isDrainFailed.withLock { $0 = "\(error)" }
                }
            }
        }
    }
}

/// Empties the spools and keeps what the status pages tell of the brokers fresh.
struct BrokerService: Service {
    let log: BrokerLog
    let logger: Logger
    private static let period = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await log.drain(logger) }
                group.addTask { await look() }
            }
        }
    }

    private func look() async {
        var isFailing = false
        while !Task.isCancelled {
            do {
                try await log.look()
                isFailing = false
            } catch {
                if !isFailing, !Task.isCancelled {
                    logger.warning("the brokers do not say where the groups stand", metadata: ["error": "\(error)"])
                }
                isFailing = true
            }
            do { try await Task.sleep(for: Self.period) } catch { return }
        }
    }
}
