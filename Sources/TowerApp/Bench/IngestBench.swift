import Foundation
import Glibc

/// `towerco bench ingest`: load over HTTP, on a server of this program's making or on one that runs.
public struct IngestBench: Sendable {
    /// One side of a comparison.
    public enum Target: Sendable {
        /// Starts this binary (`nil`: the running program) with these roles, on an empty folder for every run.
        case own(binary: String?, roles: [String])
        /// `http://127.0.0.1:8080`; the processes whose time counts as the server's.
        case running(url: String, key: String?, processes: [Int32])
    }
    public struct Options: Sendable {
        public var directory: String?
        public var pairs = 1
        /// Load before the measured one, seconds: connections, caches and segments are then as in a running server.
        public var warmupSeconds = 1.0
        /// 429 and 503 are counted and do not fail the run.
        public var allowsRefusals = false
        /// What the server promises with its answer; for a foreign one the caller knows.
        public var durability = "synced"
        /// Name of the result; `nil` for `ingest` with the load's kind.
        public var name: String?
        /// Lines of a request besides that are no events. The same load without them is then measured in turn with it, and the
        /// server is asked afterwards whether it kept them all.
        public var malformed = 0
        public init() {}
    }
    private let plan: LoadPlan
    private let targets: [Target]
    private let options: Options
    private let output: BenchOutput

    /// - Parameters:
    ///   - plan: the load; its port, key and path are set for each target.
    ///   - targets: one, or two that are measured in turn.
    public init(_ plan: LoadPlan, targets: [Target], options: Options, output: BenchOutput) throws {
        try plan.check()
        guard (1...1000).contains(options.pairs) else { throw CommandFailure("--pairs takes 1 to 1000.", isUsage: true) }
        guard (0...3600).contains(options.warmupSeconds) else {
            throw CommandFailure("--warmup takes 0 to 3600 seconds.", isUsage: true)
        }
        if options.malformed > 0 {
            guard targets.count == 1, case .own = targets[0], case .closed = plan.pace else {
                throw CommandFailure("--malformed is measured on one server of this program's own, as far as it goes.", isUsage: true)
            }
        }
        self.plan = plan
        self.targets = options.malformed > 0 ? [targets[0], targets[0]] : targets
        self.options = options
        self.output = output
    }

    private func name(side: Int) -> String {
        let name: String
        if options.malformed > 0 { return (options.name ?? "ingest.malformed") + (side == 0 ? ".with" : ".without") }
        switch plan.pace {
        case .closed: name = options.name ?? (plan.batch == 1 ? "ingest.single" : "ingest.batch")
        case .open: name = options.name ?? "ingest.latency"
        }
        return targets.count > 1 ? name + (side == 0 ? ".a" : ".b") : name
    }

    public func run() async throws {
        let folder = try BenchFolder(options.directory)
        var runs = [[BenchResult]](repeating: [], count: targets.count)
        for round in 1...options.pairs {
            // The order changes from pair to pair, so that neither side always comes first.
            let order = round % 2 == 1 ? Array(targets.indices) : targets.indices.reversed()
            for side in order {
                output.progress("\(name(side: side)): run \(round) of \(options.pairs)")
                let result = try await measure(side, round, folder)
                runs[side].append(result)
                try output.emit(result)
            }
        }
        guard options.pairs > 1 else { return }
        for (side, results) in runs.enumerated() {
            guard var summary = BenchResult.summary(name(side: side), of: results) else { continue }
            if side > 0 {
                if options.malformed > 0 {
                    summary.add("line_ratio_a_to_b", spread: zip(runs[0], results).map { Self.lines($0) / Self.lines($1) })
                }
                summary.add("ratio_a_to_b", spread: zip(runs[0], results).map { $0.eventsPerSecond / $1.eventsPerSecond })
                summary.add(
                    "ratio_a_to_b_per_cpu", spread: zip(runs[0], results).map { $0.eventsPerCPUSecond / $1.eventsPerCPUSecond })
            }
            for field in ["p50_ms", "p99_ms", "p99.9_ms"] {
                summary.add(
                    field, spread: results.flatMap { $0.details.compactMap { $0.name == field ? $0.value.asNumber : nil } })
            }
            try output.emit(summary)
        }
    }

    private func measure(_ side: Int, _ round: Int, _ folder: BenchFolder) async throws -> BenchResult {
        var plan = plan
        plan.seed = plan.seed &+ UInt64(round * 2 + side) &* 0x5851_F42D_4C95_7F2D
        plan.malformed = side == 0 ? options.malformed : 0
        switch targets[side] {
        case .own(let binary, let roles):
            let data = try folder.fresh("ingest")
            let server = try MeasuredServer(binary: binary, directory: data, roles: roles)
            plan.port = server.port
            plan.key = MeasuredServer.key
            var sent = LoadTally()
            var result = try load(plan, name(side: side), servers: [server.process.id], all: &sent)
            let census = LetterCensus(sent: sent)
            if options.malformed > 0 { try census.checkLetters(of: server.port, &result) }
            result.add("roles", roles.joined(separator: ","))
            result.add("resident_mb", Double(ProcessorTime.residentBytes(server.process.id)) / 1e6)
            try server.stop()
            if options.malformed > 0 { try await census.checkEvents(of: data, &result) }
            folder.remove("ingest")
            return result
        case .running(let url, let key, let processes):
            (plan.host, plan.port) = try Self.address(url)
            plan.key = key
            var sent = LoadTally()
            return try load(plan, name(side: side), servers: processes, all: &sent)
        }
    }

    /// Host and port of `http://127.0.0.1:8080`.
    static func address(_ url: String) throws -> (host: String, port: Int) {
        let rest = url.hasPrefix("http://") ? url.dropFirst(7) : url[...]
        let parts = rest.split(separator: "/", omittingEmptySubsequences: true).first?.split(separator: ":") ?? []
        guard parts.count == 2, let port = Int(parts[1]), (1...65_535).contains(port) else {
            throw CommandFailure("`\(url)` is no address of the form http://127.0.0.1:8080.", isUsage: true)
        }
        return (parts[0] == "localhost" ? "127.0.0.1" : String(parts[0]), port)
    }

    /// Lines a second, good and bad.
    private static func lines(_ result: BenchResult) -> Double {
        result.details.first { $0.name == "lines_per_s" }.flatMap { $0.value.asNumber } ?? 0
    }

    /// - Parameter all: gets everything that was sent, the warming up included.
    private func load(_ plan: LoadPlan, _ name: String, servers: [Int32], all: inout LoadTally) throws -> BenchResult {
        if options.warmupSeconds > 0 {
            var warm = plan
            warm.seed = plan.seed &+ 0x2545_F491_4F6C_DD1D
            warm.seconds = options.warmupSeconds
            warm.events = min(plan.events, max(plan.batch, plan.events / 4))
            let tally = try LoadGenerator(warm).run()
            try check(tally)
            all.merge(tally)
        }
        var result = BenchResult(name)
        var watch = Stopwatch(servers: servers)
        let tally = try LoadGenerator(plan).run(started: { watch = Stopwatch(servers: servers) })
        watch.read(into: &result)
        // Without a process to look at, the server's time is unknown, and that of this client is no answer.
        if servers.isEmpty { result.cpuSeconds = 0 }
        try check(tally)
        all.merge(tally)
        result.events = tally.accepted
        result.bytes = tally.bytes
        result.topics = plan.sites
        result.batch = plan.batch
        result.callers = plan.connections
        result.durability = options.durability
        result.add("requests", tally.requests)
        result.add("duplicates", tally.duplicates)
        result.add("rejected", tally.rejected)
        if options.malformed > 0, result.wallSeconds > 0 {
            result.add("lines_per_s", Double(tally.accepted + tally.rejected) / result.wallSeconds)
        }
        result.add("refused", tally.refused)
        if case .open(let rate) = plan.pace {
            result.add("rate", rate)
            // Beyond nothing, the server did not keep up and its latency is a lower bound.
            result.add("unsent", plan.requests - tally.requests)
            for (field, share) in [("p50_ms", 0.5), ("p90_ms", 0.9), ("p99_ms", 0.99), ("p99.9_ms", 0.999)] {
                result.add(field, Double(tally.latency.quantile(share)) / 1e6)
            }
            result.add("max_ms", Double(tally.latency.maximum) / 1e6)
        }
        return result
    }

    /// Answers that are not what was sent make a figure worthless.
    private func check(_ tally: LoadTally) throws {
        let isRefused = tally.refused > 0 && !options.allowsRefusals
        guard tally.failed > 0 || isRefused || tally.accepted != tally.events || tally.requests == 0
            || tally.rejected != tally.malformed
        else { return }
        throw CommandFailure(
            """
            The server did not take what was sent: \(tally.requests) requests answered, \(tally.events) events and \(tally.malformed) other lines in those answered with 2xx, \
            of them \(tally.accepted) accepted, \(tally.duplicates) duplicates, \(tally.rejected) rejected; \(tally.refused) refusals \
            (429, 503), \(tally.failed) other failures. First trouble: \(tally.firstTrouble ?? "none"). \
            --allow-refusals takes 429 and 503 as they come.
            """)
    }
}
