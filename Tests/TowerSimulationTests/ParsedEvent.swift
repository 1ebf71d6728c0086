import Foundation
import TowerModel

@testable import TowerSimulation

/// An event read back with an independent JSON parser.
struct ParsedEvent {
    var id: String
    var type: String
    var site: String
    var timestamp: Timestamp
    var arrival: Timestamp
    var payload: [String: Any]
    var keys: Set<String>

    /// Of an alarm; a generator's reading has a field of that name too.
    var state: String? { isReading ? nil : payload["state"] as? String }
    var isReading: Bool { type.hasSuffix(".telemetry") || type == "ran.pm" || type == "rms.heartbeat" }
    var isInventory: Bool { type.hasPrefix("inventory.") || type == "topology.link" }

    init(_ event: SimulatedEvent) throws {
        guard let object = try JSONSerialization.jsonObject(with: Data(event.json)) as? [String: Any],
            let id = object["event_id"] as? String, let type = object["event_type"] as? String,
            let site = object["site_id"] as? String, let stamp = (object["timestamp"] as? String).flatMap({ Timestamp($0) }),
            let payload = object["payload"] as? [String: Any]
        else { throw SimulationError(.configuration, "not an envelope: \(String(decoding: event.json, as: UTF8.self))") }
        (self.id, self.type, self.site, self.payload) = (id, type, site, payload)
        timestamp = stamp
        arrival = event.arrival
        keys = Set(object.keys)
    }
}

/// Runs a simulation to its end.
struct Run {
    var simulation: Simulation
    var events: [SimulatedEvent]
    var truth: [FaultTruth] { simulation.truth }

    init(_ configuration: SimulationConfiguration, stepSeconds: Double = 3600) throws {
        var simulation = try Simulation(configuration: configuration)
        var events: [SimulatedEvent] = []
        var at = configuration.start
        while at < simulation.end {
            at = min(simulation.end, at.adding(seconds: stepSeconds))
            events += simulation.next(until: at)
        }
        events += simulation.next(until: .distantFuture)
        self.simulation = simulation
        self.events = events
    }

    func parsed() throws -> [ParsedEvent] { try events.map { try ParsedEvent($0) } }

    /// FNV-1a over every byte in order of arrival.
    var hash: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for event in events { for byte in event.json { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 } }
        return hash
    }
}

/// Quick settings: few readings, so that a day of forty sites takes a fraction of a second even unoptimised.
func quick(
    sites: Int = 40, hours: Double = 24, _ scenarios: [ScenarioID] = ScenarioID.allCases, seed: UInt64 = 1,
    noise: NoiseModel = .none, background: Double = 1
) -> SimulationConfiguration {
    SimulationConfiguration(
        sites: sites, hours: hours, scenarios: scenarios, seed: seed, noise: noise, telemetryPeriodSeconds: 3600,
        background: background)
}
