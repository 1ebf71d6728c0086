import Foundation
import Glibc
import TowerJournal

/// `towerco bench start`: from starting the real binary to a 200 of `/readyz`, and the memory it then takes.
public struct StartBench: Sendable {
    private let options: BenchOptions
    private let gigabytes: Double
    private let binary: String?
    private let roles: [String]
    private let output: BenchOutput

    /// - Parameters:
    ///   - gigabytes: values in the log of the full start, 0 for none of it.
    ///   - binary: `towerco` to be started; `nil` is this one.
    ///   - roles: `all`, or role names. A log that is filled here leaves every group a backlog, which a running server does not
    ///     have, so that only the ingestor's start is like life.
    public init(_ options: BenchOptions, gigabytes: Double, binary: String?, roles: [String], output: BenchOutput) throws {
        try options.check()
        guard (0...1000).contains(gigabytes) else { throw CommandFailure("--gigabytes takes 0 to 1000.", isUsage: true) }
        self.options = options
        self.gigabytes = gigabytes
        self.binary = binary
        self.roles = roles
        self.output = output
    }

    public func run() async throws {
        let folder = try BenchFolder(options.directory)
        let empty = try await measure("start.empty", folder, prepare: nil)
        let idle = try await idleTopics(folder)
        try await memory(folder, base: empty, idle: idle)
        guard gigabytes > 0 else { return }
        _ = try await measure("start.full", folder) { log in
            output.progress("start: writing \(gigabytes) GB to \(grouped(options.topics)) topics")
            try await fill(log, events: max(options.topics, Int(gigabytes * 1e9) / (TelemetryMix.meanBytes - 1)))
        }
    }

    /// Writes events that all have ids of their own: a door that starts reads them to know duplicates again.
    private func fill(_ log: Journal, events: Int) async throws {
        var written = 0
        var seed: UInt64 = 1
        while written < events {
            let load = options.load(topics: options.topics, seed: seed)
            let most = min(events - written, load.blocks.count * options.batch)
            written += try await load.append(to: log, callers: options.callers, bound: .init(seconds: .infinity, events: most))
            seed += 1
        }
    }

    /// Starts the server `pairs` times on folders that are made alike.
    ///
    /// - Returns: resident bytes after each start.
    private func measure(_ name: String, _ folder: BenchFolder, prepare: ((Journal) async throws -> Void)?) async throws
        -> [Double]
    {
        var runs: [BenchResult] = []
        var resident: [Double] = []
        var directory = try folder.fresh("start")
        if let prepare {
            let log = try await Journal.forBench(directory + "/log")
            try await prepare(log)
            try await log.close()
        }
        // What the load wrote went past the door. A server that took it in would have kept the ids; the first start does.
        var firstMs: Double?
        if prepare != nil {
            output.progress("\(name): a first start, that reads the ids from the log")
            let first = try MeasuredServer(binary: binary, directory: directory, roles: roles)
            firstMs = first.readySeconds * 1000
            first.process.stop(SIGKILL)
        }
        for round in 1...options.pairs {
            output.progress("\(name) \(round) of \(options.pairs)")
            if prepare == nil { directory = try folder.fresh("start") }
            var result = BenchResult(name)
            let machine = ProcessorTime.machine
            let own = ProcessorTime.own
            let server = try MeasuredServer(binary: binary, directory: directory, roles: roles)
            let memory = ProcessorTime.residentBytes(server.process.id)
            result.wallSeconds = server.readySeconds
            result.cpuSeconds = ProcessorTime.seconds(ofProcesses: [server.process.id])
            result.otherCPUSeconds = ProcessorTime.others(
                from: machine, to: ProcessorTime.machine, without: ProcessorTime.own - own + result.cpuSeconds)
            try server.stop()
            result.topics = prepare == nil ? 0 : options.topics
            result.add("ready_ms", result.wallSeconds * 1000)
            result.add("resident_mb", Double(memory) / 1e6)
            result.add("roles", roles.joined(separator: ","))
            if prepare != nil { result.add("gigabytes", gigabytes) }
            if let firstMs { result.add("first_ready_ms", firstMs) }
            resident.append(Double(memory))
            runs.append(result)
            try output.emit(result)
        }
        folder.remove("start")
        if runs.count > 1, var summary = BenchResult.summary(name, of: runs) {
            summary.details = [("runs", .integer(runs.count))]
            summary.add("ready_ms", spread: runs.map { $0.wallSeconds * 1000 })
            summary.add("resident_mb", spread: resident.map { $0 / 1e6 })
            try output.emit(summary)
        }
        return resident
    }

    /// Topics of the comparison of memory: enough that a topic's bytes stand out of the server's own.
    private static let idleTopicCount = 100_000

    /// Resident bytes with one event in each of many topics, and with as many events in one topic.
    private func idleTopics(_ folder: BenchFolder) async throws -> (many: [Double], one: [Double]) {
        func resident(topics: Int) async throws -> [Double] {
            let load = options.load(topics: topics, atLeast: (Self.idleTopicCount + options.batch - 1) / options.batch)
            let directory = try folder.fresh("idle")
            let log = try await Journal.forBench(directory + "/log")
            _ = try await load.append(
                to: log, callers: options.callers, bound: .init(seconds: .infinity, events: Self.idleTopicCount))
            try await log.close()
            var values: [Double] = []
            for _ in 0..<min(options.pairs, 5) {
                let server = try MeasuredServer(binary: binary, directory: directory, roles: ["data-ingestor"])
                values.append(Double(ProcessorTime.residentBytes(server.process.id)))
                try server.stop()
            }
            folder.remove("idle")
            return values
        }
        output.progress("start: memory of \(grouped(Self.idleTopicCount)) idle topics")
        return (try await resident(topics: Self.idleTopicCount), try await resident(topics: 1))
    }

    private func memory(_ folder: BenchFolder, base: [Double], idle: (many: [Double], one: [Double])) async throws {
        var result = BenchResult("memory")
        result.topics = Self.idleTopicCount
        result.add("base_mb", spread: base.map { $0 / 1e6 })
        result.add("one_topic_mb", spread: idle.one.map { $0 / 1e6 })
        result.add("idle_topics_mb", spread: idle.many.map { $0 / 1e6 })
        // Both sides hold as many events, so that the memory of the duplicate window is not taken for the topics'.
        if let many = Spread(idle.many)?.median, let one = Spread(idle.one)?.median {
            result.add("bytes_per_idle_topic", (many - one) / Double(Self.idleTopicCount))
        }
        try output.emit(result)
    }
}
