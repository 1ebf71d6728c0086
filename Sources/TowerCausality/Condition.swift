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
    // Beside the power chain and the way to the core: each begins a story of its own part of the site.
    case moduleFailed = "rectifier.module_failed"
    case coolingFailed = "hvac.failed"
    /// Cooling that loses a little every day.
    case coolingWeak = "hvac.degrading"
    case shelterHot = "env.high_temp"
    /// Warmer inside than the weather explains.
    case shelterHeats = "env.heating"
    case batteryHot = "battery.high_temp"
    case batteryAged = "battery.aged"
    /// The battery ended long before its rated time.
    case batteryShort = "battery.short_autonomy"
    case batteryMissing = "battery.missing"
    /// The bus fell from float to nothing at once: no battery carried it.
    case siteCollapsed = "site.collapsed"
    case doorOpen = "access.door_open"
    case intrusion = "access.intrusion"
    /// A permit, a visit or a change window covers what happens now.
    case workPermitted = "access.permitted"
    case workUnpermitted = "access.unpermitted"
    /// Fuel left the tank and no generator burned it.
    case fuelTheft = "fuel.theft"
    case fuelSiphon = "fuel.siphon"
    case fuelShortDelivery = "fuel.short_delivery"
    case levelStep = "hop.level_step"
    case misaligned = "antenna.misaligned"
    case highWind = "structure.high_wind"
    case towerTilts = "structure.tilt"
    case standingWave = "ran.vswr"
    case radioUnitLost = "ran.rru_link_lost"
    /// Water in the line between radio and antenna.
    case lineWet = "antenna_line.water"
    case lineStolen = "antenna_line.theft"
    case cellDegraded = "cell.degraded"
    case uplinkNoise = "cell.interference"
    /// Taken off the air by a person: the element manager says so.
    case cellLocked = "cell.locked"
    case cellSleeping = "cell.sleeping"
    case timingLost = "sync.gnss_lost"
    case timingHoldover = "sync.holdover"
    case phaseError = "sync.phase_error"
    case surge = "lightning.surge"
    case surgeProtectionFailed = "spd.failed"
    case lightFailed = "light.failed"
    case flood = "env.flood"
    case panelMissing = "solar.panel_missing"
    case solarWeak = "solar.soiling"
    case sensorFault = "sensor.faulty"
    case unknown

    /// A small number for tables inside one process; never in an output. The hash of a raw value would be that of its text.
    public var ordinal: UInt8 { unsafeBitCast(self, to: UInt8.self) }
    public static func == (left: Self, right: Self) -> Bool { left.ordinal == right.ordinal }
    public func hash(into hasher: inout Hasher) { hasher.combine(ordinal) }

    /// The part of a site whose story it belongs to, where that is neither its power chain nor its reach.
    public enum Thread: UInt8, Sendable, CaseIterable {
        case converter, climate, battery, access, fuel, structure, antenna, cell, sync, surge, light, flood, solar, sensor
    }

    /// `nil` for the power chain, reach and links.
    public var thread: Thread? {
        switch self {
        case .moduleFailed: .converter
        case .coolingFailed, .coolingWeak, .shelterHot, .shelterHeats, .batteryHot: .climate
        case .batteryAged, .batteryMissing, .siteCollapsed: .battery
        case .doorOpen, .intrusion, .workPermitted, .workUnpermitted, .cellLocked: .access
        case .fuelTheft, .fuelSiphon, .fuelShortDelivery: .fuel
        case .highWind, .towerTilts: .structure
        case .standingWave, .radioUnitLost, .lineWet, .lineStolen: .antenna
        case .cellDegraded, .uplinkNoise, .cellSleeping: .cell
        case .timingLost, .timingHoldover, .phaseError: .sync
        case .surge, .surgeProtectionFailed: .surge
        case .lightFailed: .light
        case .flood: .flood
        case .panelMissing, .solarWeak: .solar
        case .sensorFault: .sensor
        default: nil
        }
    }

    /// Telemetry shows it only after several samples and against physics: such a finding is rarely wrong.
    public var isWatched: Bool {
        switch self {
        case .transferFailed, .batteryMissing, .batteryShort, .siteCollapsed, .fuelTheft, .fuelSiphon, .fuelShortDelivery, .cellSleeping, .levelStep, .shelterHeats,
            .coolingWeak, .lightFailed, .panelMissing, .solarWeak, .sensorFault, .towerTilts, .cellLocked:
            true
        default: false
        }
    }

    /// Joins the story that explains it; alone it is no story that we know.
    public var isOnlyEffect: Bool { self == .cellDegraded || self == .uplinkNoise || self == .highWind || self == .workPermitted || self == .batteryAged }

    /// The row of the timeline that shows it.
    public var lane: IncidentSnapshot.TimelineNode.Lane {
        switch self {
        case .feederLost, .gridLost: .grid
        case .generatorRunning, .generatorStartFailed, .generatorStoppedOnLoad, .starterBatteryLow, .transferFailed, .fuelLow,
            .fuelExhausted:
            .generator
        case .batteryDischarging, .batterySustained, .batteryLow, .rectifierFailed, .lowVoltage, .lvd1Open, .lvd2Open, .moduleFailed,
            .batteryHot, .batteryAged, .batteryShort, .batteryMissing, .siteCollapsed:
            .battery
        case .fuelTheft, .fuelSiphon, .fuelShortDelivery, .panelMissing, .solarWeak: .generator
        case .cellDown, .standingWave, .radioUnitLost, .lineWet, .lineStolen, .cellDegraded, .uplinkNoise, .cellLocked, .cellSleeping, .timingLost,
            .timingHoldover, .phaseError:
            .radio
        case .hopDown, .backhaulLost, .fibreCut, .rainFade, .modulationDown, .levelStep, .misaligned: .backhaul
        case .siteDark, .dyingGasp, .rmsSilent, .rmsOffline, .unknown, .coolingFailed, .coolingWeak, .shelterHot, .shelterHeats, .doorOpen,
            .intrusion, .workPermitted, .workUnpermitted, .highWind, .towerTilts, .surge, .surgeProtectionFailed, .lightFailed, .flood,
            .sensorFault:
            .site
        }
    }

    /// Everything of the power chain.
    public static let power: [Condition] = allCases.filter(\.isPower)

    /// Part of the power chain of one site.
    public var isPower: Bool {
        switch self {
        case .gridLost, .batteryDischarging, .batterySustained, .batteryLow, .generatorRunning, .generatorStartFailed,
            .generatorStoppedOnLoad, .starterBatteryLow, .transferFailed, .fuelLow, .fuelExhausted, .rectifierFailed, .lowVoltage,
            .lvd1Open, .lvd2Open, .batteryShort:
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
        case .hopDown, .fibreCut, .rainFade, .modulationDown, .levelStep, .misaligned: true
        default: false
        }
    }

    /// A store that runs low: once it is full again it causes nothing any more.
    public var isStore: Bool { self == .fuelLow || self == .fuelExhausted || self == .starterBatteryLow }

    /// Nothing is wrong when it holds: it never keeps an incident open by itself.
    public var isHealthy: Bool { self == .generatorRunning || self == .workPermitted || self == .highWind }

    /// Service is lost where it holds.
    public var isOutage: Bool {
        switch self {
        case .cellDown, .siteDark, .backhaulLost, .lvd2Open, .hopDown, .fibreCut, .dyingGasp, .siteCollapsed: true
        default: false
        }
    }
}
