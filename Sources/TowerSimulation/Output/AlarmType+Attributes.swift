/// What the X.733 block of each type says (DOMAIN 4.2).
extension AlarmType {
    var severity: StaticString {
        switch self {
        case .gridOutage, .batteryLow, .generatorStartFailed, .cellDown: "major"
        case .rectifierSystemFailed, .linkDown, .lossOfSignal, .dyingGasp: "critical"
        case .controllerOffline: "major"
        case .lvdOpen: "major"
        case .startBatteryLow, .levelLow, .congestion, .protectionLost, .fuelLow: "minor"
        case .batteryDischarging, .lowVoltage, .downshift, .doorOpen: "warning"
        case .transferFailed, .coolingFailed, .stringOpen, .intrusion, .lightFailed, .panelMissing, .radioUnitLost: "major"
        case .cableTamper, .flood, .tilt, .phaseError: "critical"
        case .moduleFailed, .surgeArresterFailed, .coolingFanFailed, .batteryHot, .standingWave, .cellDegraded, .interference,
            .holdover:
            "minor"
        case .highTemperature, .highWind, .solarWeak, .satelliteLost: "warning"
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
        case .doorOpen, .entry: 118
        case .moduleFailed: 114
        case .transferFailed: 58
        case .surgeArresterFailed: 110
        case .coolingFailed: 102
        case .coolingFanFailed: 107
        case .highTemperature, .batteryHot: 123
        case .stringOpen: 105
        case .intrusion: 126
        case .cableTamper: 290
        case .flood: 121
        case .highWind: 124
        case .standingWave: 71
        case .cellDegraded: 276
        case .satelliteLost, .holdover: 76
        case .phaseError: 66
        default: 0
        }
    }

    var alarmType: StaticString {
        switch self {
        case .cellDown, .levelLow, .downshift, .linkDown, .lossOfSignal, .protectionLost, .controllerOffline, .dyingGasp:
            "COMMUNICATIONS"
        case .congestion: "QUALITY_OF_SERVICE"
        case .gridOutage, .fuelLow, .highTemperature, .batteryHot, .flood, .highWind: "ENVIRONMENTAL"
        case .doorOpen, .intrusion, .cableTamper, .entry: "PHYSICAL_VIOLATION"
        case .cellDegraded, .interference: "QUALITY_OF_SERVICE"
        case .holdover, .phaseError, .satelliteLost: "TIME_DOMAIN_VIOLATION"
        default: "EQUIPMENT"
        }
    }

    var producer: Producer {
        switch self {
        case .cellDown: .radio
        case .levelLow, .downshift, .linkDown, .lossOfSignal, .congestion, .protectionLost: .transport
        case .controllerOffline: .headEnd
        case .permitIssued, .visitStarted, .visitEnded: .field
        case .standingWave, .radioUnitLost, .cellDegraded, .interference, .satelliteLost, .holdover, .phaseError: .radio
        case .fuelVoucher, .windowStarted, .windowEnded, .ticketCreated, .ticketResolved: .field
        default: .controller
        }
    }
}
