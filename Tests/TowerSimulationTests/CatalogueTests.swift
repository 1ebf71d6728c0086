import Testing
import TowerModel
import TowerWire

@testable import TowerSimulation

/// What the simulator writes is what the door accepts and the catalogue names (DOMAIN 4.2).
@Suite struct CatalogueTests {
    /// Everything that goes wrong somewhere, with noise on top.
    private func everything(seed: UInt64) throws -> Run {
        var configuration = quick(sites: 90, hours: 48, seed: seed, noise: try NoiseModel(parsing: "lying=0.2,flapping=0.1"))
        configuration.telemetryPeriodSeconds = 7200
        return try Run(configuration)
    }

    @Test(arguments: [1, 2]) func theDoorsSchemaCheckAcceptsEveryEvent(seed: UInt64) throws {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .standard)
        var refused: [String] = []
        var types: Set<String> = []
        for event in try everything(seed: seed).events {
            var batch = EventBatch(symbols: symbols)
            if let error = event.json.withUnsafeBytes({ decoder.append($0, to: &batch) }) {
                refused.append("\(error): \(String(decoding: event.json, as: UTF8.self))")
            } else {
                types.insert(symbols.name(batch.types[0]))
            }
        }
        #expect(refused.isEmpty, "\(refused.prefix(3))")
        #expect(types.count > 55, "only \(types.count) types seen")
    }

    @Test func everyFieldIsOneOfTheCatalogue() throws {
        // Written since the first eight scenarios, for readers of the raw log; the catalogue lets more fields pass.
        let known: Set<String> = [
            "rectifier.system_failed modules_ok", "rectifier.system_failed modules_total", "mw.link_down rsl",
            "mw.acm_downshift rsl", "rms.heartbeat count", "wfm.visit.ended permit_id", "power.dc.lvd_close state",
        ]
        var strange: Set<String> = []
        for event in try everything(seed: 3).parsed() where !event.isInventory {
            let type = try #require(EventCatalog.standard[event.type], "\(event.type) is not in the catalogue")
            let names = Set(type.fields.map(\.name) + EventCatalog.commonFields.map(\.name))
            for key in event.payload.keys where !names.contains(key) && key != "alarm" { strange.insert("\(event.type) \(key)") }
        }
        #expect(strange.subtracting(known).isEmpty, "\(strange.subtracting(known))")
    }

    @Test func alarmsAndNoticesAreOfTheKindThatTheCatalogueSays() throws {
        for type in AlarmType.allCases {
            let name = String(describing: type.name)
            let spec = try #require(EventCatalog.standard[name], "\(name) is not in the catalogue")
            // The clear of an open disconnect is a type of its own; a platform that reads it closes the other.
            guard type != .lvdClose else { continue }
            #expect((spec.kind == .notice) == type.isNotice, "\(name)")
        }
    }
}
