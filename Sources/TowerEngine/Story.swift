import TowerCausality
import TowerModel

/// The words of an incident: title, sentence, what to do. Sentences of an operator to an operator.
struct Story {
    let engine: TenantEngine
    let entry: Case
    let held: [Fact]
    let affected: [IncidentSnapshot.AffectedSite]
    let forecasts: [AutonomyForecast]
    let status: IncidentSnapshot.Status

    private var template: CausalTemplate? { entry.top.map { engine.configuration.templates.templates[$0.template] } }
    private var isKnown: Bool { entry.top.map { $0.probability >= max(0.3, entry.unknown) } ?? false }
    private var place: String { entry.top.map { engine.title(of: $0.anchor) } ?? engine.title(of: entry.anchor) }
    private func words(_ condition: Condition) -> String { ConditionWording.name(condition) }
    private func clock(_ at: Timestamp) -> String { ConditionWording.clock(at) }

    private func onset(_ condition: Condition) -> Timestamp? {
        if let best = entry.top,
            let number = best.terms.first(where: { $0.condition == condition && $0.component == best.anchor && $0.fact >= 0 })?
                .fact,
            let fact = engine.facts.facts[Int(number)]
        {
            return fact.onset
        }
        return held.first { $0.condition == condition }?.onset
    }
    private func number(_ impact: IncidentSnapshot.AffectedSite.Impact) -> Int { affected.filter { $0.impact == impact }.count }

    // MARK: Title

    var title: String {
        guard isKnown, let template else {
            let first = held.first { !$0.condition.isHealthy }
            return "\(place): \((first.map { words($0.condition) } ?? "Alarms").lowercased()), cause unknown"
        }
        switch template.root {
        case .generatorStartFailed: return "\(place): generator did not start"
        case .fuelExhausted:
            return
                "\(place): \(held.contains { $0.condition == .generatorStoppedOnLoad || $0.condition == .fuelExhausted } ? "fuel ran out" : "fuel is running out")"
        case .rectifierFailed: return "\(place): rectifier failed, grid present"
        case .transferFailed: return "\(place): transfer switch failed"
        case .gridLost:
            return
                "\(place): grid lost, \(template.requirement == .generator ? "generator carries the load" : "battery alone carries the load")"
        case .feederLost: return "\(ConditionWording.capitalised(place)) lost: \(ConditionWording.sites(members)) without grid"
        case .fibreCut: return "Fibre cut, \(place): \(ConditionWording.sites(cutOff)) cut off"
        case .rainFade:
            return "Rain fade on \(fadingLinks == 1 ? "one hop" : "\(ConditionWording.count(fadingLinks)) hops"), \(place)"
        case .hopDown: return "Hop down, \(place)"
        case .rmsOffline: return "\(place): controller offline, site blind"
        case .cellDown: return "\(place): radio failed"
        default: return "\(place): \(template.label.prefix(1).lowercased())\(template.label.dropFirst())"
        }
    }

    private var members: Int { Set(held.filter { $0.condition == .gridLost }.map(\.component)).count }
    private var cutOff: Int { affected.filter { $0.impact == .down || $0.impact == .degraded }.count }
    private var fadingLinks: Int { Set(held.filter { $0.component.kind == .link }.map(\.component)).count }

    // MARK: Sentence

    var explanation: String {
        guard isKnown, let template else { return unknownSentence }
        let text: String
        switch template.root {
        case .generatorStartFailed, .fuelExhausted, .rectifierFailed, .transferFailed:
            text = effect + ", because " + powerCause(template) + "."
        case .gridLost:
            text =
                template.requirement == .generator && forecasts.isEmpty
                ? "\(place) lost the grid at \(clock(onset(.gridLost) ?? entry.onset)) UTC; its generator carries the load."
                : effect
                    + ", because the grid failed at \(clock(onset(.gridLost) ?? entry.onset)) UTC and only the battery carries the load."
        case .feederLost: text = feederSentence
        case .fibreCut, .hopDown: text = linkSentence(template)
        case .rainFade: text = rainSentence
        case .rmsOffline:
            text =
                "\(place) is blind, not down: its controller has been silent since \(clock(onset(.rmsSilent) ?? onset(.rmsOffline) ?? entry.onset)) UTC while nothing else there reports a fault."
        case .cellDown:
            text =
                "Cells of \(place) are down since \(clock(onset(.cellDown) ?? entry.onset)) UTC; power and the way to the core show no fault, so its radio has failed."
        default: text = dataSentence(template)
        }
        if status == .resolved || status == .autoClosed { return text + ended }
        return counterfactual.map { text + " " + $0 } ?? text
    }

    /// The sentence that the story's own file gives.
    private func dataSentence(_ template: CausalTemplate) -> String {
        guard !template.sentence.isEmpty else { return "\(place): \(template.label)." }
        let at = onset(template.root) ?? entry.onset
        return ConditionWording.capitalised(
            template.sentence.replacing("{place}", with: place).replacing("{time}", with: "\(clock(at)) UTC")
                .replacing("{trigger}", with: "\(clock(template.trigger.flatMap { onset($0) } ?? entry.onset)) UTC"))
    }

    private var ended: String { entry.resolvedAt.map { " It ended at \(clock($0)) UTC." } ?? "" }

    private var unknownSentence: String {
        let first = held.first { !$0.condition.isHealthy }
        let what =
            first.map { "\(words($0.condition).lowercased()) since \(clock($0.onset)) UTC" }
            ?? "alarms since \(clock(entry.onset)) UTC"
        return
            "\(place): \(what), and \(ConditionWording.sites(max(1, affected.count))) affected. The cause is not known: no story that we know explains enough of it."
            + (status == .open ? "" : ended)
    }

    /// "Toumodi hub loses power about 03:45 and takes four more sites"
    private var effect: String {
        let site = place
        let others = affected.filter { $0.siteID.rawValue != leadName }
        let down = others.filter { $0.impact == .down }.count
        if affected.contains(where: { $0.siteID.rawValue == leadName && $0.impact == .down }) {
            let at = onset(.lvd2Open) ?? onset(.dyingGasp) ?? onset(.siteDark) ?? onset(.cellDown)
            return "\(site) lost power" + (at.map { " at \(clock($0))" } ?? "")
                + (down > 0 ? " and took \(ConditionWording.sites(down)) along" : "")
        }
        if status != .open { return "\(site) ran on its battery" }
        if let forecast = forecasts.first(where: { $0.siteID.rawValue == leadName }) {
            let at = forecast.at.adding(seconds: forecast.minutesP50 * 60)
            let takes = others.filter { $0.impact == .atRisk || $0.impact == .down }.count
            return "\(site) loses power about \(clock(at))"
                + (takes > 0 ? " and takes \(takes == 1 ? "one more site" : "\(ConditionWording.count(takes)) more sites")" : "")
        }
        if held.contains(where: { $0.isActive && $0.condition == .batteryDischarging }) { return "\(site) runs on its battery" }
        return "\(site) is about to lose its backup"
    }

    private var leadName: String { engine.leadSite(entry).rawValue }

    private func powerCause(_ template: CausalTemplate) -> String {
        let grid = onset(.gridLost)
        let when = grid.map { " when the grid failed at \(clock($0)) UTC" } ?? ""
        switch template.root {
        case .generatorStartFailed: return "its generator did not start" + when
        case .fuelExhausted:
            if let stopped = onset(.generatorStoppedOnLoad) {
                return "its generator ran out of fuel at \(clock(stopped)) UTC"
                    + (grid.map { " and the grid is away since \(clock($0))" } ?? "")
            }
            return "its tank is running dry"
                + (grid.map { " and the grid is away since \(clock($0)) UTC" }
                    ?? "; fuel low since \(clock(onset(.fuelLow) ?? entry.onset)) UTC")
        case .rectifierFailed:
            return "its rectifier failed at \(clock(onset(.rectifierFailed) ?? entry.onset)) UTC with the grid present"
        default: return "its transfer switch did not bring the generator on load" + when
        }
    }

    private var feederSentence: String {
        let start =
            "\(ConditionWording.capitalised(place)) lost the grid at \(clock(onset(.gridLost) ?? entry.onset)) UTC and \(ConditionWording.sites(members)) with it"
        let down = number(.down)
        if down > 0 {
            return start
                + "; \(down == 1 ? "one site is" : "\(ConditionWording.count(down)) sites are") down, because their backup has ended."
        }
        if let first = forecasts.first, status == .open {
            let name = engine.topology.find(first.siteID.rawValue).map { engine.topology.title($0) } ?? first.siteID.rawValue
            return start + "; \(name) falls first, about \(clock(first.at.adding(seconds: first.minutesP50 * 60)))."
        }
        return start + "; generators and batteries carry them."
    }

    private func linkSentence(_ template: CausalTemplate) -> String {
        let what = template.root == .fibreCut ? "the fibre" : "the hop"
        let at = onset(template.root) ?? entry.onset
        if cutOff == 0 { return "The link \(place) failed at \(clock(at)) UTC; no site behind it has reported a loss." }
        return
            "\(ConditionWording.capitalised(ConditionWording.sites(cutOff))) lost the way to the core at \(clock(at)) UTC, because \(what) \(place) \(template.root == .fibreCut ? "was cut" : "failed"); power is healthy there."
    }

    private var rainSentence: String {
        let down = Set(held.filter { $0.isActive && $0.condition == .hopDown }.map(\.component)).count
        let hops =
            fadingLinks == 1 ? "One hop fades" : "\(ConditionWording.capitalised(ConditionWording.count(fadingLinks))) hops fade"
        let tail = down > 0 ? "; \(down == 1 ? "one is" : "\(ConditionWording.count(down)) are") down" : ""
        return "\(hops) since \(clock(entry.onset)) UTC, one after the other, because of rain\(tail). Expected to end by itself."
    }

    // MARK: What to do

    var actions: [IncidentSnapshot.ProposedAction] {
        typealias Action = IncidentSnapshot.ProposedAction
        guard status == .open else { return [] }
        var list: [Action] = []
        if let first = forecasts.first, first.minutesP10 < 360, template?.root != .feederLost {
            list.append(
                Action(
                    text: "Shed non-critical load at \(nameOf(first.siteID))",
                    detail: "Remote. Battery holds \(ConditionWording.minutes(first.minutesP50)) at the present load",
                    kind: .remote))
        }
        switch isKnown ? template?.root : nil {
        case .generatorStartFailed:
            let weak = held.contains { $0.condition == .starterBatteryLow }
            list.append(
                Action(
                    text: "Send a technician with a starter battery",
                    detail: weak
                        ? "\(place). Starter battery was reported low"
                        : "\(place). Weak starter batteries are the leading cause of no start", kind: .visit))
            list.append(
                Action(text: "Try a remote start", detail: "One more crank tells weak battery from no fuel", kind: .remote))
        case .fuelExhausted:
            list.append(
                Action(
                    text: "Refuel \(place)", detail: "Send fuel and a technician: the generator may need its fuel line bled",
                    kind: .visit))
        case .rectifierFailed:
            list.append(
                Action(
                    text: "Send a technician with rectifier modules",
                    detail: "\(place). The grid is present, only conversion failed", kind: .visit))
            list.append(
                Action(
                    text: "Start the generator remotely",
                    detail: "Gives nothing if its power passes the same rectifier: check the wiring plan", kind: .check))
        case .transferFailed:
            list.append(Action(text: "Send an electrician to the transfer switch", detail: place, kind: .visit))
        case .gridLost:
            list.append(Action(text: "Call the utility", detail: "Ask for the restoration time of \(place)", kind: .check))
        case .feederLost:
            list.append(
                Action(
                    text: "Call the utility",
                    detail: "\(ConditionWording.capitalised(place)): \(ConditionWording.sites(members)) without grid",
                    kind: .check))
            if let first = forecasts.first {
                list.append(
                    Action(
                        text: "Send a mobile generator to \(nameOf(first.siteID))",
                        detail: "Falls first, in \(ConditionWording.minutes(first.minutesP50))", kind: .visit))
            }
        case .fibreCut:
            list.append(
                Action(
                    text: "Call the fibre provider",
                    detail: "Signal lost on \(place); ask for a reflectometer trace from both ends", kind: .check))
            list.append(Action(text: "Send a splicing team", detail: place, kind: .visit))
        case .rainFade:
            list.append(
                Action(
                    text: "Wait: no visit",
                    detail: "Pages at \(clock(entry.onset.adding(seconds: 3_600))) UTC if it has not ended", kind: .check))
        case .hopDown:
            list.append(
                Action(
                    text: "Check both radios of \(place) remotely", detail: "Level, transmit power and alarms of the two ends",
                    kind: .remote))
        case .rmsOffline:
            list.append(
                Action(
                    text: "Restart the controller's modem remotely",
                    detail: "\(place): SIM and modem first, a visit only if that fails", kind: .remote))
        case .cellDown:
            list.append(Action(text: "Restart the radio remotely", detail: place, kind: .remote))
        case .some where template?.actions.isEmpty == false:
            for action in template?.actions ?? [] {
                list.append(
                    Action(
                        text: action.text.replacing("{place}", with: place), detail: action.detail.replacing("{place}", with: place),
                        kind: .init(rawValue: action.kind) ?? .check))
            }
        default:
            list.append(
                Action(
                    text: "Look at the evidence", detail: "No known story explains it: start with the earliest alarm",
                    kind: .check))
        }
        let operators = Set(affected.flatMap(\.operators)).sorted()
        if !operators.isEmpty, template?.root != .rainFade, template?.attention == .person {
            list.append(
                Action(
                    text: operators.count == 1
                        ? "Warn \(operators[0])" : "Warn \(ConditionWording.count(operators.count)) operators",
                    detail: operators.joined(separator: ", "), kind: .notify))
        }
        return list
    }

    private func nameOf(_ site: SiteID) -> String {
        engine.topology.find(site.rawValue).map { engine.topology.title($0) } ?? site.rawValue
    }
}
