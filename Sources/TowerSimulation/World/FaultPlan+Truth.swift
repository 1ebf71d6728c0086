import TowerModel

/// What the truth says about a planned fault before it has happened: its root, its trigger, and what looks like it.
///
/// docs/formats/ground-truth.md lists the names of the conditions.
extension FaultPlan {
    private func siteID(_ fleet: Fleet) -> String { site >= 0 ? fleet.sites[site].siteID : "" }

    func root(_ fleet: Fleet) -> FaultTruth.Node {
        let name = siteID(fleet)
        func node(_ object: String, _ condition: String, _ type: String? = nil) -> FaultTruth.Node {
            FaultTruth.Node(siteID: name, managedObject: object, condition: condition, eventType: type ?? condition)
        }
        switch scenario {
        case .s01: return node("grid", "grid.lost", "power.grid.outage")
        case .s02: return node("dg", "dg.start_failed")
        case .s03: return node("fuel", "fuel.exhausted", "fuel.low")
        case .s04: return node("rectifier:\(Int(self["slot"]))", "rectifier.module_failed")
        case .s05: return node("rectifier", "rectifier.failed", "rectifier.system_failed")
        case .s06 where variant == 1: return node("hvac:1", "hvac.failed", "hvac.fan_failed")
        case .s06, .s07: return node("hvac:1", "hvac.failed")
        case .s08: return node("battery", "battery.aged", "battery.discharging")
        case .s09, .s10: return node("battery", "battery.missing")
        case .s11: return node("fuel", "fuel.theft", "fuel.loss_suspected")
        case .s12: return node("fuel", variant == 0 ? "fuel.siphon" : "fuel.short_delivery", "fuel.loss_suspected")
        case .s13: return node(fleet.object(ofLink: link), "fibre.cut", "fibre.los")
        case .s14: return node(fleet.object(ofLink: link), "rain.fade", "mw.rsl_low")
        case .s15: return node(fleet.object(ofLink: link), "antenna.misaligned", "mw.rsl_low")
        case .s16: return node("port:\(variant + 1)", "antenna_line.water", "ran.vswr")
        case .s17: return node("sync", "sync.gnss_lost")
        case .s18: return node("door", "antenna_line.theft", "access.cable_tamper")
        case .s19: return node("spd", "lightning.surge", "power.spd.failed")
        case .s20: return node("ats", "ats.transfer_failed", "power.ats.transfer_failed")
        case .s21: return node("light", "light.failed")
        case .s22: return node("structure", "structure.tilt")
        case .s23: return node("rms", "rms.offline")
        case .s24: return node(lyingObject, "sensor.faulty", "fuel.sensor_fault")
        case .s25:
            return node("feeder:" + fleet.feeders[feeder].feederID, "feeder.lost", "power.grid.outage")
        case .s26: return node("door:main", variant == 0 ? "access.permitted" : "access.unpermitted", "access.door_open")
        case .s27: return node("cell:\(variant + 1)", "cell.sleeping", "ran.sleeping_cell")
        case .s28: return node("env", "env.flood")
        case .s29:
            return
                variant == 2 ? node("solar", "solar.soiling", "solar.underperformance") : node("solar", "solar.panel_missing")
        case .s30: return node("site", "unknown")
        }
    }

    /// Other conditions that name the same root at the same place: its own alarm, or its beginning.
    var alternatives: [String] {
        switch scenario {
        case .s07: ["hvac.degrading"]
        case .s11, .s12: ["fuel.loss_suspected"]
        case .s16: ["ran.vswr"]
        case .s18: ["access.cable_tamper"]
        case .s19: ["spd.failed", "power.spd.failed"]
        case .s26: ["access.door_open"]
        case .s27: ["ran.sleeping_cell"]
        case .s29: variant == 2 ? ["solar.underperformance"] : []
        default: []
        }
    }

    private var lyingObject: String {
        switch lie {
        case .invertedGenerator: "dg"
        case .frozenTemperature: "env"
        case .stuckGrid: "grid"
        default: "fuel"
        }
    }

    /// What S24's sensor says.
    var lie: NoiseChannel.Lie {
        [.stuckFuel, .jumpingFuel, .invertedGenerator, .frozenTemperature, .stuckGrid][variant % 5]
    }

    func trigger(_ fleet: Fleet) -> FaultTruth.Node? {
        func node(_ site: Int, _ object: String, _ condition: String, _ type: String) -> FaultTruth.Node {
            FaultTruth.Node(siteID: fleet.sites[site].siteID, managedObject: object, condition: condition, eventType: type)
        }
        switch scenario {
        case .s02, .s03, .s08, .s20: return node(site, "grid", "grid.lost", "power.grid.outage")
        case .s09, .s18: return node(site, "door", "access.intrusion", "access.intrusion")
        case .s15: return node(fleet.links[link].child, "structure", "structure.high_wind", "structure.high_wind")
        case .s22: return node(site, "structure", "structure.high_wind", "structure.high_wind")
        default: return nil
        }
    }

    func decoys(_ fleet: Fleet) -> [String] {
        let name = siteID(fleet)
        switch scenario {
        case .s02: return ["\(name) grid grid.lost", "\(name) battery battery.low"]
        case .s03: return ["\(name) dg dg.start_failed", "\(name) grid grid.lost"]
        case .s04: return ["\(name) rectifier rectifier.failed"]
        case .s05: return ["\(name) grid grid.lost", "\(name) battery battery.low"]
        case .s06, .s07: return ["\(name) battery battery.high_temp", "\(name) grid grid.lost"]
        case .s08, .s09, .s10: return ["\(name) grid grid.lost", "\(name) dg dg.start_failed"]
        case .s11, .s12: return ["\(name) fuel fuel.low", "\(name) fuel sensor.faulty"]
        case .s15: return ["\(fleet.object(ofLink: link)) rain.fade"] + windDecoys(fleet)
        case .s17: return neighbours.map { "\(fleet.sites[$0].siteID) ran ran.rtwp_high" }
        case .s20: return ["\(name) dg dg.start_failed", "\(name) grid grid.lost"]
        case .s22: return ["\(name) structure structure.high_wind"] + windDecoys(fleet)
        case .s23: return ["\(name) site site.dark"]
        case .s26: return ["\(name) grid grid.lost", "\(name) site cell.down"]
        case .s28: return ["\(name) rectifier rectifier.failed"]
        case .s13, .s14, .s25:
            guard link >= 0 else { return [] }
            let end = fleet.sites[fleet.links[link].child].siteID
            return ["\(end) site site.dark", "\(end) dc dc.lvd2_open"]
        case .s01, .s16, .s18, .s19, .s21, .s24, .s27, .s29, .s30: return []
        }
    }

    private func windDecoys(_ fleet: Fleet) -> [String] {
        neighbours.map { "\(fleet.sites[$0].siteID) structure structure.high_wind" }
    }
}
