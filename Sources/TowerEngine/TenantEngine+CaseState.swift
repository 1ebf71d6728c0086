import TowerCausality
import TowerModel

extension TenantEngine {
    func encodeCases(into writer: inout StateWriter) {
        writer.write(nextCase)
        let numbers = cases.keys.sorted()
        writer.write(count: numbers.count)
        for number in numbers { cases[number]?.encode(into: &writer) }
        for table in [powerCase, reachCase, linkCase, feederCase, factOfSlot, caseOfSlot, caseOfGroup] {
            let entries = table.sorted { $0.key < $1.key }
            writer.write(count: entries.count)
            for (key, value) in entries {
                writer.write(key)
                writer.write(value)
            }
        }
        let threads = threadCase.sorted { $0.key < $1.key }
        writer.write(count: threads.count)
        for (key, number) in threads {
            key.component.encode(into: &writer)
            writer.write(byte: key.thread.rawValue)
            writer.write(number)
        }
        let ended = endedCase.sorted { $0.key < $1.key }
        writer.write(count: ended.count)
        for (component, number) in ended {
            component.encode(into: &writer)
            writer.write(number)
        }
        let incidents = caseOfIncident.sorted { $0.key < $1.key }
        writer.write(count: incidents.count)
        for (id, number) in incidents {
            writer.write(id)
            writer.write(number)
        }
    }

    mutating func decodeCases(_ reader: inout StateReader) throws(StateError) {
        nextCase = try reader.int32("cases.next")
        for _ in 0..<(try reader.count("cases", each: 60)) {
            let entry = try Case(decoding: &reader, templates: configuration.templates.templates)
            guard entry.number >= 0, entry.number < nextCase, cases.updateValue(entry, forKey: entry.number) == nil else {
                throw reader.outOfRange("case.number")
            }
        }
        powerCase = try Self.table(&reader)
        reachCase = try Self.table(&reader)
        linkCase = try Self.table(&reader)
        feederCase = try Self.table(&reader)
        factOfSlot = try Self.table(&reader)
        caseOfSlot = try Self.table(&reader)
        caseOfGroup = try Self.table(&reader)
        for _ in 0..<(try reader.count("cases.threads")) {
            let component = try Component(decoding: &reader)
            guard let thread = Condition.Thread(rawValue: try reader.byte("cases.threads")) else { throw reader.outOfRange("cases.threads") }
            threadCase[ThreadKey(component: component, thread: thread)] = try reader.int32("cases.threads")
        }
        for _ in 0..<(try reader.count("cases.ended")) {
            let component = try Component(decoding: &reader)
            endedCase[component] = try reader.int32("cases.ended")
        }
        for _ in 0..<(try reader.count("cases.incidents", each: 17)) {
            let id = try reader.id("cases.incidents")
            caseOfIncident[id] = try reader.int32("cases.incidents")
        }
        guard facts.facts.allSatisfy({ $0.map { $0.caseNumber < nextCase } ?? true }) else { throw reader.outOfRange("fact.case") }
    }

    private static func table(_ reader: inout StateReader) throws(StateError) -> [Int32: Int32] {
        var table: [Int32: Int32] = [:]
        for _ in 0..<(try reader.count("cases.table")) {
            let key = try reader.int32("cases.table")
            table[key] = try reader.int32("cases.table")
        }
        return table
    }
}

extension Case {
    private static let stages: [Stage] = [.watching, .open, .resolved]

    func encode(into writer: inout StateWriter) {
        writer.write(number)
        anchor.encode(into: &writer)
        writer.write(facts)
        writer.write(sites)
        writer.write(links)
        writer.write(feeder)
        writer.write(feederOnset)
        writer.write(onset)
        writer.write(createdAt, near: onset)
        writer.write(count: events.count)
        for event in events {
            writer.write(event.at, near: onset)
            writer.write(event.id)
        }
        writer.write(slots)
        writer.write(byte: UInt8(Self.stages.firstIndex(of: stage) ?? 0))
        for flag in [isJudgementDue, isCloseDue, hitBound, closedByPerson, isRecordWorthy] { writer.write(flag) }
        for instant in [lastJudgedAt, routineAt, openedAt, lastActivity] { writer.write(instant, near: onset) }
        writer.write(optional: resolvedAt, near: onset)
        writer.write(unknown)
        writer.write(count: hypotheses.count)
        for hypothesis in hypotheses { hypothesis.encode(into: &writer) }
        writer.write(incidentID)
        writer.write(revision)
        writer.write(reasons)
        writer.write(group)
        writer.write(apart)
        writer.write(lastTold != nil)
        lastTold?.encode(into: &writer)
    }

    init(decoding reader: inout StateReader, templates: [CausalTemplate]) throws(StateError) {
        let number = try reader.int32("case.number")
        let anchor = try Component(decoding: &reader)
        let facts = try reader.numbers("case.facts")
        let sites = try reader.numbers("case.sites")
        let links = try reader.numbers("case.links")
        let feeder = try reader.flag("case.feeder") ? try reader.int32("case.feeder") : nil
        let feederOnset = try reader.timestamp("case.feeder_onset")
        let onset = try reader.timestamp("case.onset")
        self.init(number: number, anchor: anchor, onset: onset, now: try reader.timestamp("case.created_at", near: onset))
        self.facts = facts
        self.sites = sites
        self.links = links
        self.feeder = feeder
        self.feederOnset = feederOnset
        for _ in 0..<(try reader.count("case.events", each: 17)) {
            let at = try reader.timestamp("case.event", near: onset)
            let id = try reader.id("case.event")
            guard eventSet.insert(id).inserted else { throw reader.outOfRange("case.event") }
            events.append((at, id))
        }
        slots = try reader.numbers("case.slots")
        let stage = Int(try reader.byte("case.stage"))
        guard stage < Self.stages.count else { throw reader.outOfRange("case.stage") }
        self.stage = Self.stages[stage]
        isJudgementDue = try reader.flag("case.is_judgement_due")
        isCloseDue = try reader.flag("case.is_close_due")
        hitBound = try reader.flag("case.hit_bound")
        closedByPerson = try reader.flag("case.closed_by_person")
        isRecordWorthy = try reader.flag("case.is_record_worthy")
        lastJudgedAt = try reader.timestamp("case.last_judged_at", near: onset)
        routineAt = try reader.timestamp("case.routine_at", near: onset)
        openedAt = try reader.timestamp("case.opened_at", near: onset)
        lastActivity = try reader.timestamp("case.last_activity", near: onset)
        resolvedAt = try reader.optionalTimestamp("case.resolved_at", near: onset)
        unknown = try reader.double("case.unknown")
        for _ in 0..<(try reader.count("case.hypotheses", each: 20)) {
            hypotheses.append(try Hypothesis(decoding: &reader, templates: templates))
        }
        incidentID = try reader.optionalID("case.incident")
        revision = try reader.int("case.revision")
        reasons = try reader.names("case.reasons")
        group = try reader.int32("case.group")
        apart = try reader.numbers("case.apart")
        lastTold = try reader.flag("case.told") ? try Told(decoding: &reader) : nil
    }
}

extension Case.Told {
    func encode(into writer: inout StateWriter) {
        writer.write(candidates)
        writer.write(probability)
        writer.write(affected)
        writer.write(severity.rawValue)
        writer.write(memberCount)
        writer.write(autonomyMinutes)
        writer.write(needsPerson)
    }

    init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        candidates = try reader.names("told.candidates")
        probability = try reader.double("told.probability")
        affected = try reader.names("told.affected")
        severity = try reader.named(Severity.self, "told.severity")
        memberCount = try reader.int("told.members")
        autonomyMinutes = try reader.double("told.autonomy")
        needsPerson = try reader.flag("told.needs_person")
    }
}
