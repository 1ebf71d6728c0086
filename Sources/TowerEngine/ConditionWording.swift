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
