import Testing
import TowerModel

@Suite struct EventCatalogTests {
    @Test("every type is found by its name, and names are what the contract allows")
    func findsTypes() {
        let names = EventCatalog.standard.types.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names == names.sorted())
        for type in EventCatalog.standard.types {
            #expect(EventCatalog.standard[type.name] == type)
            #expect(
                type.name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x5F }
            )
            #expect(Set(type.fields.map(\.name)).count == type.fields.count, "\(type.name) names a field twice")
        }
        #expect(EventCatalog.standard["power.grid.outtage"] == nil)
    }

    @Test(
        "severities and causes are the domain's",
        arguments: [
            ("power.grid.outage", Severity.major, 106), ("power.dc.lvd_open", .major, 78),
            ("rectifier.system_failed", .critical, 114),
            ("battery.discharging", .warning, 104), ("dg.start_failed", .major, 111), ("fuel.low", .major, 127),
            ("hvac.short_cycling", .warning, 268),
            ("env.smoke", .critical, 132), ("access.cable_tamper", .critical, 290), ("ran.cell_down", .major, 300),
            ("mw.acm_downshift", .warning, 201),
            ("fibre.los", .critical, 8), ("rms.offline", .major, 259), ("sync.phase_error", .critical, 66),
            ("structure.vibration", .major, 265),
        ])
    func knowsSeverities(_ name: String, _ severity: Severity, _ cause: Int) throws {
        let type = try #require(EventCatalog.standard[name])
        #expect(type.kind == .alarm && type.severity == severity && type.probableCause == cause)
    }

    @Test("alarms may say their state, and only a known one")
    func alarmsHaveState() {
        for type in EventCatalog.standard.types where type.kind == .alarm {
            #expect(
                type.fields.contains { $0.name == "state" && $0.allowedValues == ["raised", "changed", "cleared"] },
                "\(type.name)")
        }
    }

    @Test(
        "units are those of the catalogue",
        arguments: [
            ("power.dc.telemetry", "bus_v", "V"), ("battery.telemetry", "soc", "%"), ("battery.telemetry", "r", "mOhm"),
            ("dg.telemetry", "oil", "kPa"),
            ("fuel.telemetry", "level", "L"), ("mw.telemetry", "rsl", "dBm"), ("env.telemetry", "t_in", "Cel"),
            ("solar.telemetry", "poa", "W/m2"),
        ])
    func knowsUnits(_ type: String, _ field: String, _ unit: String) {
        #expect(EventCatalog.standard[type]?.fields.first { $0.name == field }?.unit == unit)
    }
}
