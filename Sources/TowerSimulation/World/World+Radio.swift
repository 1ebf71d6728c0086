import TowerModel

/// Alarms of radio and synchronisation, told by the element manager, and cells that stop for reasons of their own.
extension World {
    /// Raises an alarm and keeps it with its fault until `closeRadio`.
    @discardableResult
    mutating func openRadio(
        _ site: Int, _ type: AlarmType, fault: Int32, cause: EventReference?, key: RadioAlarm.Key = .none, value: Double = 0,
        text: StaticString = "", severity: StaticString? = nil
    ) -> EventReference {
        touch(fault, site)
        let reference = emitAlarm(site, type, .raised, fault: fault, causes: (cause, nil), severity: severity) { out in
            Self.write(type, key, value, text, to: &out)
        }
        if fault >= 0 {
            faults[Int(fault)].radioAlarms.append(
                RadioAlarm(site: Int32(site), type: type, key: key, value: value, text: text, reference: reference))
        }
        return reference
    }

    /// Raises the severity of an open alarm.
    mutating func worsenRadio(
        _ site: Int, _ type: AlarmType, fault: Int32, key: RadioAlarm.Key, value: Double, severity: StaticString
    ) {
        emitAlarm(site, type, .changed, fault: fault, causes: (nil, nil), severity: severity) { out in
            Self.write(type, key, value, "", to: &out)
        }
    }

    /// Clears what a fault holds open at a site, of one type or of all.
    mutating func closeRadio(_ site: Int, _ type: AlarmType? = nil, fault: Int32) {
        guard fault >= 0 else { return }
        var kept: [RadioAlarm] = []
        for alarm in faults[Int(fault)].radioAlarms {
            guard Int(alarm.site) == site, type == nil || alarm.type == type else {
                kept.append(alarm)
                continue
            }
            emitAlarm(site, alarm.type, .cleared, fault: fault, causes: (nil, nil)) { out in
                Self.write(alarm.type, alarm.key, alarm.type == .standingWave ? 1.3 : alarm.value, alarm.text, to: &out)
            }
        }
        faults[Int(fault)].radioAlarms = kept
    }

    private static func write(
        _ type: AlarmType, _ key: RadioAlarm.Key, _ value: Double, _ text: StaticString, to out: inout JSONWriter
    ) {
        switch key {
        case .none: break
        case .cell(let cell): out.field("cell", String(cell + 1))
        case .port(let port): out.field("port", String(port + 1))
        }
        switch type {
        case .standingWave: out.field("ratio", value, decimals: 2)
        case .cellDegraded:
            out.key("kpi")
            out.quoted(text)
        case .interference: out.field("rtwp", value, decimals: 1)
        case .holdover: out.field("est_error", value, decimals: 0)
        case .phaseError: out.field("error", value, decimals: 0)
        default: break
        }
    }

    // MARK: Cells

    /// Stops cells; those that are stopped already keep their reason.
    mutating func block(_ site: Int, _ mask: UInt32, reason: StaticString, fault: Int32, cause: EventReference?) {
        for cell in 0..<fleet.sites[site].cells where mask & (1 << UInt32(cell)) != 0 && extras[site].blocks[cell] == nil {
            extras[site].blocks[cell] = SiteExtras.CellBlock(reason: reason, fault: fault, cause: cause)
        }
        checkCells(site)
    }

    /// Lets cells that this fault has stopped work again.
    mutating func unblock(_ site: Int, _ mask: UInt32, fault: Int32) {
        for cell in 0..<fleet.sites[site].cells where mask & (1 << UInt32(cell)) != 0 && extras[site].blocks[cell]?.fault == fault
        {
            extras[site].blocks[cell] = nil
        }
        checkCells(site)
    }
}
