package import TowerModel

/// The network as it was at an instant, from all that inventory ever said.
package enum PastTopology {
    /// - Parameters:
    ///   - unversioned: sites that nobody's inventory told of: they have always been there, as far as anybody knows.
    ///   - alarms: those that were active at the instant.
    package static func view(
        of history: NetworkHistory, unversioned: [Site], alarms: [SiteID: [SiteFacts.AlarmGroup]], at: Timestamp
    ) -> TopologyView {
        let links = history.links(at: at)
        let dependents = TopologyDependents.count(links)
        let sites = history.sites(at: at).map(\.site) + unversioned.filter { !history.knows(site: $0.siteID.rawValue) }
        let views = sites.sorted { $0.siteID < $1.siteID }.map { site in
            let condition = SiteStateRules.derive(SiteFacts(alarms: alarms[site.siteID] ?? []))
            return SiteView(
                site: site, state: condition.state, stateReason: condition.reason, stateSince: condition.since, severity: condition.severity,
                activeAlarms: condition.activeAlarms, dependents: dependents[site.siteID.rawValue] ?? 0)
        }
        return TopologyView(sites: views, links: links, at: at)
    }
}
