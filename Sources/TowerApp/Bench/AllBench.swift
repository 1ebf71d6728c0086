/// `towerco bench all`: every benchmark with the amounts of docs/benchmarks.md.
public struct AllBench: Sendable {
    private let directory: String?
    private let pairs: Int
    private let isQuick: Bool
    private let binary: String?
    private let output: BenchOutput

    public init(directory: String?, pairs: Int, isQuick: Bool, binary: String?, output: BenchOutput) throws {
        guard (1...1000).contains(pairs) else { throw CommandFailure("--pairs takes 1 to 1000.", isUsage: true) }
        self.directory = directory
        self.pairs = pairs
        self.isQuick = isQuick
        self.binary = binary
        self.output = output
    }

    public func run() async throws {
        var options = BenchOptions()
        options.directory = directory
        options.pairs = pairs
        options.seconds = isQuick ? 0.2 : 3
        options.events = isQuick ? 20_000 : 10_000_000
        try await AppendBench(options, output: output).run()
        var topics = options
        topics.seconds = isQuick ? 0.2 : 2
        try await TopicsBench(topics, counts: isQuick ? [1, 1000] : [1, 10_000, 100_000], output: output).run()
        var fetch = options
        fetch.events = isQuick ? 20_000 : 2_000_000
        try await FetchBench(fetch, output: output).run()
        try await RecoveryBench(options, gigabytes: isQuick ? 0.02 : 2, binary: binary, isCold: false, output: output).run()
        try await StartBench(options, gigabytes: isQuick ? 0.02 : 2, binary: binary, roles: ["data-ingestor"], output: output)
            .run()
        try await ingest()
    }

    private func ingest() async throws {
        // Rate 0 stands for closed load.
        let loads: [(batch: Int, connections: Int, rate: Double)] = [(500, 8, 0), (1, 64, 0), (1, 32, 10_000), (500, 8, 300_000)]
        for load in loads {
            var plan = LoadPlan(port: 1, tenant: MeasuredTenant.name, seed: .random(in: 0 ... .max))
            plan.batch = load.batch
            plan.connections = load.connections
            plan.seconds = isQuick ? 0.3 : 10
            if load.rate > 0 { plan.pace = .open(eventsPerSecond: isQuick ? 2000 : load.rate) }
            var options = IngestBench.Options()
            options.directory = directory
            options.pairs = pairs
            options.warmupSeconds = isQuick ? 0.1 : 1
            if load.rate > 0 { options.name = "ingest.latency.\(Int(load.rate))" }
            try await IngestBench(
                plan, targets: [.own(binary: binary, roles: ["data-ingestor"])], options: options, output: output
            ).run()
        }
    }
}

/// The tenant that the measured servers know.
public enum MeasuredTenant { public static let name = MeasuredServer.tenant }
