import Synchronization
import TowerJournal
import TowerStreaming

extension SimulatedLife {
    mutating func operate(_ log: Journal) async {
        switch Int.random(in: 0..<40, using: &generator) {
        case 0..<16: await append(log, makeRecords(), asBlock: false)
        case 16..<19: await append(log, makeRecords(), asBlock: true)
        case 19..<24: await burst(log)
        case 24..<26: await changeTopic(log)
        case 26..<34: await changeGroup(log)
        case 34..<37: await expire(log)
        default: await check(log, "in between")
        }
    }

    mutating func makeRecords() -> [Record] {
        (0..<Int.random(in: 1...6, using: &generator)).map { _ in
            serial += 1
            let topic = Self.topics[Int.random(in: 0..<Self.topics.count, using: &generator)]
            let size = chance(1, in: 12) ? Int.random(in: 500...3000, using: &generator) : Int.random(in: 0...150, using: &generator)
            var value = Array("\(serial) ".utf8)
            var word: UInt64 = 0
            for index in 0..<size {
                if index % 8 == 0 { word = generator.next() }
                value.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * (index % 8))))
            }
            let headers = chance(1, in: 4) ? [Record.Header("trace", [1, 2, 3])] : []
            return Record(topic: topic, key: chance(1, in: 2) ? nil : [UInt8(serial & 0xFF)], value: value, headers: headers)
        }
    }

    private static func block(_ records: [Record]) -> RecordBlock {
        var bytes: [UInt8] = []
        var places: [(key: Range<Int>?, value: Range<Int>)] = []
        for record in records {
            var key: Range<Int>?
            if let part = record.key {
                key = bytes.count..<bytes.count + part.count
                bytes += part
            }
            places.append((key, bytes.count..<bytes.count + record.value.count))
            bytes += record.value
        }
        var block = RecordBlock(bytes: bytes)
        for (record, place) in zip(records, places) {
            let topic = block.addTopic(record.topic)
            let headers = record.headers.isEmpty ? -1 : block.addHeaders(record.headers)
            block.append(topic: topic, key: place.key, value: place.value, headers: headers)
        }
        return block
    }

    private mutating func append(_ log: Journal, _ records: [Record], asBlock: Bool) async {
        do {
            take(records, .success(try await asBlock ? log.append(Self.block(records)) : log.append(records)))
        } catch {
            take(records, .failure(error))
        }
    }

    /// Notes an append's answer.
    private mutating func take(_ records: [Record], _ result: Result<[StoredPosition], any Error>) {
        switch result {
        case .success(let positions):
            disk.tell("appended \(zip(records, positions).map { "\($0.topic):\($1.offset)@\($1.sequence)" })")
            for position in positions { disk.note(UInt64(bitPattern: position.sequence &* 31 &+ position.offset)) }
            if let wrong = model.acknowledge(records, positions) { violate(wrong) }
            outcome.acknowledged += records.count
        case .failure(let error):
            disk.tell("refused \(records.map(\.topic)): \(error)")
            outcome.refusals += 1
            if isUncertain(error) { model.uncertain.append(records) }
        }
    }

    /// Whether what was asked may have happened all the same.
    private mutating func isUncertain(_ error: any Error) -> Bool {
        guard let error = error as? EventLogError else {
            violate("a foreign error: \(error)")
            return true
        }
        disk.note(hash(error.code.name))
        switch error.code {
        case .diskFull, .overloaded: return false
        case .fenced: return true
        case .io where disk.isOff || disk.hasFailed: return true
        default:
            violate("an unexpected answer: \(error)")
            return true
        }
    }

    private enum Burst {
        case append([Record])
        case commit(String, GroupMembership, LogCursor)
    }

    /// Several callers at once: the first is held at its first disk call, the others wait behind it and share a round.
    private mutating func burst(_ log: Journal) async {
        var parts: [Burst] = []
        let end = await log.end()
        for _ in 0..<Int.random(in: 2...5, using: &generator) {
            let joined = model.groups.keys.sorted().first { model.groups[$0]?.membership != nil }
            if chance(1, in: 3), let name = joined, let membership = model.groups[name]?.membership {
                parts.append(.commit(name, membership, LogCursor(sequence: Int64.random(in: 0...end.sequence, using: &generator))))
            } else {
                parts.append(.append(makeRecords()))
            }
        }
        let box = AnswerBox(count: parts.count)
        disk.gate.close()
        for (index, part) in parts.enumerated() {
            // A refused caller may be answered a moment before its bytes are given back.
            while !disk.gate.isHolding, log.bytesInFlight > 0 { await Task.yield() }
            let before = log.bytesInFlight
            let task = Task {
                do {
                    switch part {
                    case .append(let records): box.set(index, .success(try await log.append(records)))
                    case .commit(_, let membership, let cursor):
                        try await log.commit(membership, cursor: cursor)
                        box.set(index, .success([]))
                    }
                } catch {
                    box.set(index, .failure(error))
                }
            }
            _ = task
            while log.bytesInFlight <= before, !box.isSet(index) { await Task.yield() }
            // The first that is taken at all is held; only then does the next one queue behind it.
            while !disk.gate.isHolding, !box.isSet(index) { await Task.yield() }
        }
        disk.gate.open()
        while !box.isComplete { await Task.yield() }
        for (index, part) in parts.enumerated() {
            guard let result = box.answer(index) else { continue }
            switch part {
            case .append(let records): take(records, result)
            case .commit(let name, _, let cursor):
                take(name, cursor.sequence, epoch: nil, result.map { _ in () })
            }
        }
    }

    private mutating func changeTopic(_ log: Journal) async {
        let topic = Self.topics[Int.random(in: 0..<Self.topics.count, using: &generator)]
        let isListed = model.isListed[topic] == .some(.some(true))
        do {
            if isListed, chance(1, in: 2) {
                try await log.deleteTopic(topic)
                model.forget(topic)
                model.next[topic] = nil
            } else {
                try await log.createTopic(topic)
                model.isListed[topic] = true
            }
        } catch {
            if isUncertain(error) { model.isListed[topic] = .some(nil) }
        }
    }

    private mutating func changeGroup(_ log: Journal) async {
        let name = "g\(Int.random(in: 0..<3, using: &generator))"
        let end = await log.end().sequence
        let cursor = Int64.random(in: 0...end, using: &generator)
        let known = model.groups[name]
        let kind = Int.random(in: 0..<6, using: &generator)
        if known == nil || kind == 0 {
            do {
                let membership = try await log.join(group: name, patterns: [.siteEvents, TopicPattern("misc")])
                if let known, membership.epoch <= known.epoch { return violate("group \(name) got epoch \(membership.epoch) again") }
                if let known, !known.allowed.contains(membership.committed.sequence) {
                    return violate("group \(name) joined at \(membership.committed.sequence), committed \(known.allowed.sorted())")
                }
                model.groups[name] = SimulatedModel.Group(
                    allowed: [membership.committed.sequence], isCertain: true, epoch: membership.epoch, membership: membership)
            } catch {
                // Even a refused one may have changed what memory holds, and the next commit writes that.
                _ = isUncertain(error)
                if known == nil {
                    model.groups[name] = SimulatedModel.Group(allowed: [0], isCertain: false, epoch: 0, membership: nil)
                }
                model.groups[name]?.membership = nil
            }
        } else if let membership = known?.membership, kind < 5 {
            do {
                try await log.commit(membership, cursor: LogCursor(sequence: cursor))
                take(name, cursor, epoch: membership.epoch, .success(()))
            } catch {
                take(name, cursor, epoch: nil, .failure(error))
            }
        } else if known?.isCertain == true {
            model.groups[name]?.membership = nil
            do {
                try await log.seek(group: name, to: LogCursor(sequence: cursor))
                take(name, cursor, epoch: nil, .success(()))
            } catch {
                take(name, cursor, epoch: nil, .failure(error))
            }
        }
    }

    /// Notes the answer to a commit or a seek.
    private mutating func take(_ name: String, _ cursor: Int64, epoch: Int64?, _ result: Result<Void, any Error>) {
        switch result {
        case .success: model.groups[name]?.allowed = [cursor]
        case .failure(let error):
            _ = isUncertain(error)
            model.groups[name]?.allowed.insert(cursor)
        }
    }

    private mutating func expire(_ log: Journal) async {
        if chance(1, in: 3) { clock.advance(byMs: 500) }
        do {
            try await log.enforceRetention(now: clock.nowMs)
        } catch {
            _ = isUncertain(error)
        }
        guard !disk.isOff, log.refusal == nil else {
            // How far it came is seen after the restart.
            if !configuration.retentionMs.isEmpty { model.mayHaveExpired(upTo: clock.nowMs, configuration) }
            return
        }
        do {
            let starts = Dictionary(
                uniqueKeysWithValues: try await log.topics(matching: nil).map { ($0.topic, $0.startOffset) })
            model.expire(starts, now: clock.nowMs, configuration).map { violate($0) }
        } catch {
            if !disk.isOff, disk.calls > 0 { _ = isUncertain(error) }
        }
    }
}

/// Where the callers of a burst leave their answers.
private final class AnswerBox: Sendable {
    private let answers: Mutex<[Result<[StoredPosition], any Error>?]>
    init(count: Int) { answers = Mutex(Array(repeating: nil, count: count)) }
    func set(_ index: Int, _ answer: Result<[StoredPosition], any Error>) { answers.withLock { $0[index] = answer } }
    func isSet(_ index: Int) -> Bool { answers.withLock { $0[index] != nil } }
    func answer(_ index: Int) -> Result<[StoredPosition], any Error>? { answers.withLock { $0[index] } }
    var isComplete: Bool { answers.withLock { $0.allSatisfy { $0 != nil } } }
}
