public import TowerModel

/// From facts to the one word that stands for a site. Pure: the same facts are the same word in every store.
///
/// Worst first:
/// 1. **down**: an incident says so, or the site itself reported that its whole load or all its cells are off.
/// 2. **blind**: its controller is silent and nothing says that it is down. Never shown as down.
/// 3. **degraded**: it serves in part: an incident says so, or a load, cell or link of it is off.
/// 4. **on battery**: an incident, an alarm or the newest battery current says so.
/// 5. **watch**: any other alarm of warning or worse, or an incident that expects trouble here.
/// 6. **in service**.
public enum SiteStateRules {
    /// Discharge that counts, ampere. A float-charged battery drifts around zero.
    public static let dischargeAmps = -1.0
    /// A battery current older than this against the site's newest event says nothing of now, seconds.
    static let batteryFreshSeconds = 900.0
    /// A forecast older than this against the site's newest event is forgotten, seconds.
    static let forecastFreshSeconds = 3600.0

    public static func derive(_ facts: SiteFacts) -> SiteCondition {
        let alarms = facts.alarms.sorted { ($0.raisedAt, $0.alarmType) < ($1.raisedAt, $1.alarmType) }
        let impacts = facts.impacts.sorted {
            ($0.severity.rank, rank($0.impact), $1.incidentID) > ($1.severity.rank, rank($1.impact), $0.incidentID)
        }
        var evidence: [SiteState: Timestamp?] = [:]
        func note(_ state: SiteState, _ at: Timestamp?) {
            guard let known = evidence[state] else {
                evidence[state] = .some(at)
                return
            }
            if let at, at < known ?? .distantFuture { evidence[state] = .some(at) }
        }
        for alarm in alarms { if let state = state(of: alarm) { note(state, alarm.raisedAt) } }
        for impact in impacts {
            if let state = state(of: impact.impact) { note(state, impact.since) }
        }
        if isDischarging(facts) { note(.onBattery, facts.dischargingSince) }

        var condition = SiteCondition(state: .inService)
        for state in [SiteState.down, .blind, .degraded, .onBattery, .watch] {
            guard let since = evidence[state] else { continue }
            condition.state = state
            condition.since = since
            break
        }
        condition.activeAlarms = alarms.reduce(0) { $0 + $1.count }
        let alarmSeverity = alarms.map(\.severity).max() ?? .cleared
        let impactSeverity = impacts.map { $0.impact == .atRisk ? min(.warning, $0.severity) : $0.severity }.max() ?? .cleared
        condition.severity = max(alarmSeverity, impactSeverity)
        if let holder = impacts.first {
            condition.incidentID = holder.incidentID
            condition.incidentNumber = holder.number
        }
        condition.reason = reason(condition.state, alarms, impacts, facts)
        return condition
    }

    /// Whether a forecast says something of the site's present trouble: it was made since that began, not long ago, and the
    /// site runs from its battery or nobody knows better.
    public static func keepsAutonomy(_ forecast: AutonomyForecast, _ condition: SiteCondition, _ facts: SiteFacts) -> Bool {
        if let last = facts.lastEventAt, last.seconds(since: forecast.at) > forecastFreshSeconds { return false }
        let began = (facts.alarms.map(\.raisedAt) + facts.impacts.compactMap(\.since) + [facts.dischargingSince].compactMap { $0 }).min()
        if let began, forecast.at < began { return false }
        switch condition.state {
        case .onBattery, .degraded, .blind: return true
        case .watch:
            return facts.alarms.contains { $0.alarmType == "power.grid.outage" } || facts.impacts.contains { $0.impact == .atRisk }
        case .inService, .down: return false
        }
    }

    private static func isDischarging(_ facts: SiteFacts) -> Bool {
        guard facts.dischargingSince != nil, let at = facts.batteryAt else { return false }
        guard let last = facts.lastEventAt else { return true }
        return last.seconds(since: at) <= batteryFreshSeconds
    }

    /// Order of impacts of incidents of one severity.
    private static func rank(_ impact: IncidentSnapshot.AffectedSite.Impact) -> Int {
        switch impact {
        case .down: 5
        case .root: 4
        case .degraded: 3
        case .onBattery: 2
        case .blind: 1
        case .atRisk: 0
        }
    }

    private static func state(of impact: IncidentSnapshot.AffectedSite.Impact) -> SiteState? {
        switch impact {
        case .down: .down
        case .blind: .blind
        case .degraded: .degraded
        case .onBattery: .onBattery
        case .root, .atRisk: .watch
        }
    }

    private static func state(of alarm: SiteFacts.AlarmGroup) -> SiteState? {
        switch alarm.alarmType {
        case "site.down", "site.dark": return .down
        case "power.dc.lvd_open": return alarm.severity == .critical ? .down : .degraded
        case "ran.cell_down": return alarm.severity == .critical ? .down : .degraded
        case "rms.offline", "rms.silent": return .blind
        case "ran.cell_degraded", "ran.rru_link_lost", "mw.link_down", "fibre.los": return .degraded
        case "battery.discharging", "battery.low": return .onBattery
        default: return alarm.severity >= .warning ? .watch : nil
        }
    }

    /// Types a person reads as a cause, in the order in which they cause each other, with the words for them.
    private static let phrases: [(type: String, words: String)] = [
        ("power.grid.outage", "grid lost"), ("power.ats.transfer_failed", "transfer switch failed"),
        ("dg.start_failed", "generator did not start"), ("fuel.exhausted", "fuel exhausted"), ("fuel.low", "fuel low"),
        ("rectifier.system_failed", "rectifiers failed"), ("rectifier.module_failed", "rectifier module failed"),
        ("battery.discharging", "on battery"), ("battery.low", "battery low"), ("power.dc.low_voltage", "bus voltage low"),
        ("power.dc.lvd_open", "load disconnected"), ("fibre.los", "fibre lost"), ("mw.link_down", "link down"),
        ("mw.rsl_low", "link fading"), ("ran.cell_down", "cell down"), ("env.high_temp", "too hot"),
        ("access.intrusion", "intrusion"), ("env.smoke", "smoke"), ("env.fire", "fire"), ("env.flood", "flood"),
        ("rms.offline", "controller silent"), ("rms.silent", "controller silent"), ("site.dark", "site dark"),
        ("site.down", "site down"),
    ]

    private static func reason(
        _ state: SiteState, _ alarms: [SiteFacts.AlarmGroup], _ impacts: [SiteFacts.Impact], _ facts: SiteFacts
    ) -> String {
        guard state != .inService else { return "" }
        var parts: [String] = []
        for phrase in phrases {
            guard let alarm = alarms.first(where: { $0.alarmType == phrase.type }) else { continue }
            let words = alarm.count > 1 && phrase.type == "ran.cell_down" ? "\(alarm.count) cells down" : phrase.words
            parts.append(parts.isEmpty ? "\(words) \(clock(alarm.raisedAt))" : words)
            if parts.count == 3 { break }
        }
        if state == .onBattery, !parts.contains(where: { $0.hasPrefix("on battery") }), parts.count < 3 {
            parts.append("on battery")
        }
        if parts.isEmpty, let impact = impacts.first { parts.append(words(impact)) }
        if parts.isEmpty, let worst = alarms.max(by: { $0.severity < $1.severity }) {
            parts.append("\(worst.alarmType) \(clock(worst.raisedAt))")
        }
        if let number = impacts.first?.number, !parts.contains(where: { $0.contains(number) }) { parts.append(number) }
        return parts.joined(separator: ", ")
    }

    private static func words(_ impact: SiteFacts.Impact) -> String {
        let since = impact.since.map { " since \(clock($0))" } ?? ""
        switch impact.impact {
        case .down: return "cut off\(since) (\(impact.number))"
        case .blind: return "no word\(since) (\(impact.number))"
        case .degraded: return "serving in part\(since) (\(impact.number))"
        case .onBattery: return "on battery\(since) (\(impact.number))"
        case .root: return "origin of \(impact.number)"
        case .atRisk: return impact.expectedAt.map { "expected to go \(clock($0)) (\(impact.number))" } ?? "at risk (\(impact.number))"
        }
    }

    /// Hour and minute, UTC: `02:14 UTC`.
    private static func clock(_ at: Timestamp) -> String {
        let minutes = ((at.milliseconds / 60_000) % 1440 + 1440) % 1440
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(two(minutes / 60)):\(two(minutes % 60)) UTC"
    }
}
