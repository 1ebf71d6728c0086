import TowerModel

/// One measurement: the fields every result has, and those of its kind.
///
/// The names and their meaning are docs/benchmarks.md; the peers under Benchmarks/ print the same fields.
public struct BenchResult: Sendable {
    public var name: String
    /// Events that were measured; 0 where the measure is not about events.
    public var events = 0
    /// Bytes of those events' values.
    public var bytes = 0
    public var wallSeconds = 0.0
    /// Processor time of what is measured: this process, or the server and its children.
    public var cpuSeconds = 0.0
    /// Processor time of everybody else on the machine meanwhile; the client's own time is not in it. `nil` (`null` in the
    /// line, with `other_cpu` saying `unknown`) where the machine does not say.
    public var otherCPUSeconds: Double?
    /// What an acknowledgement promises: `synced` means that it survives a power cut.
    public var durability = "synced"
    /// 0 where it does not apply, like the next two.
    public var topics = 0
    public var batch = 0
    public var callers = 0
    public var machine: MachineFacts
    public var version = Version.current
    /// RFC 3339.
    public var date: String
    /// Fields of this kind of result, in the order they are printed.
    public var details: [(name: String, value: BenchValue)] = []

    init(_ name: String, machine: MachineFacts = .current) {
        self.name = name
        self.machine = machine
        date = SystemSources.now().description
    }

    var eventsPerSecond: Double { wallSeconds > 0 ? Double(events) / wallSeconds : 0 }
    var eventsPerCPUSecond: Double { cpuSeconds > 0 ? Double(events) / cpuSeconds : 0 }

    mutating func add(_ name: String, _ value: Double) { details.append((name, .number(value))) }
    mutating func add(_ name: String, _ value: Int) { details.append((name, .integer(value))) }
    mutating func add(_ name: String, _ value: String) { details.append((name, .text(value))) }
    mutating func add(_ name: String, _ value: Bool) { details.append((name, .flag(value))) }

    /// One line, without its end.
    public var json: String {
        let common: [(String, BenchValue)] = [
            ("name", .text(name)), ("events", .integer(events)), ("bytes", .integer(bytes)), ("wall_s", .number(wallSeconds)),
            ("cpu_s", .number(cpuSeconds)), ("events_per_s", .integer(Int(eventsPerSecond.rounded()))),
            ("events_per_cpu_s", .integer(Int(eventsPerCPUSecond.rounded()))), ("other_cpu_s", .number(otherCPUSeconds ?? .nan)),
            ("cores", .integer(machine.cores)), ("machine", .text(machine.model)), ("durability", .text(durability)),
            ("topics", .integer(topics)), ("batch", .integer(batch)), ("callers", .integer(callers)), ("version", .text(version)),
            ("date", .text(date)),
        ]
        let unknown: [(String, BenchValue)] =
            otherCPUSeconds == nil ? [("other_cpu", .text("unknown: /proc/stat does not say"))] : []
        return "{" + (common + unknown + details.map { ($0.name, $0.value) }).map { "\"\($0.0)\":\($0.1.json)" }.joined(separator: ",")
            + "}"
    }
}
