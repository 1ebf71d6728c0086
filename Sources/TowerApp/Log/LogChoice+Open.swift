import Logging
import TowerIngest
import TowerJournal
import TowerKafka
import TowerModel
import TowerRegistry
import TowerStreaming

extension LogChoice {
    /// Asks so often for brokers that may be starting too.
    private static let attempts = 4
    private static let letterBytesMax = 256 << 10

    /// Opens brokers' log and the spool of this process.
    ///
    /// - Parameter announce: told once when the brokers have to be waited for.
    func open(
        _ kafka: KafkaConfiguration, _ spools: SpoolFolder, _ logger: Logger, _ announce: @Sendable (String) -> Void
    ) async throws -> BrokerLog {
        let claimed = try await spools.claim()
        var held = [claimed.own] + claimed.orphans.map(\.journal)
        do {
            let remote = try KafkaLog(kafka, clock: SystemSources.nowMilliseconds)
            do {
                try await Self.ready(remote, kafka.bootstrap, announce)
                let own = try await Self.spool(claimed.own, remote, spools.maxBytes, logger)
                var orphans: [AdoptedSpool] = []
                for orphan in claimed.orphans {
                    let spooled = try await Self.spool(orphan.journal, remote, spools.maxBytes, logger)
                    if spooled.status.pendingRecords > 0 {
                        orphans.append(AdoptedSpool(spooled, orphan.journal, path: orphan.path))
                    } else {
                        try await orphan.journal.close()
                        held.removeAll { $0 === orphan.journal }
                    }
                }
                return BrokerLog(kafka: remote, spooled: own, orphans: orphans)
            } catch {
                try? await remote.close()
                throw error
            }
        } catch {
            for journal in held { try? await journal.close() }
            throw error
        }
    }

    /// Makes the topics that every role may need, so that nobody waits for a first record to see one.
    private static func ready(_ remote: KafkaLog, _ bootstrap: String, _ announce: @Sendable (String) -> Void) async throws {
        for attempt in 1... {
            do {
                try await remote.ensureTopics()
                try await remote.checkShards()
                for topic in [Topic.canary, RegistryRecord.topic] { try await remote.createTopic(topic) }
                return
            } catch let error as EventLogError {
                // Who is not let in now is not let in a minute later.
                guard error.isRetriable, error.code != .loginRefused, attempt < attempts else {
                    throw CommandFailure("The brokers of log.url are not usable: \(error.message). `towerco doctor` looks closer.")
                }
                if attempt == 1 { announce("Waiting for the brokers at \(bootstrap): \(error.message).\n") }
            }
        }
    }

    private static func spool(_ journal: Journal, _ remote: KafkaLog, _ maxBytes: Int64, _ logger: Logger) async throws -> SpooledLog {
        var bounds = SpooledLog.Configuration()
        bounds.maxBytes = maxBytes
        return try await SpooledLog.open(
            remote: remote, spool: journal, configuration: bounds,
            pause: { attempt in try await Task.sleep(for: .milliseconds(min(200 * attempt, 5000))) },
            undeliverable: { stored, error in try await setAside(stored, error, remote, logger) })
    }

    /// A record that the brokers will never take goes to the dead letters of its tenant, cut to what they do take.
    private static func setAside(_ stored: StoredRecord, _ error: EventLogError, _ remote: KafkaLog, _ logger: Logger) async throws {
        let tenant = stored.record.header("tenant") ?? "unknown"
        logger.error("the brokers refuse a record for good; it goes to the dead letters", metadata: ["tenant": "\(tenant)", "error": "\(error)"])
        let letter = Record(
            topic: Topic.deadLetters(tenant: tenant), key: Array(stored.record.topic.rawValue.utf8),
            value: Array(stored.record.value.prefix(letterBytesMax)),
            headers: [
                Record.Header("reason_code", error.code.name), Record.Header("detail", String(error.message.prefix(1000))),
                Record.Header("origin", stored.record.topic.rawValue), Record.Header("attempts", "1"),
            ])
        while true {
            do {
                _ = try await remote.append([letter])
                return
            } catch let error as EventLogError where error.isRetriable || error.code == .fenced {
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
