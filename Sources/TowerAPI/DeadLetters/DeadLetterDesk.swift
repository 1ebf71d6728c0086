import TowerIngest
import TowerModel
import TowerStores
import TowerStreaming

/// Treats dead letters for one caller: sends them again, with their own bytes or better ones, or gives them up.
///
/// - Once: a letter is claimed, then looked up in the log, then treated; one that was treated before is not touched. A crash
///   between the door and the outcome leaves the letter waiting, and the door knows the event when it comes again.
/// - Order: letters are sent by rising offset, one after the other, so that events of a site keep their order.
struct DeadLetterDesk: Sendable {
    let log: any EventLog
    let door: any EventIngesting
    let index: DeadLetterIndex
    let tenant: TenantID
    /// User or key, for the outcomes.
    let by: String

    private var topic: TopicName { Topic.deadLetters(tenant: tenant.rawValue) }
    private var reader: DeadLetterReader { DeadLetterReader(log: log, topic: topic) }

    /// What sending one again did.
    struct Sent: Sendable {
        var item: DeadLetterReport.Item
        var report = IngestReport()
        /// To be appended; `nil` when it is there already, or nothing was tried.
        var outcome: Record?
    }

    // MARK: One

    /// - Parameter bytes: what is sent in place of the letter's own.
    func send(_ id: Int64, bytes: [UInt8]? = nil) async throws -> Sent {
        try await holding(id) { letter, attempts in
            var sent = try await send(letter, attempts, bytes: bytes)
            if let outcome = sent.outcome { _ = try await log.append([outcome]) }
            sent.outcome = nil
            return sent
        }
    }

    func discard(_ id: Int64, why: String) async throws {
        try await holding(id) { letter, _ in
            if let outcome = DeadLetterOutcome(topic: topic, offset: letter.offset, result: .discarded, by: by, why: why).record() {
                _ = try await log.append([outcome])
            }
        }
    }

    private func holding<Value>(_ id: Int64, _ body: (StoredRecord, Int) async throws -> Value) async throws -> Value {
        guard await !index.claim([id], of: tenant.rawValue).isEmpty else {
            throw Problem(409, "dead_letter.busy", "Somebody is treating the dead letter \(id) at this moment. Look at it again.")
        }
        do {
            guard let letter = try await reader.letter(id) else { throw Problem.noDeadLetter(id) }
            let standing = try await index.shelf(tenant.rawValue).standing(of: id)
            if let standing, standing.state != .waiting { throw Problem.treated(id, standing) }
            let value = try await body(letter, standing?.attempts ?? 1)
            await index.release([id], of: tenant.rawValue)
            return value
        } catch {
            await index.release([id], of: tenant.rawValue)
            throw error
        }
    }

    // MARK: Many

    enum Work: Sendable {
        case retry
        case discard(why: String)
        /// Says what would be done.
        case nothing
    }

    /// Treats up to `limit` waiting letters under a filter, oldest first.
    ///
    /// - Parameter from: the first offset to look at.
    /// - Returns: a result for each, and where to go on. Whatever was done before the log refused is told.
    func treat(_ filter: DeadLetterFilter, _ work: Work, from: Int64, limit: Int) async throws -> DeadLetterReport {
        var filter = filter
        filter.state = .waiting
        let shelf = try await index.shelf(tenant.rawValue)
        let (chosen, hasMore) = shelf.offsets(filter, from: from, limit: limit)
        let cursor = hasMore ? chosen.last.map { ScanCursor.encode($0 + 1, tag: Self.cursorTag) } : nil
        var report = DeadLetterReport(matched: shelf.count(filter), results: [], nextCursor: cursor)
        if case .nothing = work {
            report.results = chosen.map { DeadLetterReport.Item(id: $0, result: "would") }
            return report
        }
        let claimed = await index.claim(chosen, of: tenant.rawValue)
        do {
            report.results = try await treat(claimed, work)
        } catch {
            await index.release(claimed, of: tenant.rawValue)
            throw error
        }
        await index.release(claimed, of: tenant.rawValue)
        let missed = Set(chosen).subtracting(report.results.map(\.id))
        report.results += missed.map {
            DeadLetterReport.Item(id: $0, result: "skipped", code: "dead_letter.busy", detail: "Somebody else treated it meanwhile.")
        }
        report.results.sort { $0.id < $1.id }
        return report
    }

    static let cursorTag = "d1"

    private func treat(_ claimed: [Int64], _ work: Work) async throws -> [DeadLetterReport.Item] {
        // Once more, now that nobody else can treat them.
        let shelf = try await index.shelf(tenant.rawValue)
        let waiting = claimed.filter { shelf.standing(of: $0)?.state == .waiting }
        var items: [DeadLetterReport.Item] = []
        if case .discard(let why) = work {
            _ = try await log.append(
                waiting.compactMap {
                    DeadLetterOutcome(topic: topic, offset: $0, result: .discarded, by: by, why: why).record()
                })
            return waiting.map { DeadLetterReport.Item(id: $0, result: "discarded") }
        }
        var outcomes: [Record] = []
        var refusal: (any Error)?
        for letter in try await reader.letters(waiting) {
            do {
                let sent = try await send(letter, shelf.standing(of: letter.offset)?.attempts ?? 1, bytes: nil)
                items.append(sent.item)
                if let outcome = sent.outcome { outcomes.append(outcome) }
            } catch let problem as Problem where problem.status == 409 {
                items.append(DeadLetterReport.Item(id: letter.offset, result: "skipped", code: problem.code, detail: problem.detail))
            } catch {
                refusal = error
                break
            }
        }
        // Also before an error is told: what was sent was sent.
        if !outcomes.isEmpty { _ = try await log.append(outcomes) }
        if let refusal {
            guard !items.isEmpty else { throw refusal }
            let problem = Problem(expected: refusal)
            items += waiting.dropFirst(items.count).map {
                DeadLetterReport.Item(
                    id: $0, result: "skipped", code: problem?.code ?? "server.internal_error", detail: problem?.detail ?? "It was not tried.")
            }
        }
        return items
    }

    // MARK: Sending

    private func send(_ letter: StoredRecord, _ attempts: Int, bytes: [UInt8]?) async throws -> Sent {
        let facts = DeadLetterFacts(letter)
        if facts.bytes > letter.record.value.count, bytes == nil {
            throw Problem(
                409, "dead_letter.cut",
                "The letter \(letter.offset) holds \(letter.record.value.count) of \(facts.bytes) bytes: send the event whole from its source, or fix it here.")
        }
        if facts.group != nil { return try await putBack(letter, facts, attempts, bytes) }
        return try await throughTheDoor(letter, bytes)
    }

    private func throughTheDoor(_ letter: StoredRecord, _ bytes: [UInt8]?) async throws -> Sent {
        var request = IngestRequest(
            body: bytes ?? letter.record.value, contentType: letter.record.header("content_type"), contentEncoding: nil,
            attributes: letter.record.headers.filter { $0.name.hasPrefix("ce-") }
                .map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
            tenant: tenant, source: "dead-letter:\(letter.offset)")
        request.cause = "\(topic)@\(letter.offset)"
        request.keepsLetters = false
        var sent = Sent(item: DeadLetterReport.Item(id: letter.offset, result: "accepted"))
        do {
            sent.report = try await door.ingest(request)
        } catch let error as IngestError where error.status < 500 && error.retryAfterSeconds == nil {
            // A body of which no event could be cut: the letter's fault, as a line's.
            sent.report.rejected = [.init(line: 1, code: error.code.name, detail: error.message)]
        }
        let isGood = sent.report.rejected.isEmpty && sent.report.accepted + sent.report.duplicates > 0
        let fault = sent.report.rejected.first
        if !isGood {
            sent.item.result = "rejected"
            sent.item.code = fault?.code
            sent.item.detail = fault?.detail
        }
        sent.outcome = DeadLetterOutcome(
            topic: topic, offset: letter.offset, result: isGood ? .accepted : .rejected, by: by, why: fault?.detail ?? "",
            code: fault?.code ?? "", isEdited: bytes != nil
        ).record(sent: bytes ?? [])
        return sent
    }

    /// A record that a group could not read passed the door before, which would know it again. So it is put back into its topic
    /// as it was, for the group to meet anew; the others know it by its id. In one append with the outcome.
    private func putBack(_ letter: StoredRecord, _ facts: DeadLetterFacts, _ attempts: Int, _ bytes: [UInt8]?) async throws -> Sent {
        guard bytes == nil else {
            throw Problem(
                409, "dead_letter.not_editable",
                "The group \(facts.group ?? "") could not read this record, which is in the log already. It can be put back or discarded; a corrected event goes to POST /events under an id of its own.")
        }
        let prefix = DeadLetterHeader.originHeaderPrefix
        guard letter.record.headers.contains(where: { $0.name.hasPrefix(prefix) || $0.name == DeadLetterHeader.originKey }) else {
            throw Problem(
                409, "dead_letter.not_returnable",
                "The letter \(letter.offset) was written before letters kept their record's key and headers; discard it, and rebuild the read models from the log.")
        }
        var headers = letter.record.headers.filter { $0.name.hasPrefix(prefix) }
            .map { Record.Header(String($0.name.dropFirst(prefix.count)), $0.value) }
            .filter { $0.name != DeadLetterHeader.causation && $0.name != DeadLetterHeader.priorAttempts }
        headers.append(Record.Header(DeadLetterHeader.causation, "\(topic)@\(letter.offset)"))
        headers.append(Record.Header(DeadLetterHeader.priorAttempts, "\(attempts)"))
        let key = letter.record.headers.first { $0.name == DeadLetterHeader.originKey }?.value
        let record = Record(topic: TopicName(facts.origin), key: key, value: letter.record.value, headers: headers)
        let outcome = DeadLetterOutcome(topic: topic, offset: letter.offset, result: .returned, by: by).record()
        _ = try await log.append([record] + (outcome.map { [$0] } ?? []))
        return Sent(
            item: DeadLetterReport.Item(id: letter.offset, result: "returned"), report: IngestReport(accepted: 1), outcome: nil)
    }
}

extension Problem {
    static func noDeadLetter(_ id: Int64) -> Problem {
        .notFound("dead_letter.not_found", "There is no dead letter \(id); it may have been dropped by age.")
    }

    /// Said to whoever would treat a letter twice.
    static func treated(_ id: Int64, _ standing: DeadLetterStanding) -> Problem {
        let what =
            switch standing.state {
            case .accepted: "sent again and accepted"
            case .returned: "put back into its topic"
            case .discarded: "discarded"
            case .expired: "expired"
            case .waiting: "tried"
            }
        let by = standing.outcome.map { $0.by.isEmpty ? "" : " by \($0.by)" } ?? ""
        let at = standing.outcome.map { " at \(Timestamp(milliseconds: $0.atMs))" } ?? ""
        return Problem(409, "dead_letter.treated", "The dead letter \(id) was \(what)\(by)\(at). Nothing was done.")
    }
}
