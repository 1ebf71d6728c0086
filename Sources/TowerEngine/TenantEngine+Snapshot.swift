import TowerCausality
import TowerModel

extension TenantEngine {
    /// Everything known of an incident at this instant.
    func snapshot(_ number: Int32, status: IncidentSnapshot.Status) -> IncidentSnapshot {
        let entry = cases[number]!
        return entry.group >= 0 ? groupSnapshot(entry, status: status) : caseSnapshot(entry, status: status)
    }

    private func caseSnapshot(_ entry: Case, status: IncidentSnapshot.Status) -> IncidentSnapshot {
        let held = heldFacts(entry)
        let affected = affectedSites(entry, held)
        let forecasts = forecasts(entry)
        let story = Story(engine: self, entry: entry, held: held, affected: affected, forecasts: forecasts, status: status)
        let events = entry.events.sorted { ($0.at, $0.id) < ($1.at, $1.id) }
        let watching = isExpectedToEnd(entry, held, forecasts)
        let timeline = timeline(entry, held, forecasts)
        var reason = entry.reasons.isEmpty ? "new evidence" : entry.reasons.joined(separator: "; ")
        if entry.hitBound { reason += "; search stopped at \(configuration.maximumHypotheses) hypotheses" }
        return IncidentSnapshot(
            incidentID: entry.incidentID ?? EventID(high: 0, low: 0), tenantID: tenantID, revision: entry.revision,
            status: status,
            severity: severity(entry, held, affected, forecasts), openedAt: entry.openedAt, onsetAt: entry.onset, updatedAt: now,
            resolvedAt: entry.resolvedAt, needsPerson: status == .open && !watching,
            pagesAt: status == .open && watching && !isRecord(entry) ? entry.onset.adding(seconds: 3_600) : nil, title: story.title,
            explanation: story.explanation, reason: reason, siteID: leadSite(entry), affectedSites: affected,
            affectedOperators: Set(affected.flatMap(\.operators)).sorted(), rootCauseCandidates: candidates(entry, held),
            timeline: timeline.nodes, edges: timeline.edges, autonomy: forecasts,
            actions: story.actions + (status == .open ? [story.nextTest].compactMap(\.self) : []),
            eventIDs: events.map(\.id),
            alarmIDs: entry.slots.map { book.alarm($0).alarmID }.sorted(), alarmCount: entry.slots.count)
    }

    /// Facts of the case that still exist, by onset, then name.
    func heldFacts(_ entry: Case) -> [Fact] {
        entry.facts.compactMap { facts.facts[Int($0)] }.filter { $0.caseNumber == entry.number }.sorted {
            if $0.onset != $1.onset { return $0.onset < $1.onset }
            if $0.condition != $1.condition { return $0.condition.rawValue < $1.condition.rawValue }
            return placeName($0.component) < placeName($1.component)
        }
    }

    /// A component's id as the log writes it.
    func placeName(_ component: Component) -> String {
        switch component.kind {
        case .site: topology.name(component.number)
        case .link: topology.links[Int(component.number)].name
        case .feeder: "feeder:" + topology.feederName(component.number)
        }
    }

    /// The site that lists show: the root's, else the first that was hit.
    func leadSite(_ entry: Case) -> SiteID {
        if let best = entry.top {
            switch best.anchor.kind {
            case .site: return SiteID(topology.name(best.anchor.number))
            case .link:
                let link = topology.links[Int(best.anchor.number)]
                return SiteID(topology.name(link.parent == link.a ? link.b : link.a))
            case .feeder: break
            }
        }
        let names = entry.sites.map { topology.name($0) } + entry.links.map { topology.name(topology.links[Int($0)].a) }
        return SiteID(names.min() ?? "")
    }

    // MARK: Effect

    func affectedSites(_ entry: Case, _ held: [Fact]) -> [IncidentSnapshot.AffectedSite] {
        var impact: [Int32: (IncidentSnapshot.AffectedSite.Impact, Timestamp?, Timestamp?)] = [:]
        func put(_ site: Int32, _ new: IncidentSnapshot.AffectedSite.Impact, since: Timestamp?, expected: Timestamp? = nil) {
            if let known = impact[site], rank(known.0) >= rank(new) { return }
            impact[site] = (new, since, expected)
        }
        for fact in held where fact.isActive || entry.stage == .resolved || entry.resolvedAt != nil {
            guard fact.component.kind == .site else { continue }
            let site = fact.component.number
            switch fact.condition {
            case .cellDown:
                let isWidespread = fact.count > 1 || entry.sites.count > 1 || entry.top?.anchor.kind == .link
                put(site, isWidespread && !hasShedLoad(site) ? .down : .degraded, since: fact.onset)
            case .siteDark, .dyingGasp, .lvd2Open, .backhaulLost: put(site, .down, since: fact.onset)
            case .lvd1Open, .lowVoltage: put(site, .degraded, since: fact.onset)
            case .batteryDischarging: put(site, .onBattery, since: fact.onset)
            case .rmsSilent, .rmsOffline: put(site, .blind, since: fact.onset)
            case .gridLost, .generatorStartFailed, .generatorStoppedOnLoad, .rectifierFailed, .fuelLow, .fuelExhausted,
                .transferFailed,
                .batteryLow, .batterySustained, .moduleFailed, .coolingFailed, .coolingWeak, .shelterHot, .shelterHeats, .batteryHot,
                .batteryAged, .batteryShort, .batteryMissing, .fuelTheft, .fuelSiphon, .fuelShortDelivery, .intrusion, .workUnpermitted,
                .towerTilts, .lightFailed, .flood, .panelMissing, .solarWeak, .surgeProtectionFailed, .timingLost, .timingHoldover,
                .sensorFault:
                put(site, .atRisk, since: fact.onset)
            case .cellDegraded, .cellSleeping, .uplinkNoise, .standingWave, .radioUnitLost, .phaseError:
                put(site, .degraded, since: fact.onset)
            default: break
            }
        }
        for (site, found) in impact.sorted(by: { topology.name($0.key) < topology.name($1.key) }) {
            guard let forecast = currentForecast(site), found.0 != .down else { continue }
            let end = forecast.at.adding(seconds: forecast.minutesP50 * 60)
            impact[site]!.2 = end
            if forecast.minutesP10 < 360 {
                for dependent in topology.dependents(of: site).prefix(256) { put(dependent, .atRisk, since: nil, expected: end) }
            }
        }
        for link in entry.links
        where held.contains(where: {
            $0.component == .link(link) && $0.isActive && ($0.condition == .fibreCut || $0.condition == .hopDown)
        }) {
            for dependent in topology.dependents(ofLink: link).prefix(512) { put(dependent, .degraded, since: nil) }
        }
        if let best = entry.top, best.anchor.kind == .site, let known = impact[best.anchor.number] {
            impact[best.anchor.number] = (known.0 == .down ? .down : .root, known.1, known.2)
        }
        return impact.map { site, found in
            IncidentSnapshot.AffectedSite(
                siteID: SiteID(topology.name(site)), impact: found.0, since: found.1, expectedAt: found.2,
                operators: topology.sites[Int(site)]?.operators ?? [])
        }.sorted { rank($0.impact) != rank($1.impact) ? rank($0.impact) > rank($1.impact) : $0.siteID < $1.siteID }
    }

    /// The first disconnect took part of the load; the rest still has power.
    private func hasShedLoad(_ site: Int32) -> Bool {
        let place = Component.site(site)
        return facts.active(place, .lvd1Open) != nil
            && [Condition.lvd2Open, .siteDark, .dyingGasp].allSatisfy { facts.active(place, $0) == nil }
    }

    private func rank(_ impact: IncidentSnapshot.AffectedSite.Impact) -> Int {
        switch impact {
        case .root: 6
        case .down: 5
        case .degraded: 4
        case .onBattery: 3
        case .atRisk: 2
        case .blind: 1
        }
    }

    /// Severity by what service loses or is about to lose, not by how loud the alarms are.
    func severity(
        _ entry: Case, _ held: [Fact], _ affected: [IncidentSnapshot.AffectedSite], _ forecasts: [AutonomyForecast]
    ) -> Severity {
        if let best = entry.top, best.probability > entry.unknown, !affected.contains(where: { $0.impact == .down }),
            let most = Severity(rawValue: configuration.templates.templates[best.template].mostSeverity)
        {
            return min(most, max(.warning, held.map(\.severity).max() ?? .minor))
        }
        if affected.contains(where: { $0.impact == .down }) { return .critical }
        if forecasts.contains(where: { $0.minutesP10 < configuration.shortAutonomyMinutes }) { return .critical }
        if held.contains(where: {
            $0.isActive && ($0.condition == .rectifierFailed || $0.condition == .fibreCut || $0.condition == .lvd2Open)
        }) {
            return .critical
        }
        if held.contains(where: {
            $0.isActive
                && [
                    .generatorStartFailed, .generatorStoppedOnLoad, .batterySustained, .batteryLow, .hopDown, .cellDown,
                    .lvd1Open,
                ]
                .contains($0.condition)
        }) {
            return .major
        }
        if affected.contains(where: { $0.impact == .blind }) { return .major }
        let loudest = held.filter { entry.resolvedAt != nil || $0.isActive }.map(\.severity).max() ?? .minor
        return max(.warning, min(.major, loudest))
    }

    /// Rain, and outages that are carried, end by themselves: they are watched, not handed out.
    func isExpectedToEnd(_ entry: Case, _ held: [Fact], _ forecasts: [AutonomyForecast]) -> Bool {
        guard let best = entry.top else { return false }
        let template = configuration.templates.templates[best.template]
        let isOld = now.seconds(since: entry.onset) > 3_600
        let active = held.filter(\.isActive)
        if best.probability <= entry.unknown {
            return !active.isEmpty && !isOld && active.allSatisfy { $0.condition == .rmsSilent }
        }
        if template.root == .rainFade { return !isOld }
        if template.attention != .person { return template.attention == .record || !isOld }
        // A controller that is only silent may be sending late: it pages when it stays silent.
        if active.allSatisfy({ $0.condition == .rmsSilent }) { return !isOld }
        if template.root == .feederLost {
            return !active.contains {
                $0.condition.isOutage || $0.condition == .generatorStartFailed || $0.condition == .lowVoltage
                    || $0.condition == .batteryLow
            }
                && !forecasts.contains { $0.minutesP10 < configuration.shortAutonomyMinutes }
        }
        return false
    }

    /// Nobody's work, however long it lasts.
    private func isRecord(_ entry: Case) -> Bool {
        guard let best = entry.top, best.probability > entry.unknown else { return false }
        return configuration.templates.templates[best.template].attention == .record
    }

    func forecasts(_ entry: Case) -> [AutonomyForecast] {
        guard entry.resolvedAt == nil else { return [] }
        return entry.sites.filter { powerCase[$0] == entry.number }.compactMap { currentForecast($0) }.sorted {
            $0.minutesP50 != $1.minutesP50 ? $0.minutesP50 < $1.minutesP50 : $0.siteID < $1.siteID
        }
    }
}
