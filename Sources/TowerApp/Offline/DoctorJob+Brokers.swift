import TowerKafka
import TowerStreaming

extension DoctorJob {
    /// Looks at the brokers that the settings name, and changes nothing there.
    func brokers(_ kafka: KafkaConfiguration) async -> [Finding] {
        var kafka = kafka
        // Somebody waits for the answer.
        kafka.callTimeoutMs = min(kafka.callTimeoutMs, 5000)
        do {
            let log = try KafkaLog(kafka, clock: SystemSources.nowMilliseconds)
            let findings: [Finding]
            do {
                findings = Self.findings(try await log.drift(), kafka)
            } catch {
                findings = [Self.unreachable(error, kafka)]
            }
            try await log.close()
            return findings
        } catch {
            return [Self.unreachable(error, kafka)]
        }
    }

    private static func unreachable(_ error: any Error, _ kafka: KafkaConfiguration) -> Finding {
        // Those say themselves which setting to look at.
        let isToldFully = [.loginRefused, .badSetting].contains((error as? EventLogError)?.code)
        let advice = ". Check log.url, that the brokers run, and kafka.security.* if they ask for a login or TLS."
        return Finding(check: "brokers", verdict: .fail, detail: "\(kafka.bootstrap): \(error)" + (isToldFully ? "" : advice))
    }

    static func findings(_ report: KafkaDriftReport, _ kafka: KafkaConfiguration) -> [Finding] {
        let missing = report.drifts.filter { $0.what == "missing" }
        var findings = [
            Finding(
                check: "brokers", verdict: .ok,
                detail: "\(kafka.bootstrap) answer; \(report.topics.count - missing.count) of \(report.topics.count) topics are there"
                    + (report.hasSettings ? "" : "; their settings are not told, so only partitions and copies were compared"))
        ]
        if !missing.isEmpty {
            findings.append(
                Finding(
                    check: "topics", verdict: kafka.createsTopics ? .ok : .warn,
                    detail: "\(missing.map(\.topic.rawValue).joined(separator: ", ")): missing. "
                        + (kafka.createsTopics ? "The next start makes them." : "kafka.topics.create is off: create them, or switch it on.")))
        }
        let shards = kafka.topics.shards
        if shards > 1 {
            findings.append(
                Finding(
                    check: "shards", verdict: .ok,
                    detail: "tenants are dealt out to \(shards): as many engines and KPI calculators decide at once, each shard on"
                        + " \(kafka.topics.eventPartitions / shards) of \(kafka.topics.eventPartitions) partitions of site events"))
        }
        findings += report.drifts.filter { $0.what != "missing" }.map { drift in
            Finding(
                check: "topic drift", verdict: .warn,
                detail: "\(drift.topic) has \(drift.what) \(drift.found), wanted is \(drift.wanted). \(advice(drift))")
        }
        return findings
    }

    private static func advice(_ drift: KafkaDrift) -> String {
        switch drift.what {
        case "partitions" where drift.topic == Topic.shards:
            "No process starts like that: set kafka.shards to what is there, or change the number as docs/deployment.md says."
        case "partitions":
            "More partitions move sites and their order (docs/kafka.md): with everything stopped and read to its end, `kafka-topics --alter "
                + "--topic \(drift.topic) --partitions \(drift.wanted)`, or set kafka.partitions.* to what is there."
        case "replication": "`kafka-reassign-partitions` adds copies, or set kafka.replication to what is there."
        default:
            "`kafka-configs --alter --entity-type topics --entity-name \(drift.topic) --add-config \(drift.what)=\(drift.wanted)`, or change the setting."
        }
    }
}
