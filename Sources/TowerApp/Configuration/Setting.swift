/// One thing that can be set: its key, what it takes, and what happens when nobody sets it.
///
/// The environment name is the key in capitals, dots as underscores, behind `TOWERCO_`: `server.port` is
/// `TOWERCO_SERVER_PORT`. docs/configuration.md is this table; a test keeps them equal.
public struct Setting: Sendable {
    public enum Kind: Sendable, Equatable {
        case text
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case flag
    }
    public let key: String
    public let kind: Kind
    public let fallback: String
    public let meaning: String

    public var environmentName: String { "TOWERCO_" + key.uppercased().replacing(".", with: "_") }

    /// In words: `8080`, `1 to 65535`.
    public var range: String {
        switch kind {
        case .text: "text"
        case .flag: "true or false"
        case .integer(let range): "\(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
        }
    }
}

/// Every setting of `towerco serve`.
public enum Settings {
    public static let all: [Setting] = [
        Setting(key: "server.host", kind: .text, fallback: "127.0.0.1", meaning: "Address to listen on. 0.0.0.0 for every interface."),
        Setting(key: "server.port", kind: .integer(0...65_535), fallback: "8080", meaning: "Port to listen on; 0 takes a free one and prints it."),
        Setting(
            key: "server.roles", kind: .text, fallback: "all",
            meaning: "Roles to run, separated by commas: data-ingestor, aiops-engine, kpi-calculator, notification-service, analytics-service, dashboard-service."),
        Setting(key: "data.directory", kind: .text, fallback: "data", meaning: "Where the journal and the database live."),
        Setting(
            key: "store.url", kind: .text, fallback: "",
            meaning:
                "Where answers are kept: empty is SQLite in the data folder; `postgres://user:password@host:5432/database?sslmode=verify-full` is PostgreSQL 15 or newer, with all that libpq takes. Put it into the environment or the file, not on the command line, where others see the password."
        ),
        Setting(
            key: "store.pool.connections", kind: .integer(3...200), fallback: "8",
            meaning: "Connections of this process to PostgreSQL: one writes read models, one samples, the rest read."),
        Setting(
            key: "store.connect.timeout_seconds", kind: .integer(1...300), fallback: "5",
            meaning: "How long PostgreSQL may take to accept a connection."),
        Setting(
            key: "store.statement.timeout_seconds", kind: .integer(1...3600), fallback: "30",
            meaning: "How long PostgreSQL may take for one statement; what takes longer is given up and tried again."),
        Setting(key: "console.directory", kind: .text, fallback: "web/dist", meaning: "Bundled console to serve."),
        Setting(
            key: "ingest.body.max_bytes", kind: .integer(1024...1_073_741_824), fallback: "67108864",
            meaning: "Largest request body, as sent."),
        Setting(
            key: "ingest.body.max_decompressed_bytes", kind: .integer(1024...4_294_967_296), fallback: "268435456",
            meaning: "Largest body after gzip."),
        Setting(key: "ingest.line.max_bytes", kind: .integer(256...16_777_216), fallback: "1048576", meaning: "Longest single event."),
        Setting(key: "ingest.lines.max", kind: .integer(1...10_000_000), fallback: "100000", meaning: "Most events in one body."),
        Setting(
            key: "ingest.dedupe.window_events", kind: .integer(1000...50_000_000), fallback: "2000000",
            meaning:
                "How many of the newest event ids are remembered for sure, to recognise a repeat, also after a restart. Up to twice as many are known at a time, at about 30 bytes each."),
        Setting(
            key: "journal.segment.bytes", kind: .integer(1_048_576...4_294_967_296), fallback: "67108864", meaning: "Size of a journal segment."),
        Setting(
            key: "journal.in_flight.max_bytes", kind: .integer(1_048_576...4_294_967_296), fallback: "268435456",
            meaning: "Bytes that may wait for their sync before callers are told to come back later."),
        Setting(
            key: "journal.compression", kind: .text, fallback: "lz4",
            meaning: "How segments that are full are kept: lz4 or none."),
        Setting(
            key: "journal.compression.delay_seconds", kind: .integer(0...86_400), fallback: "60",
            meaning: "A full segment is compressed when its newest record is this old, so that a storm does not pay for it."),
        Setting(
            key: "retention.telemetry.hours", kind: .integer(1...87_600), fallback: "168",
            meaning: "How long telemetry records and samples are kept. Business records are kept for good."),
        Setting(
            key: "retention.telemetry.bytes", kind: .integer(0...1_000_000_000_000_000), fallback: "0",
            meaning: "How much telemetry the log keeps on disk, the oldest going first; 0 is any."),
        Setting(
            key: "retention.business.bytes", kind: .integer(0...1_000_000_000_000_000), fallback: "0",
            meaning: "The same for business records: incidents, alerts, audit. 0 is any."),
        Setting(
            key: "checkpoint.records", kind: .integer(0...1_000_000_000), fallback: "200000",
            meaning: "After so many records the engine and the KPI calculator keep their state, so that a restart reads only what came since. 0 keeps none."),
        Setting(
            key: "checkpoint.seconds", kind: .integer(1...86_400), fallback: "300",
            meaning: "They keep it also after so much of the log's time."),
        Setting(
            key: "detection.novelty.series", kind: .integer(0...100_000), fallback: "256",
            meaning:
                "Series a tenant that have the full detector of novelty, 100 KB each at most, in the order in which they are first heard; the others have the cheap one."
        ),
        Setting(
            key: "detection.novelty.metrics", kind: .text, fallback: "",
            meaning:
                "Metrics whose series have it, separated by commas, for instance `ran.prb,power.dc.load_i`; those of `telemetry.metric` always do. Another value makes the engine read its log anew."
        ),
        Setting(
            key: "platform.tenant", kind: .text, fallback: "",
            meaning:
                "Tenant whose administrators may move, pause and resume consumer groups. Empty: the first of `TOWERCO_BOOTSTRAP_KEY` or, without it, the only tenant while there is only one."
        ),
        Setting(
            key: "heartbeat.seconds", kind: .integer(1...60), fallback: "5",
            meaning: "Period of the platform's own record that lets deadlines pass while every site is silent."),
        Setting(
            key: "registry.url", kind: .text, fallback: "",
            meaning: "Another schema registry with Confluent's contract, to which the catalogue's schemas are registered too; empty for none."),
        Setting(key: "registry.key", kind: .text, fallback: "", meaning: "Password of its Basic credentials; empty for none."),
        Setting(
            key: "registry.timeout_seconds", kind: .integer(1...300), fallback: "10", meaning: "Longest wait for an answer of that registry."),
        Setting(
            key: "canary.seconds", kind: .integer(0...3600), fallback: "10",
            meaning: "Period of the probe that each tenant's data takes the whole way with, where the dashboard-service runs; 0 sends none."),
        Setting(
            key: "dead_letters.watch_hours", kind: .integer(1...8760), fallback: "168",
            meaning: "How long a dead letter that nobody treated counts as untreated in /metrics."),
        Setting(
            key: "dead_letters.expire_days", kind: .integer(0...3650), fallback: "30",
            meaning: "After so long a dead letter that nobody treated is recorded as expired; it stays in the log. 0 expires none."),
        Setting(
            key: "metrics.sample_seconds", kind: .integer(1...300), fallback: "15",
            meaning: "How often the fleet and the dead letters are counted for /metrics."),
        Setting(
            key: "tracing.endpoint", kind: .text, fallback: "",
            meaning: "Address of an OpenTelemetry collector (OTLP over HTTP), for instance http://127.0.0.1:4318. Empty: nothing is traced."),
        Setting(
            key: "tracing.sample_ratio", kind: .number(0...1), fallback: "0.01",
            meaning: "Share of requests traced of those whose sender says nothing of it; 0 while there is no tracing.endpoint."),
        Setting(key: "log.format", kind: .text, fallback: "text", meaning: "text for people, json for one object a line."),
        Setting(
            key: "notify.allow_private", kind: .text, fallback: "",
            meaning: "Addresses and ranges that webhooks may reach although they are private, separated by commas: 10.1.0.0/16, 127.0.0.1."),
        Setting(
            key: "notify.console_url", kind: .text, fallback: "",
            meaning: "Where people open the console, https://noc.example.net; messages link to it. Empty leaves links out."),
        Setting(
            key: "notify.key", kind: .text, fallback: "",
            meaning: "32 bytes in base64 that webhook secrets are sealed with; the same in every process. Empty uses notify.key of the data folder."),
        Setting(
            key: "notify.age.max_minutes", kind: .integer(1...10_080), fallback: "360",
            meaning: "A message that could not be sent for so long is given up; what happened longer before it reached us is told to nobody."),
        Setting(key: "notify.attempts.max", kind: .integer(1...100), fallback: "10", meaning: "How often a message is tried."),
        Setting(
            key: "notify.retry.first_ms", kind: .integer(10...60_000), fallback: "1000",
            meaning: "Wait after the first try that failed; four times as long after each further one, five minutes at most."),
        Setting(key: "notify.smtp.host", kind: .text, fallback: "", meaning: "Relay that takes our mail. Empty: no mail is sent."),
        Setting(key: "notify.smtp.port", kind: .integer(1...65_535), fallback: "587", meaning: "Its port."),
        Setting(key: "notify.smtp.from", kind: .text, fallback: "", meaning: "Address that mail comes from."),
        Setting(
            key: "notify.smtp.security", kind: .text, fallback: "required",
            meaning: "required: STARTTLS or no mail. opportunistic: where the relay offers it. none: in the clear, for a relay on this machine."),
        Setting(key: "notify.smtp.user", kind: .text, fallback: "", meaning: "Name to log in with at the relay; empty for none."),
        Setting(key: "notify.smtp.password", kind: .text, fallback: "", meaning: "Its password. Better in the environment than in a file."),
        Setting(
            key: "notify.tls.ca_file", kind: .text, fallback: "",
            meaning: "PEM file of certificates that webhooks and the relay may be signed with, besides the machine's own."),
        Setting(key: "log.level", kind: .text, fallback: "info", meaning: "trace, debug, info, notice, warning, error or critical."),
        Setting(key: "demo.seed", kind: .integer(0...2_147_483_647), fallback: "7", meaning: "Seed of the simulated fleet."),
    ]

    static let byKey: [String: Setting] = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The known key nearest to a mistyped one, when it is near enough to be meant.
    public static func nearest(to key: String) -> String? {
        let ranked = all.map { (key: $0.key, distance: editDistance($0.key, key)) }.min { $0.distance < $1.distance }
        guard let ranked, ranked.distance <= max(3, key.count / 3) else { return nil }
        return ranked.key
    }

    /// Levenshtein distance.
    static func editDistance(_ left: String, _ right: String) -> Int {
        let a = Array(left.utf8)
        let b = Array(right.utf8)
        var previous = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var current = [i + 1] + [Int](repeating: 0, count: b.count)
            for (j, y) in b.enumerated() {
                current[j + 1] = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (x == y ? 0 : 1))
            }
            previous = current
        }
        return previous[b.count]
    }
}
