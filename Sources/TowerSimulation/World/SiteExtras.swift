/// What moves at a site only now and then, apart from `SiteState` so that copies of that stay cheap.
struct SiteExtras: Sendable {
    var shelter: Shelter
    /// Ratio of the rated capacity that the bank still has; falls with time and heat.
    var health: Double
    var isBatteryGone = false
    /// Rectifier modules that are out, of `rectifierModules`.
    var modulesOut = 0
    var isTransferFailed = false
    /// Share of the cooling power that is there, 0...1.
    var cooling = 1.0
    /// Share of the cooling power that leaks away each second, from this instant on.
    var leakPerSecond = 0.0
    var leakFrom = 0.0
    var isCoolingFailed = false
    /// 0 none, 1 warning at 35, 2 minor at 40, 3 major at 45, 4 critical at 55 Cel.
    var heatLevel: UInt8 = 0
    var reportedHeatLevel: UInt8 = 0
    var isDerated = false
    var isOverheated = false
    /// Litres an hour that leave the tank by the wrong way.
    var drain = 0.0
    /// Litres that left the tank by it in all.
    var litresDrained = 0.0
    var litresAtStart = 0.0
    /// Capacity ratio that an ageing bank loses each second, beside what heat takes.
    var fade = 0.0
    /// Share of the panels' yield that is there, 0...1.
    var solarYield = 1.0
    var soilingPerSecond = 0.0
    /// What one of the sensors says instead of the truth; the channel may lie too.
    var lie = NoiseChannel.Lie.none
    /// Where a fuel sensor of that kind stands still.
    var lieLitres = 0.0
    var lampsOut = 0
    var tiltDegrees = 0.0
    /// m/s; 0 when nothing but the usual breeze blows.
    var stormWind = 0.0
    var waterMillimetres = 0.0
    var sleeping: UInt32 = 0
    /// Cells that something at the radio itself keeps from working.
    var blocks: [CellBlock?]

    /// Bit per `SiteAlarm`: the input is active. Fault, cause, number and text that its alarm will carry.
    var contacts: UInt32 = 0
    var contactFault: [Int32] = Array(repeating: -1, count: SiteAlarm.allCases.count)
    var contactCause: [EventReference?] = Array(repeating: nil, count: SiteAlarm.allCases.count)
    var contactValue: [Double] = Array(repeating: 0, count: SiteAlarm.allCases.count)
    var permit = ""

    init(_ spec: SiteSpec, shelter: Shelter) {
        self.shelter = shelter
        health = spec.stateOfHealth
        blocks = Array(repeating: nil, count: spec.cells)
    }

    /// Why a cell does not work though it has power and transport.
    struct CellBlock: Sendable {
        var reason: StaticString
        var fault: Int32
        var cause: EventReference?
    }
}
