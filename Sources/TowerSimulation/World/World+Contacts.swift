import TowerModel

/// Inputs of the site controller that scenarios set: it tells them like everything else, or keeps silent when it must.
extension World {
    func isContactSet(_ site: Int, _ alarm: SiteAlarm) -> Bool { extras[site].contacts & alarm.bit != 0 }

    /// Sets or releases an input and lets the controller report it.
    /// - Parameter value: the number that goes with it, in the unit of its event's field.
    /// - Returns: the alarm by which it was told last; `nil` while the controller is silent.
    @discardableResult
    mutating func setContact(
        _ site: Int, _ alarm: SiteAlarm, _ isSet: Bool, fault: Int32, cause: EventReference? = nil, value: Double = 0
    ) -> EventReference? {
        let slot = Int(alarm.rawValue)
        let isNew = isSet && !isContactSet(site, alarm)
        extras[site].contactValue[slot] = value
        if isSet { extras[site].contacts |= alarm.bit } else { extras[site].contacts &= ~alarm.bit }
        if isNew {
            extras[site].contactFault[slot] = fault
            extras[site].contactCause[slot] = cause
            touch(fault, site)
        }
        report(site, alarm.bit)
        return sites[site].raise(alarm)
    }

    mutating func emitContact(_ site: Int, _ alarm: SiteAlarm, _ change: AlarmChange, fault: Int32) -> EventReference {
        let value = extras[site].contactValue[Int(alarm.rawValue)]
        let cause = extras[site].contactCause[Int(alarm.rawValue)]
        let (type, severity) = contactType(site, alarm)
        let permit = extras[site].permit
        let modulesOut = extras[site].modulesOut
        let ampHours = fleet.sites[site].stringAmpHours
        let deadline = change == .cleared ? nil : timestamp(now + 1800).description
        return emitAlarm(site, type, change, fault: fault, causes: (cause, nil), severity: severity) { out in
            switch alarm {
            case .moduleFailed:
                out.field("slot", String(Int(value)))
                out.field("spare_left", max(0, 1 - modulesOut))
            case .transferFailed:
                out.field("from", "grid")
                out.field("to", "dg")
            case .coolingFailed, .coolingFanFailed: out.field("unit", "1")
            case .highTemperature: out.field("t", value, decimals: 1)
            case .batteryHot: out.field("temp", value, decimals: 1)
            case .stringOpen:
                out.field("string_id", "S1")
                out.field("expected_ah", ampHours, decimals: 0)
            case .door:
                out.field("door", "main")
                if !permit.isEmpty { out.field("permit_id", permit) }
            case .intrusion: out.field("sensor", "motion")
            case .flood: out.field("level", value, decimals: 0)
            case .surgeArrester: out.field("branch", "mains")
            case .light:
                out.field("position", "top")
                out.field("regulated", true)
                if let deadline { out.field("deadline", deadline) }
            case .tilt: out.field("tilt", value, decimals: 2)
            case .highWind: out.field("wind", value, decimals: 1)
            case .solarWeak:
                out.field("pr", value, decimals: 1)
                out.field("expected", 80, decimals: 0)
            default: break
            }
        }
    }

    private func contactType(_ site: Int, _ alarm: SiteAlarm) -> (AlarmType, StaticString?) {
        switch alarm {
        case .moduleFailed: (.moduleFailed, extras[site].modulesOut > 1 ? "major" : nil)
        case .transferFailed: (.transferFailed, nil)
        case .coolingFailed: (.coolingFailed, nil)
        case .coolingFanFailed: (.coolingFanFailed, nil)
        case .highTemperature:
            (.highTemperature, ["warning", "warning", "minor", "major", "critical"][Int(extras[site].heatLevel)])
        case .batteryHot: (.batteryHot, nil)
        case .stringOpen: (.stringOpen, nil)
        case .door: (.doorOpen, extras[site].permit.isEmpty ? "minor" : "warning")
        case .intrusion: (.intrusion, nil)
        case .cableTamper: (.cableTamper, nil)
        case .flood: (.flood, nil)
        case .surgeArrester: (.surgeArresterFailed, nil)
        case .light: (.lightFailed, nil)
        case .tilt: (.tilt, nil)
        case .highWind: (.highWind, nil)
        case .panelMissing: (.panelMissing, nil)
        default: (.solarWeak, nil)
        }
    }

    /// A notice of the field or the office, which has no state.
    @discardableResult
    mutating func notice(
        _ site: Int, _ type: AlarmType, fault: Int32 = -1, cause: EventReference? = nil, fields: (inout JSONWriter) -> Void
    ) -> EventReference {
        emitAlarm(site, type, .raised, fault: fault, causes: (cause, nil), fields: fields)
    }
}
