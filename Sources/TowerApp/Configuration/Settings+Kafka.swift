extension Settings {
    /// The log on a broker, and what keeps events while it is away.
    static let kafka: [Setting] = [
        Setting(
            key: "log.url", kind: .text, fallback: "",
            meaning:
                "Where the log is: empty is the journal in the data folder; `kafka://host:port,host:port` is Kafka or Redpanda. Roles in processes of their own need it, and `store.url` too."
        ),
        Setting(
            key: "kafka.layout", kind: .text, fallback: "keyed",
            meaning: "How logical topics lie in the broker's: keyed shares a few, per-site has one for each."),
        Setting(
            key: "kafka.topics.create", kind: .flag, fallback: "true",
            meaning: "Create topics that are missing. Off: somebody else does, or the brokers do when they are asked for."),
        Setting(
            key: "kafka.partitions.events", kind: .integer(1...10_000), fallback: "12",
            meaning: "Partitions of the topic of site events, when it is created."),
        Setting(
            key: "kafka.partitions.other", kind: .integer(1...10_000), fallback: "4", meaning: "Partitions of each other shared topic."),
        Setting(
            key: "kafka.shards", kind: .integer(1...64), fallback: "1",
            meaning:
                "How many shards the tenants are dealt out to: as many processes can run the engine, and the KPI calculator, at once. It divides the partitions of site events, all processes have the same, and docs/deployment.md says how to change it."
        ),
        Setting(key: "kafka.replication", kind: .integer(1...9), fallback: "3", meaning: "Copies of every partition."),
        Setting(
            key: "kafka.min_insync_replicas", kind: .integer(1...9), fallback: "2",
            meaning: "Copies that must have a record before it is acknowledged; at most `kafka.replication`."),
        Setting(
            key: "kafka.compression", kind: .text, fallback: "lz4", meaning: "Of batches on the way to the brokers: none, lz4, zstd, gzip or snappy."),
        Setting(
            key: "kafka.value_framing", kind: .text, fallback: "none",
            meaning:
                "Before each event's value: none, or registry for Confluent's zero byte and schema id (docs/registry.md). Readers take both."),
        Setting(key: "kafka.security.tls", kind: .flag, fallback: "false", meaning: "Speak TLS with the brokers."),
        Setting(
            key: "kafka.security.mechanism", kind: .text, fallback: "none",
            meaning: "SASL: none, PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."),
        Setting(key: "kafka.security.username", kind: .text, fallback: "", meaning: "Of SASL."),
        Setting(
            key: "kafka.security.password", kind: .text, fallback: "",
            meaning: "Of SASL. Put it into the environment or the file, not on the command line."),
        Setting(
            key: "kafka.security.ca_file", kind: .text, fallback: "", meaning: "PEM file of the authorities that are trusted; empty for the system's."),
        Setting(key: "kafka.security.certificate_file", kind: .text, fallback: "", meaning: "PEM file of our own certificate."),
        Setting(key: "kafka.security.key_file", kind: .text, fallback: "", meaning: "PEM file of its key."),
        Setting(key: "kafka.security.key_password", kind: .text, fallback: "", meaning: "Of that file."),
        Setting(
            key: "kafka.security.verify_host", kind: .flag, fallback: "true",
            meaning: "Check that a broker's certificate is of its host name. Off is for tests."),
        Setting(
            key: "kafka.append.timeout_seconds", kind: .integer(1...3600), fallback: "5",
            meaning: "How long the brokers may take for an append before it goes to the spool."),
        Setting(
            key: "kafka.call.timeout_seconds", kind: .integer(1...600), fallback: "15",
            meaning: "How long they may take for any other answer."),
        Setting(
            key: "kafka.session.seconds", kind: .integer(1...600), fallback: "10",
            meaning: "A role whose process died is taken over by the next one after so long; a clean stop hands it over at once."),
        Setting(
            key: "kafka.settings", kind: .text, fallback: "",
            meaning: "Further settings of librdkafka as name=value, separated by commas; they win over all others."),
        Setting(
            key: "spool.directory", kind: .text, fallback: "",
            meaning:
                "Folder for events that were accepted while the brokers were away; empty is `spool` in the data folder. Processes of a host may share it: each has a folder of its own in it and takes over those of dead ones."
        ),
        Setting(
            key: "spool.max_bytes", kind: .integer(1_048_576...1_000_000_000_000), fallback: "1073741824",
            meaning: "How much a process keeps there before the door answers 503."),
        Setting(
            key: "checkpoint.directory", kind: .text, fallback: "",
            meaning:
                "Folder for what the engine and the KPI calculator remember; empty is `checkpoints` in the data folder. A folder that their processes share lets the next one go on at once."
        ),
    ]
}
