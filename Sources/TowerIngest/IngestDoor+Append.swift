import Synchronization
import TowerModel
import TowerStreaming

extension IngestDoor {
    /// Appends what is new and fills in the report. Returns when all of it, duplicates included, is durable.
    ///
    /// An event that another request holds is decided when that request is over: a duplicate if it became durable, ours
    /// to append if it failed. Nothing is held while waiting, so that two requests cannot wait for each other.
    func append(
        _ reading: DoorWorker.Reading, _ letters: [Record], _ tenant: TenantID, _ worker: inout DoorWorker,
        _ report: inout IngestReport
    ) async throws {
        let blend = EventKey.Blend(tenant: tenant.rawValue, seed: seed)
        var events = Array(0..<reading.batch.count)
        var letters = letters
        repeat {
            let keys = events.map { blend.key(reading.batch.ids[$0]) }
            let reservation = shared.withLock { $0.window.reserve(keys) }
            var records: [Record] = []
            records.reserveCapacity(events.count + letters.count)
            var waiting: [Int] = []
            var holders: Set<DuplicateWindow.Ticket> = []
            var flagged = 0
            for (event, verdict) in zip(events, reservation.verdicts) {
                switch verdict {
                case .fresh:
                    records.append(worker.record(event, of: reading.batch))
                    if reading.isFlagged[event] { flagged += 1 }
                case .duplicate: report.duplicates += 1
                case .inFlight(let ticket):
                    waiting.append(event)
                    holders.insert(ticket)
                }
            }
            let fresh = records.count
            records.append(contentsOf: letters)
            letters = []
            try await append(records, holding: reservation.ticket)
            report.accepted += fresh
            report.flagged += flagged
            for holder in holders { await end(of: holder) }
            events = waiting
        } while !events.isEmpty
    }

    /// One append; the ticket is over either way.
    private func append(_ records: [Record], holding ticket: DuplicateWindow.Ticket) async throws {
        do {
            if !records.isEmpty { _ = try await log.append(records) }
        } catch {
            finish(ticket) { $0.release(ticket) }
            throw IngestError.appending(error)
        }
        finish(ticket) { $0.confirm(ticket) }
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

    /// Records for the rejected lines, the first `maxDeadLetters` of them.
    func deadLetters(_ reading: DoorWorker.Reading, _ body: [UInt8], tenant: TenantID, source: String) -> [Record] {
        guard !reading.rejections.isEmpty else { return [] }
        let topic = Topic.deadLetters(tenant: tenant.rawValue)
        let origin = String(source.prefix(256))
        let key = Array(origin.utf8)
        let receivedAt = clock().description
        return zip(reading.rejections, reading.rejectedRanges).prefix(limits.maxDeadLetters).map { rejection, range in
            Record(
                topic: topic, key: key, value: Array(body[range].prefix(limits.maxDeadLetterBytes)),
                headers: [
                    .init("reason_code", rejection.code), .init("detail", rejection.detail), .init("origin", origin),
                    .init("line", String(rejection.line)), .init("attempts", "1"), .init("received_at", receivedAt),
                ])
        }
    }
}
