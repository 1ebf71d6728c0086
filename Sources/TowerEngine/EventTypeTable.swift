import TowerCausality
import TowerModel

/// What the engine does with an event of one type.
enum EventRole: UInt8, Sendable {
    case ignored, site, link, alarm, notice, genericRaise, genericClear
    case gridTelemetry, dcTelemetry, rectifierTelemetry, batteryTelemetry, generatorTelemetry, fuelTelemetry
    case shelterTelemetry, lightTelemetry, solarTelemetry, structureTelemetry
    case radioLinkTelemetry, cellPerformance, heartbeat, otherTelemetry, metric, sample
}

/// Symbols of one symbol table, resolved once: which role an event type has, and the keys the engine reads.
struct EventTypeTable: Sendable {
    /// A class, as its hundred numbers would else be copied on the way through every function.
    final class Keys: Sendable {
        let state, alarmState, severity, perceivedSeverity, alarmSeverity: Symbol
        let managedObject, alarmManagedObject, probableCause, alarmProbableCause: Symbol
        let alarmType, deviceID, raisedEventID, priority, peer, feederID, text, specificProblem: Symbol
        let v1, v2, v3, busVolts, loadAmps, amps, soc, soh, temperature, stringID: Symbol
        let rpm, power, startBattery, level, levelPercent, modulesOK, modulesTotal, outAmps, rsl, unavailable, cell: Symbol
        let name, lat, lon, region, timezone, operators, gridClass, isHub, loadKW, solar: Symbol
        let batteryStrings, batteryAh, batteryChemistry, batteryInstalled, dgKVA, dgTank: Symbol
        let a, b, kind, parent, frequency, length, hours, volts, status, validFrom: Symbol
        let metric, value, unit, sequence, phase, slot, branch, port: Symbol
        let insideTemperature, outsideTemperature, lux, irradiance, tilt, wind, attempts, volume, measured, cause, resistance: Symbol
        let energy, runHours, capacity: Symbol
        /// Bits by the lowest six of their numbers of all keys that name an instance.
        let namingBits: UInt64

        init(_ table: SymbolTable) {
            func key(_ name: String) -> Symbol { table.intern(name) }
            state = key("state")
            alarmState = key("alarm.state")
            severity = key("severity")
            perceivedSeverity = key("perceived_severity")
            alarmSeverity = key("alarm.perceived_severity")
            managedObject = key("managed_object")
            alarmManagedObject = key("alarm.managed_object")
            probableCause = key("probable_cause")
            alarmProbableCause = key("alarm.probable_cause")
            alarmType = key("alarm_type")
            deviceID = key("device_id")
            raisedEventID = key("raised_event_id")
            priority = key("priority")
            peer = key("peer")
            feederID = key("feeder_id")
            text = key("text")
            specificProblem = key("alarm.specific_problem")
            v1 = key("v_l1")
            v2 = key("v_l2")
            v3 = key("v_l3")
            busVolts = key("bus_v")
            loadAmps = key("load_i")
            amps = key("i")
            soc = key("soc")
            soh = key("soh")
            temperature = key("temp")
            stringID = key("string_id")
            rpm = key("rpm")
            power = key("p")
            startBattery = key("start_batt")
            level = key("level")
            levelPercent = key("level_pct")
            modulesOK = key("modules_ok")
            modulesTotal = key("modules_total")
            outAmps = key("out_i")
            rsl = key("rsl")
            unavailable = key("unavail_s")
            cell = key("cell")
            name = key("name")
            lat = key("lat")
            lon = key("lon")
            region = key("region")
            timezone = key("timezone")
            operators = key("operators")
            gridClass = key("grid_class")
            isHub = key("is_hub")
            loadKW = key("load_kw")
            solar = key("solar_kwp")
            batteryStrings = key("battery.strings")
            batteryAh = key("battery.ah")
            batteryChemistry = key("battery.chemistry")
            batteryInstalled = key("battery.installed")
            dgKVA = key("dg.kva")
            dgTank = key("dg.tank_l")
            a = key("a")
            b = key("b")
            kind = key("kind")
            parent = key("parent")
            frequency = key("frequency_ghz")
            length = key("length_km")
            hours = key("hours_to_empty_p10")
            volts = key("v")
            status = key("status")
            validFrom = key("valid_from")
            metric = key("metric")
            value = key("value")
            unit = key("unit")
            sequence = key("seq")
            phase = key("phase")
            slot = key("slot")
            branch = key("branch")
            port = key("port")
            insideTemperature = key("t_in")
            outsideTemperature = key("t_out")
            lux = key("lux")
            irradiance = key("poa")
            tilt = key("tilt")
            wind = key("wind")
            attempts = key("rrc_att")
            volume = key("volume")
            measured = key("measured")
            cause = key("cause")
            resistance = key("r")
            energy = key("e")
            runHours = key("run_h")
            capacity = key("c_measured")
            let naming = [stringID, cell, unit, sequence, slot, branch, port, peer, deviceID, managedObject]
            namingBits = naming.reduce(into: 0) { $0 |= 1 << UInt64(truncatingIfNeeded: $1.rawValue & 63) }
        }
    }

    let table: SymbolTable
    let keys: Keys
    private var roles: [EventRole] = []
    private var resolved: [Bool] = []

    init(table: SymbolTable) {
        self.table = table
        self.keys = Keys(table)
    }

    mutating func role(_ type: Symbol) -> EventRole {
        guard type.rawValue >= 0 else { return .ignored }
        let index = Int(type.rawValue)
        while roles.count <= index {
            roles.append(.ignored)
            resolved.append(false)
        }
        if !resolved[index] {
            roles[index] = Self.role(named: table.name(type))
            resolved[index] = true
        }
        return roles[index]
    }

    static func role(named name: String) -> EventRole {
        switch name {
        case "inventory.site": return .site
        case "topology.link": return .link
        case "alarm.raised": return .genericRaise
        case "alarm.cleared": return .genericClear
        case "power.grid.telemetry": return .gridTelemetry
        case "power.dc.telemetry": return .dcTelemetry
        case "rectifier.telemetry": return .rectifierTelemetry
        case "battery.telemetry": return .batteryTelemetry
        case "dg.telemetry": return .generatorTelemetry
        case "fuel.telemetry": return .fuelTelemetry
        case "mw.telemetry": return .radioLinkTelemetry
        case "env.telemetry": return .shelterTelemetry
        case "light.telemetry": return .lightTelemetry
        case "solar.telemetry": return .solarTelemetry
        case "structure.telemetry": return .structureTelemetry
        case "permit.issued", "wfm.visit.started", "wfm.visit.ended", "change.window.started", "change.window.ended": return .notice
        case "ran.pm": return .cellPerformance
        case "rms.heartbeat": return .heartbeat
        case "telemetry.metric": return .metric
        case "telemetry.sample": return .sample
        default: break
        }
        if let known = AlarmKnowledge.byType[name] { return known.isNotice ? .notice : .alarm }
        if name.hasSuffix(".telemetry") { return .otherTelemetry }
        // A type that the catalogue does not know but that looks like an alarm of a tower family is kept as one.
        let families = [
            "power.", "rectifier.", "battery.", "dg.", "fuel.", "hvac.", "env.", "access.", "light.", "structure.", "ran.",
            "sync.", "mw.", "fibre.", "eth.", "path.", "ring.", "rms.", "solar.",
        ]
        return families.contains { name.hasPrefix($0) } ? .notice : .ignored
    }
}
