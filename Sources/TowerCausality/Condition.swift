public import TowerModel

/// A node of the causal graph: a state that a component of a tower can be in, whether or not anything reports it.
///
/// The raw value is the public name (`IncidentSnapshot.RootCauseCandidate.condition`).
public enum Condition: String, Sendable, Hashable, CaseIterable {
    case feederLost = "feeder.lost"
    case gridLost = "grid.lost"
    case batteryDischarging = "battery.discharging"
    /// Still discharging six minutes after it began: nothing took the load over.
    case batterySustained = "battery.sustained"
    case batteryLow = "battery.low"
    case generatorRunning = "dg.running"
    case generatorStartFailed = "dg.start_failed"
    /// Stopped while the grid was still away.
    case generatorStoppedOnLoad = "dg.stopped_on_load"
    case starterBatteryLow = "dg.start_battery_low"
    case transferFailed = "ats.transfer_failed"
    case fuelLow = "fuel.low"
    case fuelExhausted = "fuel.exhausted"
    case rectifierFailed = "rectifier.failed"
    case lowVoltage = "dc.low_voltage"
    case lvd1Open = "dc.lvd1_open"
    case lvd2Open = "dc.lvd2_open"
    case dyingGasp = "rms.dying_gasp"
    case siteDark = "site.dark"
    case cellDown = "cell.down"
    case hopDown = "hop.down"
    case backhaulLost = "backhaul.lost"
    case fibreCut = "fibre.cut"
    case rainFade = "rain.fade"
    /// The radio stepped its modulation down: the first sign of a fade.
    case modulationDown = "hop.modulation_down"
    case rmsSilent = "rms.silent"
    case rmsOffline = "rms.offline"
    case unknown

    /// The row of the timeline that shows it.
    public var lane: IncidentSnapshot.TimelineNode.Lane {
        switch self {
        case .feederLost, .gridLost: .grid
        case .generatorRunning, .generatorStartFailed, .generatorStoppedOnLoad, .starterBatteryLow, .transferFailed, .fuelLow,
            .fuelExhausted:
            .generator
        case .batteryDischarging, .batterySustained, .batteryLow, .rectifierFailed, .lowVoltage, .lvd1Open, .lvd2Open: .battery
        case .cellDown: .radio
        case .hopDown, .backhaulLost, .fibreCut, .rainFade, .modulationDown: .backhaul
        case .siteDark, .dyingGasp, .rmsSilent, .rmsOffline, .unknown: .site
        }
    }

    /// Part of the power chain of one site.
    public var isPower: Bool {
        switch self {
        case .gridLost, .batteryDischarging, .batterySustained, .batteryLow, .generatorRunning, .generatorStartFailed,
            .generatorStoppedOnLoad, .starterBatteryLow, .transferFailed, .fuelLow, .fuelExhausted, .rectifierFailed, .lowVoltage,
            .lvd1Open, .lvd2Open:
            true
        default: false
        }
    }

    /// Tells that a site or its way to the core is not reached.
    public var isReach: Bool {
        switch self {
        case .dyingGasp, .siteDark, .cellDown, .backhaulLost, .rmsSilent, .rmsOffline: true
        default: false
        }
    }

    /// A condition of a link between two sites.
    public var isLink: Bool {
        switch self {
        case .hopDown, .fibreCut, .rainFade, .modulationDown: true
        default: false
        }
    }

    /// Nothing is wrong when it holds: it never keeps an incident open by itself.
    public var isHealthy: Bool { self == .generatorRunning }

    /// Service is lost where it holds.
    public var isOutage: Bool {
        switch self {
        case .cellDown, .siteDark, .backhaulLost, .lvd2Open, .hopDown, .fibreCut, .dyingGasp: true
        default: false
        }
    }
}
