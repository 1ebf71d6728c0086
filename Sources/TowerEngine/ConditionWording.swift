import TowerCausality
import TowerModel

/// Conditions in an operator's words.
enum ConditionWording {
    static func name(_ condition: Condition) -> String {
        switch condition {
        case .feederLost: "Feeder lost"
        case .gridLost: "Grid lost"
        case .batteryDischarging: "Battery carries the load"
        case .batterySustained: "Battery still carries the load after six minutes"
        case .batteryLow: "Battery low"
        case .generatorRunning: "Generator runs"
        case .generatorStartFailed: "Generator did not start"
        case .generatorStoppedOnLoad: "Generator stopped with the grid away"
        case .starterBatteryLow: "Starter battery low"
        case .transferFailed: "Transfer switch failed"
        case .fuelLow: "Fuel low"
        case .fuelExhausted: "Tank empty"
        case .rectifierFailed: "Rectifier failed"
        case .lowVoltage: "DC bus voltage low"
        case .lvd1Open: "LVD 1 opens"
        case .lvd2Open: "LVD 2 opens"
        case .dyingGasp: "Controller lost power"
        case .siteDark: "Site goes dark"
        case .cellDown: "Cells down"
        case .hopDown: "Hop down"
        case .backhaulLost: "Backhaul lost"
        case .fibreCut: "Fibre signal lost"
        case .rainFade: "Received level falls"
        case .modulationDown: "Modulation stepped down"
        case .rmsSilent: "Controller silent"
        case .rmsOffline: "Controller offline"
        case .moduleFailed: "Rectifier module failed"
        case .coolingFailed: "Cooling failed"
        case .coolingWeak: "Cooling grows weaker"
        case .shelterHot: "Shelter hot"
        case .shelterHeats: "Warmer inside than the weather explains"
        case .batteryHot: "Battery hot"
        case .batteryAged: "Battery aged"
        case .batteryShort: "Battery ended long before its rated time"
        case .batteryMissing: "Battery string takes no current"
        case .siteCollapsed: "Site lost power at once, without a discharge"
        case .doorOpen: "Door open"
        case .intrusion: "Intrusion"
        case .workPermitted: "Work permitted"
        case .workUnpermitted: "Work without permit"
        case .fuelTheft: "Fuel left the tank unburned"
        case .fuelSiphon: "Tank loses a little every day"
        case .fuelShortDelivery: "Less fuel delivered than paid for"
        case .levelStep: "Received level fell at once and stays"
        case .misaligned: "Antenna out of line"
        case .highWind: "High wind"
        case .towerTilts: "Tower tilts"
        case .standingWave: "Antenna line reflects"
        case .radioUnitLost: "Remote radio lost"
        case .lineWet: "Water in the antenna line"
        case .lineStolen: "Antenna line cut"
        case .cellDegraded: "Cell degraded"
        case .uplinkNoise: "Uplink interference"
        case .cellLocked: "Cells locked by hand"
        case .cellSleeping: "Cell serves nobody"
        case .timingLost: "Satellite timing lost"
        case .timingHoldover: "Clock in holdover"
        case .phaseError: "Clock out of phase"
        case .surge: "Lightning surge"
        case .surgeProtectionFailed: "Surge protection failed"
        case .lightFailed: "Obstruction light out"
        case .flood: "Flood"
        case .panelMissing: "Solar panels give nothing in full sun"
        case .solarWeak: "Solar yield falls"
        case .sensorFault: "Sensor contradicts physics"
        case .unknown: "Unknown"
        }
    }

    /// The contrary, as telemetry shows it.
    static func denial(_ condition: Condition) -> String {
        switch condition {
        case .gridLost: "Grid present"
        case .batteryDischarging, .batterySustained: "Battery does not discharge"
        case .generatorRunning: "Generator does not run"
        case .rectifierFailed: "Rectifier delivers"
        case .lowVoltage, .batteryLow: "DC bus voltage healthy"
        case .fuelExhausted, .fuelLow: "Fuel in the tank"
        case .cellDown: "Cells in service"
        case .rmsSilent, .rmsOffline: "Controller heard"
        case .rainFade: "Received level normal"
        case .lvd1Open, .lvd2Open: "Load connected"
        case .batteryMissing: "Battery string floats"
        case .batteryAged: "Battery healthy by its own measure"
        case .shelterHeats, .shelterHot: "Shelter as warm as the weather explains"
        case .fuelTheft: "Tank and generator agree"
        case .transferFailed: "Generator gives power"
        default: "Not \(name(condition).lowercased())"
        }
    }

    /// `21:02`, in UTC.
    static func clock(_ at: Timestamp) -> String {
        let text = at.description
        return String(text.dropFirst(11).prefix(5))
    }

    /// "38 min", "1 h 52".
    static func minutes(_ minutes: Double) -> String {
        let whole = Int(minutes.rounded())
        return whole < 90 ? "\(whole)\u{00A0}min" : "\(whole / 60)\u{00A0}h\u{00A0}\(whole % 60 < 10 ? "0" : "")\(whole % 60)"
    }

    static func count(_ number: Int) -> String {
        let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
        return number < words.count ? words[number] : "\(number)"
    }

    static func sites(_ number: Int) -> String { number == 1 ? "one site" : "\(count(number)) sites" }

    static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
