import Foundation
public import TowerKafka
import TowerStreaming

/// Which log the settings name: the journal in the data folder, or brokers.
public struct LogChoice: Sendable {
    public enum Kind: Sendable {
        case embedded
        /// Holds a password and is never printed.
        case brokers(KafkaConfiguration)
    }
    public let kind: Kind

    private static let scheme = "kafka://"

    public init(_ configuration: Configuration) throws {
        let url = configuration.text("log.url")
        guard !url.isEmpty else {
            kind = .embedded
            return
        }
        guard url.hasPrefix(Self.scheme), url.count > Self.scheme.count else {
            throw CommandFailure("log.url is empty for the journal in the data folder, or kafka://host:port,host:port.", isUsage: true)
        }
        var kafka = KafkaConfiguration(bootstrap: String(url.dropFirst(Self.scheme.count)))
        kafka.clientID = "towerco-\(ProcessInfo.processInfo.hostName.prefix(100))-\(ProcessInfo.processInfo.processIdentifier)"
        kafka.layout = try Self.named("kafka.layout", configuration)
        kafka.compression = try Self.named("kafka.compression", configuration)
        kafka.valueFraming = try Self.named("kafka.value_framing", configuration)
        kafka.createsTopics = configuration.flag("kafka.topics.create")
        kafka.topics.eventPartitions = Int32(configuration.integer("kafka.partitions.events"))
        kafka.topics.otherPartitions = Int32(configuration.integer("kafka.partitions.other"))
        kafka.topics.shards = Int32(configuration.integer("kafka.shards"))
        kafka.topics.replication = Int16(configuration.integer("kafka.replication"))
        kafka.topics.minInsyncReplicas = Int16(configuration.integer("kafka.min_insync_replicas"))
        kafka.topics.telemetryRetentionMs = Int64(configuration.integer("retention.telemetry.hours")) * 3_600_000
        kafka.security = try Self.security(configuration)
        kafka.appendTimeoutMs = configuration.integer("kafka.append.timeout_seconds") * 1000
        kafka.callTimeoutMs = configuration.integer("kafka.call.timeout_seconds") * 1000
        kafka.sessionMs = configuration.integer("kafka.session.seconds") * 1000
        kafka.minSessionMs = min(kafka.minSessionMs, kafka.sessionMs)
        // A member by a fixed name keeps its part until its session ends; here a clean stop hands it over at once.
        kafka.staticMembership = false
        kafka.electsSingleMembers = true
        kafka.readsInOrderOfTime = true
        kafka.prefetchBytes = 2 << 20
        kafka.repeatsAreHarmless = true
        kafka.extra = try Self.extra(configuration.text("kafka.settings"))
        do { try kafka.validate() } catch { throw CommandFailure("\(error.message).", isUsage: true) }
        kind = .brokers(kafka)
    }

    public var isEmbedded: Bool { if case .embedded = kind { true } else { false } }

    private static func named<Value: RawRepresentable & CaseIterable>(
        _ key: String, _ configuration: Configuration
    ) throws -> Value where Value.RawValue == String {
        let text = configuration.text(key)
        guard let value = Value(rawValue: text) else {
            let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure("\(key) is `\(text)`, but takes one of \(names).", isUsage: true)
        }
        return value
    }

    private static func security(_ configuration: Configuration) throws -> KafkaSecurity {
        func given(_ key: String) -> String? {
            let text = configuration.text("kafka.security." + key)
            return text.isEmpty ? nil : text
        }
        var security = KafkaSecurity()
        security.isEncrypted = configuration.flag("kafka.security.tls")
        security.mechanism = try named("kafka.security.mechanism", configuration)
        security.username = given("username")
        security.password = given("password")
        security.authorityFile = given("ca_file")
        security.certificateFile = given("certificate_file")
        security.keyFile = given("key_file")
        security.keyPassword = given("key_password")
        for key in ["ca_file", "certificate_file", "key_file"] {
            guard let path = given(key), !FileManager.default.isReadableFile(atPath: path) else { continue }
            let why = FileManager.default.fileExists(atPath: path) ? "cannot be read; look at its rights" : "does not exist; name the file"
            throw CommandFailure("kafka.security.\(key) is \(path), which \(why).", isUsage: true)
        }
        security.verifiesHostName = configuration.flag("kafka.security.verify_host")
        return security
    }

    /// `name=value,name=value`.
    static func extra(_ text: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for pair in text.split(separator: ",") {
            guard let equals = pair.firstIndex(of: "="), equals > pair.startIndex else {
                throw CommandFailure("kafka.settings takes name=value, separated by commas, not `\(pair)`.", isUsage: true)
            }
            found[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        return found
    }
}
