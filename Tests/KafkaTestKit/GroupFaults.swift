public import Foundation
import Glibc
import Synchronization
import TowerKafka
import TowerStreaming
import TowerTestKit

/// Two members of one group in processes of their own; one is killed, or paused until the other has its partitions and woken as a
/// zombie. Every record must have its effect once.
public struct GroupFaults: Sendable {
    public struct Outcome: Sendable {
        public var effects = 0
        public var refused = 0
        public var violations: [String] = []
    }
    private let seed: UInt64
    /// `KafkaFaults`, whose command `member` is a member.
    private let program: URL

    public init(seed: UInt64, program: URL) {
        self.seed = seed
        self.program = program
    }

    private static let sites = 24

    /// Effects and places together, one change at a time: what a store's transaction is.
    private final class Store: Sendable {
        struct State {
            var next: [String: Int64] = [:]
            var effects: [String: Int] = [:]
            var count = 0
            var refused = 0
            var joined: Set<String> = []
        }
        let state = Mutex(State())

        func answer(_ line: String) -> String? {
            let words = line.split(separator: " ").map(String.init)
            return state.withLock { state -> String? in
                switch words.first {
                case "joined":
                    state.joined.insert(words[1])
                    return nil
                case "where": return String(state.next[words[1]] ?? 0)
                case "apply":
                    guard words.count >= 4, let from = Int64(words[2]), let next = Int64(words[3]), from == state.next[words[1]] ?? 0 else {
                        state.refused += 1
                        return "no"
                    }
                    state.next[words[1]] = next
                    for value in words.dropFirst(4) {
                        state.effects[value, default: 0] += 1
                        state.count += 1
                    }
                    return "ok"
                default: return nil
                }
            }
        }
    }

    public func run() async throws -> Outcome {
        let cluster = try MockCluster(brokers: 3)
        try cluster.createKeyedTopics()
        let log = try KafkaLog(cluster.configuration(), clock: { 1 })
        let store = Store()
        var generator = SeededGenerator(seed: seed)
        let members = try ["one", "two"].map { try start($0, cluster.bootstrap, store) }
        defer { for member in members { kill(member.processIdentifier, SIGKILL) } }
        var written = 0
        func append(_ count: Int) async throws {
            for _ in 0..<count {
                let site = Int.random(in: 0..<Self.sites, using: &generator)
                _ = try await log.append([Record(topic: Topic.siteEvents(site: "S-\(site)"), key: nil, value: Array("v\(written)".utf8))])
                written += 1
            }
        }
        func settle(_ what: String) async throws {
            let deadline = ContinuousClock.now + .seconds(60)
            while store.state.withLock({ $0.effects.count }) < written {
                guard ContinuousClock.now < deadline else { throw MockCluster.Failure(description: "seed \(seed): no end after \(what)") }
                await cluster.hold(ms: 20)
            }
        }
        try await append(100)
        try await settle("the start")
        let victim = members[Int.random(in: 0..<2, using: &generator)]
        let isKilled = Bool.random(using: &generator)
        try await append(Int.random(in: 1...40, using: &generator))
        kill(victim.processIdentifier, isKilled ? SIGKILL : SIGSTOP)
        try await append(100)
        try await settle(isKilled ? "the kill" : "the pause")
        if !isKilled { kill(victim.processIdentifier, SIGCONT) }
        try await append(100)
        try await settle("the return")
        try await log.close()
        let state = store.state.withLock { $0 }
        var outcome = Outcome(effects: state.count, refused: state.refused)
        for number in 0..<written where state.effects["v\(number)"] != 1 {
            outcome.violations.append("v\(number) had its effect \(state.effects["v\(number)"] ?? 0) times")
        }
        return outcome
    }

    private func start(_ name: String, _ bootstrap: String, _ store: Store) throws -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments = ["member", "--bootstrap", bootstrap, "--name", name]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let lines = output.fileHandleForReading
        let answers = input.fileHandleForWriting
        let reader = Thread {
            var rest: [UInt8] = []
            while true {
                let data = lines.availableData
                if data.isEmpty { return }
                rest += data
                while let end = rest.firstIndex(of: 10) {
                    let line = String(decoding: rest[..<end], as: UTF8.self)
                    rest.removeFirst(end + 1)
                    guard let answer = store.answer(line) else { continue }
                    try? answers.write(contentsOf: Data((answer + "\n").utf8))
                }
            }
        }
        reader.start()
        return process
    }
}
