/// The alarm and notice types that the simulator emits, with what the X.733 block of each says (DOMAIN 4.2).
enum AlarmType: UInt8, Sendable, CaseIterable {
    case gridOutage, lowVoltage, lvdOpen, lvdClose, rectifierSystemFailed
    case batteryDischarging, batteryLow, batteryTestResult
    case generatorStarted, generatorStopped, generatorStartFailed, startBatteryLow
    case fuelLow, fuelRefuel
    case cellDown, levelLow, downshift, linkDown, lossOfSignal, congestion, protectionLost
    case controllerOffline, dyingGasp
    case doorOpen, permitIssued, visitStarted, visitEnded
    case moduleFailed, transferFailed, surgeArresterFailed
    case coolingFailed, coolingFanFailed, highTemperature, batteryHot, stringOpen
    case intrusion, cableTamper, entry, flood, lightFailed, tilt, highWind, panelMissing, solarWeak
    case standingWave, radioUnitLost, cellDegraded, interference
    case satelliteLost, holdover, phaseError
    case fuelVoucher, windowStarted, windowEnded, ticketCreated, ticketResolved

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
        case .moduleFailed: "rectifier.module_failed"
        case .transferFailed: "power.ats.transfer_failed"
        case .surgeArresterFailed: "power.spd.failed"
        case .coolingFailed: "hvac.failed"
        case .coolingFanFailed: "hvac.fan_failed"
        case .highTemperature: "env.high_temp"
        case .batteryHot: "battery.high_temp"
        case .stringOpen: "battery.string_open"
        case .intrusion: "access.intrusion"
        case .cableTamper: "access.cable_tamper"
        case .entry: "access.entry"
        case .flood: "env.flood"
        case .lightFailed: "light.failed"
        case .tilt: "structure.tilt"
        case .highWind: "structure.high_wind"
        case .panelMissing: "solar.panel_missing"
        case .solarWeak: "solar.underperformance"
        case .standingWave: "ran.vswr"
        case .radioUnitLost: "ran.rru_link_lost"
        case .cellDegraded: "ran.cell_degraded"
        case .interference: "ran.rtwp_high"
        case .satelliteLost: "sync.gnss_lost"
        case .holdover: "sync.holdover"
        case .phaseError: "sync.phase_error"
        case .fuelVoucher: "fuel.voucher"
        case .windowStarted: "change.window.started"
        case .windowEnded: "change.window.ended"
        case .ticketCreated: "itsm.ticket.created"
        case .ticketResolved: "itsm.ticket.resolved"
        }
    }

    /// A notice happens once; anything else is raised and cleared.
    var isNotice: Bool {
        switch self {
        case .generatorStarted, .generatorStopped, .batteryTestResult, .fuelRefuel, .permitIssued, .visitStarted, .visitEnded,
            .entry, .fuelVoucher, .windowStarted, .windowEnded, .ticketCreated, .ticketResolved:
            true
        default: false
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
