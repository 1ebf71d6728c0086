package import TowerModel

/// The derived part of a site's view at the end of a slice.
package enum SiteDerivation {
    /// Brings `view` up to date and answers whether people should be told.
    ///
    /// A site that was only heard is told of once a minute of event time: lists show its freshness, nothing else moved. All of
    /// it follows from the facts at the end of the slice, so that another cut of the log gives the same.
    /// - Parameters:
    ///   - forecast: the newest one, whether it still says something or not.
    ///   - facts: with the newest of `heard` and what the view had.
    package static func derive(
        _ view: inout SiteView, _ facts: SiteFacts, forecast: AutonomyForecast?, heard: Timestamp?, isTouched: Bool
    ) -> Bool {
        var isChanged = isTouched
        if let heard, heard > view.lastEventAt ?? .distantPast {
            isChanged = isChanged || minute(heard) != view.lastEventAt.map(minute)
            view.lastEventAt = heard
        }
        var facts = facts
        facts.lastEventAt = view.lastEventAt
        let condition = SiteStateRules.derive(facts)
        let kept = forecast.flatMap { SiteStateRules.keepsAutonomy($0, condition, facts) ? $0 : nil }
        isChanged = isChanged || condition != view.condition || kept != view.autonomy
        view.condition = condition
        view.autonomy = kept
        return isChanged
    }

    /// When the battery is expected to be empty, for the list of those that fall next.
    package static func autonomyEnds(_ forecast: AutonomyForecast?) -> Int64? {
        forecast.map { $0.at.adding(seconds: min(max($0.minutesP50, 0), 1e6) * 60).microseconds }
    }

    private static func minute(_ at: Timestamp) -> Int64 { at.milliseconds / 60_000 }
}

extension SiteView {
    /// The derived part of the view.
    package var condition: SiteCondition {
        get {
            SiteCondition(
                state: state, reason: stateReason, since: stateSince, severity: severity, activeAlarms: activeAlarms,
                incidentID: incidentID, incidentNumber: incidentNumber)
        }
        set {
            state = newValue.state
            stateReason = newValue.reason
            stateSince = newValue.since
            severity = newValue.severity
            activeAlarms = newValue.activeAlarms
            incidentID = newValue.incidentID
            incidentNumber = newValue.incidentNumber
        }
    }
}

/// The last day's availability of a site, kept in its row so that the fleet view adds 10,000 numbers instead of their windows.
package enum SiteAvailability {
    package static let daySeconds = 86_400.0
    /// KPI → the columns `x` and `x_at`.
    package static let columns = ["site_availability": "availability", "power_availability": "power"]

    /// Windows of several lengths tell of the same time: only the finest count.
    package static func mean(_ windows: [(length: Int64, value: Double)]) -> Double? {
        guard let shortest = windows.map(\.length).min() else { return nil }
        let finest = windows.filter { $0.length == shortest }
        return finest.reduce(0) { $0 + $1.value } / Double(finest.count)
    }
}
