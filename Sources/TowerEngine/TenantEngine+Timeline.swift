import TowerCausality
import TowerModel

extension TenantEngine {
    private typealias Node = IncidentSnapshot.TimelineNode

    /// What happened, what must have happened, and what comes next, with the edges of the best story between them.
    ///
    /// Equal conditions of more than three sites are one node; at most 200 nodes.
    func timeline(
        _ entry: Case, _ held: [Fact], _ forecasts: [AutonomyForecast]
    ) -> (nodes: [IncidentSnapshot.TimelineNode], edges: [IncidentSnapshot.CausalEdge]) {
        var nodes: [Node] = []
        var nodeOf: [FactBook.Key: String] = [:]
        let best = entry.top
        let template = best.map { configuration.templates.templates[$0.template] }
        for (condition, group) in grouped(held) {
            if group.count > 3 {
                let node = folded(condition, group)
                for fact in group { nodeOf[FactBook.Key(fact.component, condition)] = node.nodeID }
                nodes.append(node)
                continue
            }
            for fact in group {
                var node = node(of: fact)
                // A condition that came back is a node of its own.
                let again = nodes.filter { $0.nodeID == node.nodeID || $0.nodeID.hasPrefix(node.nodeID + "|") }.count
                if again > 0 { node.nodeID += "|\(again + 1)" }
                if let best, let template, fact.component == best.anchor {
                    node.isRoot = condition == template.root
                    node.isTrigger = condition == template.trigger
                }
                nodeOf[FactBook.Key(fact.component, condition)] = node.nodeID
                nodes.append(node)
            }
        }
        if let best, let template { addLatent(best, template, held, to: &nodes, &nodeOf) }
        if entry.resolvedAt == nil { addPredicted(entry, forecasts, to: &nodes, &nodeOf) }
        var edges: [IncidentSnapshot.CausalEdge] = []
        if let best, let template { edges = self.edges(best, template, nodes, nodeOf) }
        for forecast in forecasts {
            guard let site = topology.find(forecast.siteID.rawValue) else { continue }
            let end = "predicted|\(forecast.endsWith)|\(forecast.siteID)"
            if let from = nodeOf[FactBook.Key(.site(site), .batteryDischarging)],
                let target = nodes.first(where: { $0.nodeID == end }),
                let source = nodes.first(where: { $0.nodeID == from })
            {
                edges.append(.init(from: from, to: end, lagSeconds: target.at.seconds(since: source.at)))
                if nodes.contains(where: { $0.nodeID == "predicted|dark|\(forecast.siteID)" }) {
                    edges.append(.init(from: end, to: "predicted|dark|\(forecast.siteID)", lagSeconds: 30))
                }
            }
        }
        nodes.sort { $0.at != $1.at ? $0.at < $1.at : $0.nodeID < $1.nodeID }
        return (Array(nodes.prefix(200)), Array(edges.prefix(400)))
    }

    private func grouped(_ held: [Fact]) -> [(Condition, [Fact])] {
        var order: [Condition] = []
        var groups: [Condition: [Fact]] = [:]
        for fact in held {
            if groups[fact.condition] == nil { order.append(fact.condition) }
            groups[fact.condition, default: []].append(fact)
        }
        return order.map { ($0, groups[$0]!) }
    }

    private func node(of fact: Fact) -> IncidentSnapshot.TimelineNode {
        let isSite = fact.component.kind == .site
        var label = ConditionWording.name(fact.condition)
        if fact.condition == .cellDown, fact.count > 1 { label = "\(fact.count) cells down" }
        return Node(
            nodeID: "\(fact.condition.rawValue)|\(placeName(fact.component))", lane: fact.condition.lane,
            condition: fact.condition.rawValue,
            label: isSite ? label : "\(label), \(title(of: fact.component))",
            siteID: isSite ? topology.name(fact.component.number) : "",
            managedObject: isSite ? fact.managedObject : placeName(fact.component),
            knowledge: fact.isReported || fact.wasMeasured ? .reported : .inferred, at: fact.onset,
            eventIDs: Array(fact.eventIDs.prefix(16)))
    }

    private func folded(_ condition: Condition, _ group: [Fact]) -> IncidentSnapshot.TimelineNode {
        let reported = group.contains { $0.isReported || $0.wasMeasured }
        return Node(
            nodeID: "\(condition.rawValue)|all", lane: condition.lane, condition: condition.rawValue,
            label: "\(ConditionWording.name(condition)), \(group.count) \(group[0].component.kind == .site ? "sites" : "links")",
            siteID: "",
            managedObject: "", knowledge: reported ? .reported : .inferred, at: group[0].onset, count: group.count,
            eventIDs: Array(group.flatMap { $0.eventIDs.prefix(2) }.prefix(64)))
    }

    /// States that nobody reported but that the best story needs between what was.
    private func addLatent(
        _ best: Hypothesis, _ template: CausalTemplate, _ held: [Fact], to nodes: inout [IncidentSnapshot.TimelineNode],
        _ nodeOf: inout [FactBook.Key: String]
    ) {
        let seen = Set(best.terms.filter { $0.fact >= 0 }.map(\.node))
        for term in best.terms where term.fact < 0 && term.component == best.anchor && term.status != .pending {
            let node = template.nodes[term.node]
            let isRoot = term.condition == template.root
            let isNeeded = template.nodes.indices.contains { template.nodes[$0].after == term.node && seen.contains($0) }
            guard (isNeeded || isRoot) && node.probability >= 0.5 && term.status != .denied || isRoot,
                term.condition != .batterySustained
            else {
                continue
            }
            let key = FactBook.Key(term.component, term.condition)
            guard nodeOf[key] == nil else { continue }
            let isSite = term.component.kind == .site
            let following = best.terms.filter { $0.fact >= 0 && template.nodes[$0.node].after == term.node }.map(\.at).min()
            let made = Node(
                nodeID: "\(term.condition.rawValue)|\(placeName(term.component))", lane: term.condition.lane,
                condition: term.condition.rawValue, label: ConditionWording.name(term.condition),
                siteID: isSite ? topology.name(term.component.number) : "",
                managedObject: isSite ? (isRoot ? template.rootObject : "") : placeName(term.component), knowledge: .inferred,
                at: following.map { min($0, term.at) } ?? term.at, isRoot: isRoot, isTrigger: term.condition == template.trigger)
            nodeOf[key] = made.nodeID
            nodes.append(made)
        }
    }

    /// The disconnect that the forecast names, and who goes with it.
    private func addPredicted(
        _ entry: Case, _ forecasts: [AutonomyForecast], to nodes: inout [IncidentSnapshot.TimelineNode],
        _ nodeOf: inout [FactBook.Key: String]
    ) {
        for forecast in forecasts.prefix(12) {
            guard let site = topology.find(forecast.siteID.rawValue), facts.active(.site(site), .lvd2Open) == nil else {
                continue
            }
            func at(_ minutes: Double) -> Timestamp { forecast.at.adding(seconds: minutes * 60) }
            let isFirst = forecast.endsWith == "lvd1"
            nodes.append(
                Node(
                    nodeID: "predicted|\(forecast.endsWith)|\(forecast.siteID)", lane: .battery,
                    condition: (isFirst ? Condition.lvd1Open : .lvd2Open).rawValue,
                    label: "\(isFirst ? "LVD 1" : "LVD 2") at \(ConditionWording.clock(at(forecast.minutesP50)))",
                    siteID: forecast.siteID.rawValue,
                    managedObject: "dc", knowledge: .predicted, at: at(forecast.minutesP50), earliest: at(forecast.minutesP10),
                    latest: at(forecast.minutesP90), eventIDs: forecast.eventIDs))
            let dependents = topology.dependents(of: site)
            nodes.append(
                Node(
                    nodeID: "predicted|dark|\(forecast.siteID)", lane: .site, condition: Condition.siteDark.rawValue,
                    label: dependents.isEmpty
                        ? "\(topology.title(site)) goes dark"
                        : "\(topology.title(site)) goes dark, \(ConditionWording.sites(dependents.count)) cut off",
                    siteID: forecast.siteID.rawValue,
                    managedObject: "site", knowledge: .predicted, at: at(forecast.minutesP50).adding(seconds: 30),
                    earliest: at(forecast.minutesP10), latest: at(forecast.minutesP90).adding(seconds: 60),
                    count: 1 + dependents.count,
                    eventIDs: forecast.eventIDs))
        }
    }

    /// Each node hangs on the nearest node above it in the story that is shown.
    private func edges(
        _ best: Hypothesis, _ template: CausalTemplate, _ nodes: [IncidentSnapshot.TimelineNode], _ nodeOf: [FactBook.Key: String]
    ) -> [IncidentSnapshot.CausalEdge] {
        var edges: [IncidentSnapshot.CausalEdge] = []
        var seen = Set<String>()
        let instant = Dictionary(nodes.map { ($0.nodeID, $0.at) }) { first, _ in first }
        func shown(_ index: Int, for place: Component) -> String? {
            let condition = template.nodes[index].condition
            return nodeOf[FactBook.Key(best.anchor, condition)] ?? nodeOf[FactBook.Key(place, condition)]
        }
        for term in best.terms {
            guard let to = nodeOf[FactBook.Key(term.component, term.condition)] else { continue }
            var cause = template.nodes[term.node].after
            var from: String?
            while let index = cause, from == nil {
                from = shown(index, for: term.component)
                cause = template.nodes[index].after
            }
            // Battery ends hang on the root, not on the first second of discharge.
            if template.trigger != nil, term.condition == .batteryDischarging || term.condition == .generatorStartFailed {
                from = from ?? shown(0, for: term.component)
            }
            guard let source = from, source != to, seen.insert(source + ">" + to).inserted, let start = instant[source],
                let end = instant[to]
            else {
                continue
            }
            edges.append(.init(from: source, to: to, lagSeconds: (end.seconds(since: start) * 1000).rounded() / 1000))
        }
        if let root = nodes.first(where: \.isRoot), let trigger = nodes.first(where: \.isTrigger), root.nodeID != trigger.nodeID,
            seen.insert(trigger.nodeID + ">" + root.nodeID).inserted
        {
            edges.append(
                .init(
                    from: trigger.nodeID, to: root.nodeID,
                    lagSeconds: (root.at.seconds(since: trigger.at) * 1000).rounded() / 1000))
        }
        return edges
    }
}
