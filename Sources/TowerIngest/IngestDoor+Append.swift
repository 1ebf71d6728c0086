import Synchronization
import TowerModel
import TowerStreaming

extension IngestDoor {
    /// Appends what is new and fills in the report. Returns when all of it, duplicates included, is durable.
    ///
    /// An event that another request holds is decided when that request is over: a duplicate if it became durable, ours
    /// to append if it failed. Nothing is held while waiting, so that two requests cannot wait for each other.
    func append(
        _ reading: DoorWorker.Reading, tenant: TenantID, source: String, trace: TraceContext?, _ report: inout IngestReport
    ) async throws {
        let blend = EventKey.Blend(tenant: tenant.rawValue, secret: secret)
        var events = (0..<Int32(reading.batch.count)).map { $0 }
        var hasLetters = !reading.rejections.isEmpty
        repeat {
            let keys = events.map { blend.key(reading.batch.ids[Int($0)]) }
            let reservation = shared.withLock { shared in
                let reservation = shared.window.reserve(keys)
                shared.outbox?.reserve(reservation.ticket)
                return reservation
            }
            var fresh: [Int32] = []
            fresh.reserveCapacity(events.count)
            var waiting: [Int32] = []
            var holders: Set<DuplicateWindow.Ticket> = []
            for (event, verdict) in zip(events, reservation.verdicts) {
                switch verdict {
                case .fresh: fresh.append(event)
                case .duplicate: report.duplicates += 1
                case .inFlight(let ticket):
                    waiting.append(event)
                    holders.insert(ticket)
                }
            }
            let block = block(of: fresh, reading, letters: hasLetters, tenant: tenant, source: source)
            hasLetters = false
            // A canary lies in no site's topic: the archive, which is checked against those, need not know it.
            let positions = try await append(
                block, events: reading.isCanary ? nil : fresh.count, holding: reservation.ticket, trace: trace)
            report.accepted += fresh.count
            for event in fresh where reading.isFlagged[Int(event)] { report.flagged += 1 }
            if !fresh.isEmpty, !reading.isCanary, let onAccepted {
                // Letters come behind the events.
                onAccepted(
                    AcceptedBatch(
                        batch: reading.batch, events: fresh, positions: Array(positions.prefix(fresh.count)), tenant: tenant,
                        source: source, trace: reading.trace))
            }
            for holder in holders { await end(of: holder) }
            events = waiting
        } while !events.isEmpty
    }

    /// The records of an append: new events in their order, then the letters.
    private func block(
        of events: [Int32], _ reading: DoorWorker.Reading, letters: Bool, tenant: TenantID, source: String
    ) -> RecordBlock {
        guard letters else {
            var builder = BlockBuilder(reading, bytes: reading.batch.bytes, tenant: tenant, events: events.count)
            builder.add(events)
            return builder.block
        }
        // A body is large, and most of it is good lines: it is copied only where the letters' bytes are not the events'.
        let shift = reading.letterBytes == nil ? 0 : reading.batch.bytes.count
        let bytes = reading.letterBytes.map { reading.batch.bytes + $0 } ?? reading.batch.bytes
        let kept = min(reading.rejections.count, limits.maxDeadLetters)
        var builder = BlockBuilder(reading, bytes: bytes, tenant: tenant, events: events.count + kept)
        builder.add(events)
        builder.beginLetters(source: source.utf8.prefix(256), receivedAt: clock().description)
        for index in 0..<kept {
            let range = reading.rejectedRanges[index]
            builder.add(letter: index, kept: range.lowerBound + shift..<range.upperBound + shift, maxBytes: limits.maxDeadLetterBytes)
        }
        return builder.block
    }

    /// One append; the ticket is over either way. `events` of its records come first; `nil` when the archive is not to know them.
    private func append(
        _ block: RecordBlock, events: Int?, holding ticket: DuplicateWindow.Ticket, trace: TraceContext?
    ) async throws -> [StoredPosition] {
        let positions: [StoredPosition]
        let began = ContinuousClock.now
        do {
            positions = block.count > 0 ? try await log.append(block) : []
        } catch {
            let isDoubtful = !Self.leavesNothing(error)
            finish(ticket) { shared in
                shared.window.release(ticket)
                shared.outbox?.fail(ticket, isDoubtful: isDoubtful)
            }
            throw IngestError.appending(error)
        }
        finish(ticket) { shared in
            let keys = shared.window.confirm(ticket)
            guard let events else {
                shared.outbox?.skip(ticket)
                return
            }
            let last = events > 0 && positions.count >= events ? positions[events - 1].sequence : nil
            // Only puts it in a queue. Under the lock, because chunks follow one another.
            if let chunk = shared.outbox?.confirm(ticket, keys, last: last) { archive?.append(chunk) }
        }
        if block.count > 0, let onAppended { onAppended(.now - began, trace) }
        return positions
    }

    /// Whether a refused append certainly wrote nothing.
    private static func leavesNothing(_ error: any Error) -> Bool {
        guard let error = error as? EventLogError else { return false }
        return error.isRetriable || [.recordTooLarge, .badTopicName, .tooManyTopics].contains(error.code)
    }

    private func finish(_ ticket: DuplicateWindow.Ticket, _ decide: (inout Shared) -> Void) {
        let waiters = shared.withLock { shared in
            decide(&shared)
            return shared.waiters.removeValue(forKey: ticket) ?? []
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when that request is over, however it ended. Bounded by its append.
    private func end(of ticket: DuplicateWindow.Ticket) async {
        await withCheckedContinuation { continuation in
            let isOver = shared.withLock { shared in
                guard shared.window.isOpen(ticket) else { return true }
                shared.waiters[ticket, default: []].append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}
