import TowerModel

/// One run's incidents against its faults, before anything is added up. Index spaces are this run's own.
struct Judgement: Sendable {
    struct Incident: Sendable {
        var identity: EventID
        var last: ScoredRevision
        var events: Set<EventID>
        /// Its own revisions and those of incidents merged into it, by time.
        var revisions: [ScoredRevision]
        var isSeen: Bool

        /// A record that closed itself before anybody saw it.
        var isRecord: Bool { last.status == .autoClosed }
        var ranked: [ScoredRevision.Candidate] { Judgement.ranked(last) }
        var begin: Timestamp { revisions.first?.updatedAt ?? last.updatedAt }
        /// Seen, and at some time proposing a visit: whoever follows it sends somebody.
        var isDispatched: Bool { isSeen && revisions.contains(where: \.proposesVisit) }
    }

    /// What is known about one fault after matching.
    struct Outcome: Sendable {
        var fault: FaultTruth
        var incident: Int?
        var isRight = false
        var isInThree = false
        var probability = 0.0
        var rcaSeconds: Double?
        /// Seconds by which the right answer came before the onset, where it did.
        var leadSeconds: Double?
        /// Whether a crew was sent, and whether it was sent where nothing was to be done.
        var isDispatched = false
        var isSentInVain = false
        /// Delivered raised alarms of the fault.
        var alarms = 0
    }

    /// A seen incident without a fault, with the scenario that most of its events belong to.
    struct Stray: Sendable {
        var scenario: ScenarioID?
        var isBenign: Bool
        var namesTheft: Bool
        var isDispatched: Bool
    }

    typealias Match = @Sendable (ScoredRevision.Candidate, FaultTruth) -> Bool

    let run: ScoredRun
    let incidents: [Incident]
    private(set) var outcomes: [Outcome] = []
    private(set) var strays: [Stray] = []
    /// Raised alarms of faults that need somebody: index of the fault in `outcomes`, and the cluster.
    private(set) var pairs: [(outcome: Int, cluster: Int)] = []
    private let raised: Set<EventID>?

    init(_ run: ScoredRun, _ revisions: [ScoredRevision], matches: Match) {
        self.run = run
        raised = run.events.isEmpty ? nil : Set(run.events.lazy.filter(\.isRaise).map(\.eventID))
        incidents = Self.incidents(revisions)
        outcomes = run.truth.filter { !$0.benign }.map { Outcome(fault: $0) }
        matchByEvents()
        matchBySight()
        for index in outcomes.indices { judge(index, matches) }
        strays = findStrays()
        pairs = clusterPairs()
    }

    static func ranked(_ revision: ScoredRevision) -> [ScoredRevision.Candidate] {
        revision.candidates.enumerated().sorted { left, right in
            left.element.probability != right.element.probability
                ? left.element.probability > right.element.probability : left.offset < right.offset
        }.map(\.element)
    }

    // MARK: Incidents

    private static func incidents(_ revisions: [ScoredRevision]) -> [Incident] {
        var byID: [EventID: [ScoredRevision]] = [:]
        for revision in revisions { byID[revision.incidentID, default: []].append(revision) }
        for id in byID.keys { byID[id]?.sort { ($0.revision, $0.updatedAt) < ($1.revision, $1.updatedAt) } }
        func home(_ id: EventID) -> EventID {
            var id = id
            for _ in 0..<64 {
                guard let last = byID[id]?.last, last.status == .merged, let next = last.mergedInto, byID[next] != nil else {
                    break
                }
                id = next
            }
            return id
        }
        var found: [EventID: Incident] = [:]
        for id in byID.keys.sorted() {
            let target = home(id)
            guard let own = byID[id], let last = byID[target]?.last else { continue }
            var incident =
                found[target]
                ?? Incident(
                    identity: target, last: last, events: [], revisions: [],
                    isSeen: last.status == .open || last.status == .resolved)
            for revision in own { incident.events.formUnion(revision.eventIDs) }
            incident.revisions.append(contentsOf: own)
            found[target] = incident
        }
        var result = found.values.sorted { $0.identity < $1.identity }
        for index in result.indices {
            result[index].revisions.sort {
                ($0.updatedAt, $0.incidentID, $0.revision) < ($1.updatedAt, $1.incidentID, $1.revision)
            }
        }
        return result
    }

    // MARK: Matching

    /// Whether a fault may be answered by an incident: rain heals by itself, so a record will do for it.
    private func mayAnswer(_ fault: FaultTruth, _ incident: Incident) -> Bool {
        incident.isSeen || (fault.root.condition == "rain.fade" && incident.isRecord)
    }

    /// Greedily by events shared, one to one.
    private mutating func matchByEvents() {
        var holders: [EventID: [Int]] = [:]
        for (index, incident) in incidents.enumerated() {
            for event in incident.events { holders[event, default: []].append(index) }
        }
        var found: [(overlap: Int, fault: Int, incident: Int)] = []
        for (index, outcome) in outcomes.enumerated() {
            var overlap: [Int: Int] = [:]
            for event in outcome.fault.eventIDs { for holder in holders[event] ?? [] { overlap[holder, default: 0] += 1 } }
            for (incident, count) in overlap where mayAnswer(outcome.fault, incidents[incident]) {
                found.append((count, index, incident))
            }
        }
        found.sort { left, right in
            left.overlap != right.overlap
                ? left.overlap > right.overlap : (left.fault, left.incident) < (right.fault, right.incident)
        }
        var isTaken = [Bool](repeating: false, count: incidents.count)
        for pair in found where outcomes[pair.fault].incident == nil && !isTaken[pair.incident] {
            outcomes[pair.fault].incident = pair.incident
            isTaken[pair.incident] = true
        }
    }

    /// A fault that no delivered alarm shows (fuel that goes by the litre, a cell that sleeps) is answered by an incident
    /// about the same thing at the same site, begun while the fault was there or within the day after.
    private mutating func matchBySight() {
        var taken = Set(outcomes.compactMap(\.incident))
        for index in outcomes.indices where outcomes[index].incident == nil && alarms(of: outcomes[index].fault) == 0 {
            let fault = outcomes[index].fault
            let found = incidents.indices.first { !taken.contains($0) && incidents[$0].isSeen && isAbout(incidents[$0], fault) }
            guard let found else { continue }
            outcomes[index].incident = found
            taken.insert(found)
        }
    }

    private func isAbout(_ incident: Incident, _ fault: FaultTruth) -> Bool {
        guard incident.begin >= fault.began ?? fault.onset else { return false }
        if let clear = fault.clear, incident.begin.seconds(since: clear) > 86_400 { return false }
        func family(_ object: String) -> Substring { object.prefix { $0 != ":" } }
        return incident.ranked.prefix(3).contains {
            $0.siteID == fault.root.siteID && family($0.managedObject) == family(fault.root.managedObject)
        }
    }

    private func alarms(of fault: FaultTruth) -> Int {
        fault.eventIDs.lazy.filter { raised?.contains($0) ?? true }.count
    }

    private mutating func judge(_ index: Int, _ matches: Match) {
        let fault = outcomes[index].fault
        outcomes[index].alarms = alarms(of: fault)
        guard let place = outcomes[index].incident else { return }
        let candidates = incidents[place].ranked
        outcomes[index].probability = candidates.first?.probability ?? 0
        outcomes[index].isRight = candidates.first.map { matches($0, fault) } ?? false
        outcomes[index].isInThree = candidates.prefix(3).contains { matches($0, fault) }
        let isElsewhere = !fault.root.siteID.isEmpty && candidates.first.map { $0.siteID != fault.root.siteID } ?? true
        outcomes[index].isDispatched = incidents[place].isDispatched
        outcomes[index].isSentInVain = incidents[place].isDispatched && (!fault.scenario.card.needsVisit || isElsewhere)
        let own = Set(fault.eventIDs)
        for revision in incidents[place].revisions {
            guard let first = Self.ranked(revision).first, matches(first, fault),
                own.isEmpty || revision.eventIDs.contains(where: own.contains) || outcomes[index].alarms == 0
            else { continue }
            let seconds = revision.updatedAt.seconds(since: fault.onset)
            outcomes[index].rcaSeconds = max(0, seconds)
            if seconds < 0 { outcomes[index].leadSeconds = -seconds }
            break
        }
    }

    // MARK: What is left

    private func findStrays() -> [Stray] {
        var owner: [EventID: Int] = [:]
        for (index, fault) in run.truth.enumerated() { for event in fault.eventIDs { owner[event] = index } }
        let taken = Set(outcomes.compactMap(\.incident))
        var result: [Stray] = []
        for (index, incident) in incidents.enumerated() where incident.isSeen && !taken.contains(index) {
            var votes: [Int: Int] = [:]
            for event in incident.events { if let fault = owner[event] { votes[fault, default: 0] += 1 } }
            let best = votes.max { left, right in left.value != right.value ? left.value < right.value : left.key > right.key }
            let fault = best.map { run.truth[$0.key] } ?? run.truth.first { $0.eventIDs.isEmpty && isAbout(incident, $0) }
            result.append(
                Stray(
                    scenario: fault?.scenario, isBenign: fault?.benign ?? false,
                    namesTheft: incident.ranked.first.map { Scoreboard.theftConditions.contains($0.condition) } ?? false,
                    isDispatched: incident.isDispatched))
        }
        return result
    }

    /// Alarms of faults that need somebody, each in its incident or alone. An alarm in two incidents counts for the larger.
    private func clusterPairs() -> [(outcome: Int, cluster: Int)] {
        var cluster: [EventID: Int] = [:]
        for (index, incident) in incidents.enumerated() where incident.isSeen || incident.isRecord {
            for event in incident.events {
                if let other = cluster[event], incidents[other].events.count >= incident.events.count { continue }
                cluster[event] = index
            }
        }
        var pairs: [(outcome: Int, cluster: Int)] = []
        var alone = incidents.count
        for (index, outcome) in outcomes.enumerated() {
            for event in outcome.fault.eventIDs where raised?.contains(event) ?? (cluster[event] != nil) {
                if let home = cluster[event] {
                    pairs.append((index, home))
                } else {
                    pairs.append((index, alone))
                    alone += 1
                }
            }
        }
        return pairs
    }
}
