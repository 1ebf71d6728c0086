/// The alarm and notice types that the simulator emits, with what the X.733 block of each says (DOMAIN 4.2).
enum AlarmType: UInt8, Sendable, CaseIterable {
    case gridOutage, lowVoltage, lvdOpen, lvdClose, rectifierSystemFailed
    case batteryDischarging, batteryLow, batteryTestResult
    case generatorStarted, generatorStopped, generatorStartFailed, startBatteryLow
    case fuelLow, fuelRefuel
    case cellDown, levelLow, downshift, linkDown, lossOfSignal, congestion, protectionLost
    case controllerOffline, dyingGasp
    case doorOpen, permitIssued, visitStarted, visitEnded

    /// Who sends it: the site controller, the radio's or the transport's element manager, or the platform's own head end.
    enum Producer: UInt8, Sendable { case controller, radio, transport, headEnd, field }

    var name: StaticString {
        switch self {
        case .gridOutage: "power.grid.outage"
        case .lowVoltage: "power.dc.low_voltage"
        case .lvdOpen: "power.dc.lvd_open"
        case .lvdClose: "power.dc.lvd_close"
        case .rectifierSystemFailed: "rectifier.system_failed"
        case .batteryDischarging: "battery.discharging"
        case .batteryLow: "battery.low"
        case .batteryTestResult: "battery.test_result"
        case .generatorStarted: "dg.started"
        case .generatorStopped: "dg.stopped"
        case .generatorStartFailed: "dg.start_failed"
        case .startBatteryLow: "dg.start_battery_low"
        case .fuelLow: "fuel.low"
        case .fuelRefuel: "fuel.refuel"
        case .cellDown: "ran.cell_down"
        case .levelLow: "mw.rsl_low"
        case .downshift: "mw.acm_downshift"
        case .linkDown: "mw.link_down"
        case .lossOfSignal: "fibre.los"
        case .congestion: "eth.congestion"
        case .protectionLost: "ring.protection_lost"
        case .controllerOffline: "rms.offline"
        case .dyingGasp: "rms.dying_gasp"
        case .doorOpen: "access.door_open"
        case .permitIssued: "permit.issued"
        case .visitStarted: "wfm.visit.started"
        case .visitEnded: "wfm.visit.ended"
        }
    }

    /// A notice happens once; anything else is raised and cleared.
    var isNotice: Bool {
        switch self {
        case .generatorStarted, .generatorStopped, .batteryTestResult, .fuelRefuel, .permitIssued, .visitStarted, .visitEnded:
            true
        default: false
        }
    }

    var severity: StaticString {
        switch self {
        case .gridOutage, .batteryLow, .generatorStartFailed, .cellDown: "major"
        case .rectifierSystemFailed, .linkDown, .lossOfSignal, .dyingGasp: "critical"
        case .controllerOffline: "major"
        case .lvdOpen: "major"
        case .startBatteryLow, .levelLow, .congestion, .protectionLost, .fuelLow: "minor"
        case .batteryDischarging, .lowVoltage, .downshift, .doorOpen: "warning"
        default: "indeterminate"
        }
    }

    /// IANA/ITU probable cause; 0 for none.
    var cause: Int {
        switch self {
        case .gridOutage: 106
        case .lowVoltage, .batteryLow, .startBatteryLow: 112
        case .lvdOpen, .lvdClose: 78
        case .rectifierSystemFailed: 114
        case .batteryDischarging: 104
        case .generatorStartFailed: 111
        case .fuelLow: 127
        case .cellDown: 300
        case .levelLow: 3
        case .downshift: 201
        case .linkDown, .lossOfSignal: 8
        case .congestion: 202
        case .protectionLost: 77
        case .controllerOffline: 259
        case .doorOpen: 118
        default: 0
        }
    }

    var alarmType: StaticString {
        switch self {
        case .cellDown, .levelLow, .downshift, .linkDown, .lossOfSignal, .protectionLost, .controllerOffline, .dyingGasp:
            "COMMUNICATIONS"
        case .congestion: "QUALITY_OF_SERVICE"
        case .gridOutage, .fuelLow: "ENVIRONMENTAL"
        case .doorOpen: "PHYSICAL_VIOLATION"
        default: "EQUIPMENT"
        }
    }

    var producer: Producer {
        switch self {
        case .cellDown: .radio
        case .levelLow, .downshift, .linkDown, .lossOfSignal, .congestion, .protectionLost: .transport
        case .controllerOffline: .headEnd
        case .permitIssued, .visitStarted, .visitEnded: .field
        default: .controller
        }
    }
}

extension AlarmType.Producer {
    var name: StaticString {
        switch self {
        case .controller: "rms"
        case .radio: "ran-ems"
        case .transport: "transport-nms"
        case .headEnd: "head-end"
        case .field: "wfm"
        }
    }
}
