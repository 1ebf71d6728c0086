import Foundation
import TowerIncidents
import TowerJournal
import TowerLearning
import TowerModel
import TowerPipeline
import TowerStores
import TowerStreaming

/// Where the incidents come from, and what people said of them.
extension StoryLearnJob {
    private struct VerdictLine: Decodable {
        var incident_id: EventID
        var verdict: String
        var condition: String?
        var site_id: String?
        var managed_object: String?
    }

    /// A line of an incident as the API lists it.
    private struct ViewLine: Decodable {
        var snapshot: IncidentSnapshot
        var status: IncidentView.Status?
        var merged_into: EventID?
        var merged_by: String?
        var verdict: CauseVerdict?
        var split_from: EventID?

        var judged: JudgedIncident {
            StoryLearnJob.judged(
                snapshot, isResolved: status == .resolved, verdict: verdict, mergedInto: merged_by == nil ? nil : merged_into,
                splitFrom: split_from)
        }
    }

    /// - Returns: the incidents, and how many records of the log could not be read.
    func readIncidents() async throws -> (incidents: [EventID: JudgedIncident], unreadable: Int) {
        if let client {
            var found: [EventID: JudgedIncident] = [:]
            let path = "/api/v1/incidents?status=open,acknowledged,resolved,auto_closed,merged&limit=200"
            for line in try await client.list(path, of: ViewLine.self, most: Self.incidentsMax) { found[line.snapshot.incidentID] = line.judged }
            return (found, 0)
        }
        return data.isEmpty ? (try readFile(), 0) : try await readLog()
    }

    /// Revisions or views, one a line: of an incident the newest counts.
    private func readFile() throws -> [EventID: JudgedIncident] {
        var newest: [EventID: JudgedIncident] = [:]
        let decoder = JSONDecoder()
        try forEachLine(of: input) { line, number in
            guard
                let read = (try? decoder.decode(IncidentSnapshot.self, from: line)).map({ JudgedIncident(snapshot: $0) })
                    ?? (try? decoder.decode(ViewLine.self, from: line))?.judged
            else { throw CommandFailure("\(input):\(number): the line is no incident. `towerco analyze --emit incidents` writes such lines.") }
            guard newest.count < Self.incidentsMax else { throw CommandFailure("\(input) has more than \(grouped(Self.incidentsMax)) incidents.") }
            if let known = newest[read.snapshot.incidentID], known.snapshot.revision > read.snapshot.revision { return }
            newest[read.snapshot.incidentID] = read
        }
        return newest
    }

    /// Every incident of the log of a stopped server, folded from its lifecycle events.
    private func readLog() async throws -> (incidents: [EventID: JudgedIncident], unreadable: Int) {
        let journal = try await DataFolder(path: data).openExistingJournal()
        var states: [EventID: IncidentState] = [:]
        var seen: Set<EventID> = []
        var unreadable = 0
        do {
            let pattern = tenant.isEmpty ? TopicPattern.incidents : TopicPattern(Topic.incidents(tenant: tenant).rawValue)
            let end = await journal.end()
            var cursor = LogCursor.start
            while cursor < end {
                let slice = try await journal.fetch(matching: [pattern], from: cursor, maxRecords: 1_000, maxBytes: 16 << 20)
                for stored in slice.records {
                    let read: IncidentLifecycleEvent?
                    do { read = try LifecycleCodec.event(stored.record) } catch is LifecycleCodec.Unreadable {
                        // Set aside as a dead letter when the server met it; what it said is missing here, too.
                        unreadable += 1
                        continue
                    }
                    guard let event = read, !seen.contains(event.eventID) else { continue }
                    var effect = IncidentState.Effect.applied
                    if var state = states[event.incidentID] {
                        effect = state.apply(event)
                        states[event.incidentID] = state
                    } else if states.count < Self.incidentsMax, let state = IncidentState(first: event) {
                        states[event.incidentID] = state
                    } else {
                        effect = .ignored
                    }
                    if effect != .ignored { seen.insert(event.eventID) }
                }
                guard slice.next > cursor else { break }
                cursor = slice.next
            }
            try await journal.close()
        } catch {
            try? await journal.close()
            throw error
        }
        let incidents = states.mapValues { state in
            Self.judged(
                state.snapshot, isResolved: state.status == .resolved, verdict: state.verdict,
                mergedInto: state.mergedBy == nil ? nil : state.mergedInto, splitFrom: state.splitFrom)
        }
        return (incidents, unreadable)
    }

    private static func judged(
        _ snapshot: IncidentSnapshot, isResolved: Bool, verdict: CauseVerdict?, mergedInto: EventID?, splitFrom: EventID?
    ) -> JudgedIncident {
        var snapshot = snapshot
        if isResolved, snapshot.status == .open {
            // A person said that it is over, and the engine had nothing to add.
            snapshot.status = .resolved
            snapshot.resolvedAt = snapshot.resolvedAt ?? snapshot.updatedAt
        }
        return JudgedIncident(snapshot: snapshot, verdict: verdict.map(word), mergedInto: mergedInto, splitFrom: splitFrom)
    }

    /// A cause in words alone says that the engine was wrong, and no story what was right.
    private static func word(_ verdict: CauseVerdict) -> StoryCase.Verdict {
        guard verdict.word != .rejected, let cause = verdict.cause, !cause.condition.isEmpty else { return .rejected }
        return .corrected(condition: cause.condition, siteID: cause.siteID, managedObject: cause.managedObject)
    }

    /// What the incidents and the file brought, a line each.
    static func contributions(of incidents: [JudgedIncident], file: [EventID: StoryCase.Verdict], named path: String) -> [String] {
        let rejected = incidents.filter { $0.verdict == .rejected }.count
        let named = incidents.filter { $0.verdict != nil }.count - rejected
        let merged = incidents.filter { $0.mergedInto != nil }.count
        let split = incidents.filter { $0.splitFrom != nil }.count
        var lines = [
            "in the incidents people said: \(grouped(named)) causes confirmed or corrected, \(grouped(rejected)) rejected,"
                + " \(grouped(merged)) merged into another, \(grouped(split)) split off"
        ]
        guard !path.isEmpty else { return lines }
        let known = Dictionary(incidents.map { ($0.snapshot.incidentID, $0.verdict) }) { first, _ in first }
        let met = file.keys.filter { known[$0] != nil }
        let over = met.filter { (known[$0] ?? nil) != nil }.count
        lines.append(
            "in \(path): \(grouped(file.count)) verdicts, \(grouped(met.count)) of them on these incidents, \(grouped(over)) in place of what was said before")
        return lines
    }

    func readVerdicts() throws -> [EventID: StoryCase.Verdict] {
        guard !verdicts.isEmpty else { return [:] }
        var judged: [EventID: StoryCase.Verdict] = [:]
        try forEachLine(of: verdicts) { line, number in
            let read: VerdictLine
            do { read = try JSONDecoder().decode(VerdictLine.self, from: line) } catch {
                throw CommandFailure(
                    "\(verdicts):\(number): a verdict is {\"incident_id\": …, \"verdict\": \"confirm|reject|correct\"}: \(error)")
            }
            switch read.verdict {
            case "confirm", "confirmed": judged[read.incident_id] = .confirmed
            case "reject", "rejected": judged[read.incident_id] = .rejected
            case "correct", "corrected":
                guard let condition = read.condition else {
                    throw CommandFailure("\(verdicts):\(number): a correction names the `condition` that was the root.")
                }
                judged[read.incident_id] = .corrected(
                    condition: condition, siteID: read.site_id ?? "", managedObject: read.managed_object ?? "")
            default: throw CommandFailure("\(verdicts):\(number): the verdict is confirm, reject or correct, not `\(read.verdict)`.")
            }
        }
        return judged
    }

    private func forEachLine(of path: String, _ body: (Data, Int) throws -> Void) throws {
        var reader = try LineReader(path: path)
        var number = 0
        try reader.forEach { line, isTooLong in
            number += 1
            guard !isTooLong else { throw CommandFailure("\(path):\(number): the line is too long.") }
            if !line.isEmpty { try body(Data(line), number) }
            return true
        }
    }
}
