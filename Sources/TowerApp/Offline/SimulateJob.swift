import Foundation
import TowerModel
import TowerSimulation

/// `towerco simulate`: the events of a simulated fleet to a file or a server, and the truth about its faults to another file.
public struct SimulateJob: Sendable {
    private let configuration: SimulationConfiguration
    private let output: String?
    private let truth: String?
    private let url: String?
    private let key: String?
    private let speed: Double

    public init(
        sites: Int, hours: Double, scenarios: String, seed: UInt64, noise: String, tenant: String, start: String,
        telemetryPeriodSeconds: Double, output: String?, truth: String?, url: String?, key: String?, speed: Double,
        scenarioFiles: [String] = [], background: Double = 1
    ) throws {
        guard let start = Timestamp(start) else {
            throw CommandFailure(
                "--start is `\(start)`, but takes RFC 3339 with a zone, such as 2026-01-15T00:00:00Z.", isUsage: true)
        }
        guard (output == nil) != (url == nil) else {
            throw CommandFailure("Name either --out FILE or --to URL.", isUsage: true)
        }
        var parameters = ScenarioParameters.default
        for path in scenarioFiles {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw CommandFailure("\(path) could not be read as a scenario file (UTF-8 text).", isUsage: true)
            }
            do { try ScenarioFile.apply(text, name: path, to: &parameters) } catch {
                throw CommandFailure(error.message, isUsage: true)
            }
        }
        do {
            self.configuration = SimulationConfiguration(
                sites: sites, hours: hours, scenarios: try ScenarioID.parse(list: scenarios), seed: seed,
                noise: try NoiseModel(parsing: noise), start: start, telemetryPeriodSeconds: telemetryPeriodSeconds,
                tenant: TenantID(tenant), parameters: parameters, background: background)
        } catch {
            throw CommandFailure(error.message, isUsage: true)
        }
        self.output = output
        self.truth = truth
        self.url = url
        self.key = key
        self.speed = speed
    }

    /// - Returns: what was written, in words.
    public func run(progress: @Sendable (String) -> Void) async throws -> String {
        var simulation: Simulation
        do { simulation = try Simulation(configuration: configuration) } catch {
            throw CommandFailure(error.message, isUsage: true)
        }
        for missing in simulation.unplaced {
            progress("\(missing.scenario.rawValue): room for \(missing.placed) of \(missing.wanted) in this fleet and time")
        }
        let events: Int
        if let output {
            events = try write(&simulation, to: output)
        } else {
            events = try await send(&simulation, progress)
        }
        let truths = simulation.truth
        if let truth {
            var bytes: [UInt8] = []
            for fault in truths { fault.appendLine(to: &bytes) }
            let writer = try LineWriter(path: truth)
            if !bytes.isEmpty { try writer.write(bytes.dropLast()) }
            try writer.flush()
        }
        return "\(grouped(events)) events of \(configuration.sites) sites over \(configuration.hours) h, \(truths.count) faults"
    }

    private func write(_ simulation: inout Simulation, to path: String) throws -> Int {
        let writer = try LineWriter(path: path)
        var count = 0
        for instant in hours(simulation) {
            let events = simulation.next(until: instant)
            for event in events { try writer.write(event.json) }
            count += events.count
        }
        try writer.flush()
        return count
    }

    /// Posts each step; with a speed, not before its instant has come.
    private func send(_ simulation: inout Simulation, _ progress: @Sendable (String) -> Void) async throws -> Int {
        let client = ServerClient.fromEnvironment(url: url, key: key)
        let began = ContinuousClock.now
        var count = 0
        let step = speed > 0 ? min(3600, max(1, speed)) : 3600
        var instant = configuration.start
        while instant < simulation.end {
            instant = min(simulation.end, instant.adding(seconds: step))
            let events = simulation.next(until: instant)
            if speed > 0 {
                try await Task.sleep(
                    until: began + .seconds(instant.seconds(since: configuration.start) / speed), clock: .continuous)
            }
            for part in stride(from: 0, to: events.count, by: 2000) {
                var body: [UInt8] = []
                SimulatedEvent.appendLines(of: Array(events[part..<min(events.count, part + 2000)]), to: &body)
                try await client.send("POST", "/api/v1/events", body: body, contentType: "application/x-ndjson")
            }
            count += events.count
            if !events.isEmpty { progress("\(instant)  \(grouped(count)) events sent") }
        }
        return count
    }

    /// The end of each hour, the last one being the last event's.
    private func hours(_ simulation: Simulation) -> [Timestamp] {
        // Late bursts arrive up to a day after the end; the last step takes them along.
        let whole = Int(configuration.hours.rounded(.up))
        return (1...max(1, whole)).map { configuration.start.adding(seconds: Double($0) * 3600) } + [
            simulation.end.adding(seconds: 86_400 * 2)
        ]
    }
}
