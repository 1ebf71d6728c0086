import TowerCausality
import TowerModel

@testable import TowerEngine

/// A log in words. One line is one event: `HH:MM:SS site type key=value …`; a later day is `1+HH:MM:SS`. Other lines:
/// `site NAME key=value …`, `link A B kind=hop parent=A`. A key's value is a number, `true`, or text.
struct EventScript {
    static let midnight = Timestamp("2026-01-15T00:00:00Z")!
    private(set) var batch: EventBatch
    private let symbols: SymbolTable
    private let tenant: String
    private var counter: UInt64 = 0
    private var order: [(at: Timestamp, line: [String])] = []

    init(_ text: String, tenant: String = "acme", symbols: SymbolTable = SymbolTable(capacity: 10_000)) {
        self.symbols = symbols
        self.tenant = tenant
        batch = EventBatch(symbols: symbols)
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            switch first {
            case "site": append("inventory.site", site: words[1], at: Self.midnight, Array(words.dropFirst(2)))
            case "link":
                append(
                    "topology.link", site: words[1], at: Self.midnight, ["a=\(words[1])", "b=\(words[2])"] + words.dropFirst(3))
            default: append(words[2], site: words[1], at: Self.instant(first), Array(words.dropFirst(3)))
            }
        }
    }

    static func instant(_ text: String) -> Timestamp {
        let parts = text.split(separator: "+")
        let day = parts.count > 1 ? Double(parts[0])! : 0
        let clock = parts.last!.split(separator: ":").map { Double($0)! }
        let seconds = clock[0] * 3_600 + clock[1] * 60 + (clock.count > 2 ? clock[2] : 0)
        return midnight.adding(seconds: day * 86_400 + seconds)
    }

    mutating func append(_ type: String, site: String, at: Timestamp, _ pairs: [String]) {
        // The id says what the event is, not when it was written down: scripts in another order give the same ids.
        let id = EventID.derived(from: .platformNamespace, "\(tenant)|\(type)|\(site)|\(at)|\(pairs.joined(separator: " "))")
        batch.valueStart.append(Int32(batch.bytes.count))
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            let key = symbols.intern(String(pair[..<equals]))
            let value = String(pair[pair.index(after: equals)...])
            let start = Int32(batch.bytes.count)
            batch.bytes.append(contentsOf: Array(value.utf8))
            let end = Int32(batch.bytes.count)
            let field: EventBatch.Field
            if value.hasPrefix("[") {
                field = .init(key: key, kind: .array, start: start, end: end)
            } else if let number = Double(value) {
                field = .init(key: key, kind: .number, number: number, start: start, end: end)
            } else if value == "true" || value == "false" {
                field = .init(key: key, kind: .bool, number: value == "true" ? 1 : 0, start: start, end: end)
            } else {
                field = .init(key: key, kind: .string, start: start, end: end)
            }
            batch.fields.append(field)
        }
        batch.valueEnd.append(Int32(batch.bytes.count))
        batch.fieldStart.append(Int32(batch.fields.count))
        batch.ids.append(id)
        batch.types.append(symbols.intern(type))
        batch.tenants.append(symbols.intern(tenant))
        batch.sites.append(symbols.intern(site))
        batch.timestamps.append(at)
        batch.versions.append(1 << 16)
    }

    func typeName(_ event: Int) -> String { symbols.name(batch.types[event]) }

    /// Events in the given order of indices.
    func reordered(_ order: [Int]) -> EventBatch {
        var result = EventBatch(symbols: symbols)
        for event in order {
            result.valueStart.append(Int32(result.bytes.count))
            for field in batch.fields[batch.fieldRange(event)] {
                var moved = field
                moved.start = Int32(result.bytes.count)
                result.bytes.append(contentsOf: batch.bytes[Int(field.start)..<Int(field.end)])
                moved.end = Int32(result.bytes.count)
                result.fields.append(moved)
            }
            result.valueEnd.append(Int32(result.bytes.count))
            result.fieldStart.append(Int32(result.fields.count))
            result.ids.append(batch.ids[event])
            result.types.append(batch.types[event])
            result.tenants.append(batch.tenants[event])
            result.sites.append(batch.sites[event])
            result.timestamps.append(batch.timestamps[event])
            result.versions.append(batch.versions[event])
        }
        return result
    }
}

/// Runs a script and keeps the newest revision of everything.
struct Outcome {
    var output = EngineOutput()
    var engine = Engine()

    init(_ script: String, until end: String? = nil) {
        output = engine.process(EventScript(script).batch, arrivedAt: nil)
        if let end { output.append(engine.advance(to: EventScript.instant(end))) }
        output.append(engine.finish())
    }

    /// Newest revision of each incident, oldest incident first; merged ones left out.
    var incidents: [IncidentSnapshot] {
        var latest: [EventID: IncidentSnapshot] = [:]
        for change in output.incidents { latest[change.snapshot.incidentID] = change.snapshot }
        return latest.values.filter { $0.status != .merged }.sorted {
            ($0.openedAt, $0.incidentID) < ($1.openedAt, $1.incidentID)
        }
    }

    var only: IncidentSnapshot? { incidents.count == 1 ? incidents[0] : nil }

    /// `site object condition` of an incident's first candidate.
    static func root(_ incident: IncidentSnapshot?) -> String {
        guard let first = incident?.rootCauseCandidates.first else { return "-" }
        return "\(first.siteID) \(first.managedObject) \(first.condition)".trimmingPrefix(" ").description
    }

    var activeAlarms: [Alarm] {
        var latest: [EventID: Alarm] = [:]
        for alarm in output.alarms { latest[alarm.alarmID] = alarm }
        return latest.values.filter { $0.state != .cleared }.sorted { $0.alarmID < $1.alarmID }
    }
}
