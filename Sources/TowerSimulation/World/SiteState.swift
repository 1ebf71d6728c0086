/// Everything about one site that moves.
struct SiteState: Sendable {
    enum GeneratorState: UInt8, Sendable { case stopped, waiting, cranking, warming, onLoad, cooling, failed, exhausted }

    /// Instant up to which charge and fuel have been integrated.
    var integratedTo = 0.0
    var charge = 1.0
    /// Bus voltage and battery current (negative while discharging) as of the last look.
    var busVolts = 54.5
    var batteryAmperes = 0.0
    var loadAmperes = 0.0
    var ampHoursIn = 0.0
    var ampHoursOut = 0.0
    var gridKilowattHours = 0.0
    var indoorCelsius = 26.0
    var fuelLitres = 0.0
    /// Litres that went into the tank, and into the engine.
    var litresDelivered = 0.0
    var litresBurnt = 0.0

    /// Reasons why the grid is away here; 0 means it is there.
    var gridCuts: Int32 = 0
    var isRectifierFailed = false
    var isLVD1Open = false
    var isLVD2Open = false
    var generator = GeneratorState.stopped
    var generatorGeneration: UInt32 = 0
    var generatorRunHours = 0.0
    var generatorKilowattHours = 0.0
    var isStartBatteryWeak = false
    var isRefuelOrdered = false
    /// Starter battery at rest; sags towards the onset of the fault that will find it weak.
    var startVolts = 12.7
    var weakStarterFault: Int32 = -1
    var tickGeneration: UInt32 = 0

    /// Active power fault and controller fault; -1 for none.
    var powerFault: Int32 = -1
    var controllerFault: Int32 = -1
    var isControllerAlive = true
    var isControllerFailed = false
    var controllerGeneration: UInt32 = 0
    var controllerSequence: Int64 = 0

    var isReachable = true
    /// Bit per cell: reported down.
    var cellsDown: UInt32 = 0
    var downSince: [Double] = []

    /// What the controller has told: bit per `SiteAlarm`.
    var reported: UInt32 = 0
    var isBatteryLow = false
    /// 0 none, 1 warning ... 4 critical.
    var lowVoltageLevel: UInt8 = 0
    var reportedLowVoltageLevel: UInt8 = 0
    var fuelLevel: UInt8 = 0
    var reportedFuelLevel: UInt8 = 0

    /// Last raise of each `SiteAlarm`, with its fault.
    var raised: [EventReference?] = Array(repeating: nil, count: SiteAlarm.allCases.count)
    var raisedFault: [Int32] = Array(repeating: -1, count: SiteAlarm.allCases.count)
    /// Why the battery carries: the start failure, the rectifier or the empty tank; the grid when nothing else.
    var lastGeneratorStop: EventReference?
    var cellRaised: [EventReference?] = []
    var cellFault: [Int32] = []

    func has(_ alarm: SiteAlarm) -> Bool { reported & alarm.bit != 0 }
    func raise(_ alarm: SiteAlarm) -> EventReference? { has(alarm) ? raised[Int(alarm.rawValue)] : nil }
}

/// Alarms that the site controller keeps a state for, in the order in which it reports them.
enum SiteAlarm: UInt8, Sendable, CaseIterable {
    case grid, rectifier, discharging, startBatteryLow, generatorFailed, fuelLow, batteryLow, lowVoltage, lvd1, lvd2
    case dyingGasp, offline
    /// Contacts and inputs that scenarios set: see `SiteExtras.contacts`.
    case moduleFailed, transferFailed, coolingFailed, coolingFanFailed, highTemperature, batteryHot, stringOpen
    case door, intrusion, cableTamper, flood, surgeArrester, light, tilt, highWind, panelMissing, solarWeak

    var bit: UInt32 { 1 << UInt32(rawValue) }
    /// What is told after a silence: everything but the silence itself.
    static let all: UInt32 = (1 << UInt32(allCases.count)) - 1 & ~(Self.dyingGasp.bit | Self.offline.bit)
}
