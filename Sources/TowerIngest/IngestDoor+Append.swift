import Synchronization
import TowerModel
import TowerStreaming

extension IngestDoor {
    /// Appends what is new and fills in the report. Returns when all of it, duplicates included, is durable.
    ///
    /// An event that another request holds is decided when that request is over: a duplicate if it became durable, ours
    /// to append if it failed. Nothing is held while waiting, so that two requests cannot wait for each other.
    func append(_ reading: DoorWorker.Reading, tenant: TenantID, source: String, _ report: inout IngestReport) async throws {
        let blend = EventKey.Blend(tenant: tenant.rawValue, seed: seed)
        var events = (0..<Int32(reading.batch.count)).map { $0 }
        var hasLetters = !reading.rejections.isEmpty
        repeat {
            let keys = events.map { blend.key(reading.batch.ids[Int($0)]) }
            let reservation = shared.withLock { $0.window.reserve(keys) }
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
            let positions = try await append(block, holding: reservation.ticket)
            report.accepted += fresh.count
            for event in fresh where reading.isFlagged[Int(event)] { report.flagged += 1 }
            if !fresh.isEmpty, let onAccepted {
                // Letters come behind the events.
                onAccepted(
                    AcceptedBatch(
                        batch: reading.batch, events: fresh, positions: Array(positions.prefix(fresh.count)), tenant: tenant,
                        source: source))
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
        let shift = reading.letterBytes == nil ? 0 : reading.batch.bytes.count
        let body = reading.batch.bytes + (reading.letterBytes ?? [])
        let bytes = body + Array(source.utf8.prefix(256))
        let kept = min(reading.rejections.count, limits.maxDeadLetters)
        var builder = BlockBuilder(reading, bytes: bytes, tenant: tenant, events: events.count + kept)
        builder.add(events)
        let receivedAt = clock().description
        for index in 0..<kept {
            let start = reading.rejectedRanges[index].lowerBound + shift
            let end = reading.rejectedRanges[index].upperBound + shift
            builder.add(
                letter: reading.rejections[index], value: start..<min(end, start + limits.maxDeadLetterBytes),
                origin: body.count..<bytes.count, receivedAt: receivedAt)
        }
        return builder.block
    }

    /// One append; the ticket is over either way.
    private func append(_ block: RecordBlock, holding ticket: DuplicateWindow.Ticket) async throws -> [StoredPosition] {
        let positions: [StoredPosition]
        do {
            positions = block.count > 0 ? try await log.append(block) : []
        } catch {
            finish(ticket) { $0.release(ticket) }
            throw IngestError.appending(error)
        }
        finish(ticket) { $0.confirm(ticket) }
        return positions
    }

    private func finish(_ ticket: DuplicateWindow.Ticket, _ decide: (inout DuplicateWindow) -> Void) {
        let waiters = shared.withLock { shared in
            decide(&shared.window)
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
