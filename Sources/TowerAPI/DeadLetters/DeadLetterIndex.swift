public import TowerModel
import TowerStores
public import TowerStreaming

/// What is known of the tenants' dead letters: read from the log when somebody asks, and only what came since.
///
/// - Order: the log's. Whoever appended an outcome and asks afterwards sees it.
/// - Bounds: `maxShelved` letters over all tenants; the tenant asked least recently is forgotten first and read anew.
public actor DeadLetterIndex {
    private let log: any EventLog
    private var shelves: [String: Entry] = [:]
    private var clock = 0
    /// Letters that a command is working on, `TENANT@OFFSET`.
    private var claims: Set<String> = []
    private static let pieceBytes = 8 << 20
    private static let maxShelved = 3_000_000

    private struct Entry {
        var shelf = DeadLetterShelf()
        var usedAt = 0
        /// The read that is on its way.
        var reading: Task<Void, any Error>?
    }

    public init(log: any EventLog) { self.log = log }

    /// The tenant's letters as the log has them now.
    func shelf(_ tenant: String) async throws -> DeadLetterShelf {
        // What is on its way may have begun before the caller's own append, so it is followed by one more.
        if let reading = shelves[tenant]?.reading { _ = try? await reading.value }
        if let reading = shelves[tenant]?.reading {
            try await reading.value
        } else {
            let reading = Task { try await self.read(tenant) }
            shelves[tenant, default: Entry()].reading = reading
            defer { shelves[tenant]?.reading = nil }
            try await reading.value
        }
        clock += 1
        shelves[tenant]?.usedAt = clock
        let shelf = shelves[tenant]?.shelf ?? DeadLetterShelf()
        makeRoom(keeping: tenant)
        return shelf
    }

    /// Takes letters for a command; those that another holds are left out.
    func claim(_ offsets: [Int64], of tenant: String) -> [Int64] {
        offsets.filter { claims.insert("\(tenant)@\($0)").inserted }
    }

    func release(_ offsets: [Int64], of tenant: String) {
        for offset in offsets { claims.remove("\(tenant)@\(offset)") }
    }

    private func read(_ tenant: String) async throws {
        let letters = Topic.deadLetters(tenant: tenant)
        guard let described = try await log.topics(matching: TopicPattern(letters.rawValue)).first else { return }
        let start = max(described.startOffset, described.endOffset - Int64(DeadLetterShelf.maxLetters))
        shelves[tenant, default: Entry()].shelf.drop(before: described.startOffset)
        if shelves[tenant]?.shelf.nextLetter ?? 0 < start { shelves[tenant]?.shelf.nextLetter = start }
        try await follow(letters, { self.shelves[tenant]?.shelf.nextLetter ?? 0 }) { self.shelves[tenant]?.shelf.add($0) }
        try await follow(Topic.deadLetterOutcomes(tenant: tenant), { self.shelves[tenant]?.shelf.nextOutcome ?? 0 }) { stored in
            self.shelves[tenant]?.shelf.nextOutcome = stored.offset + 1
            if let outcome = DeadLetterOutcome(stored) { self.shelves[tenant]?.shelf.add(outcome) }
        }
    }

    /// Reads a topic to its end.
    private func follow(_ topic: TopicName, _ next: () -> Int64, _ take: (StoredRecord) -> Void) async throws {
        while true {
            let records: [StoredRecord]
            do {
                records = try await log.fetch(topic: topic, from: next(), maxBytes: Self.pieceBytes)
            } catch let error as EventLogError where error.code == .unknownTopic {
                return
            }
            guard !records.isEmpty else { return }
            for record in records { take(record) }
        }
    }

    private func makeRoom(keeping tenant: String) {
        var total = shelves.values.reduce(0) { $0 + $1.shelf.count }
        while total > Self.maxShelved,
            let oldest = shelves.filter({ $0.key != tenant && $0.value.reading == nil }).min(by: { $0.value.usedAt < $1.value.usedAt })
        {
            total -= oldest.value.shelf.count
            shelves[oldest.key] = nil
        }
    }

    // MARK: Age

    /// Says of letters that have waited since before an instant that nobody will treat them. Returns how many.
    ///
    /// - Parameter by: who asked; empty for the platform itself.
    public func expire(tenant: TenantID, before instant: Timestamp, by: String) async throws -> Int {
        let found = try await shelf(tenant.rawValue).waiting(before: instant.milliseconds)
        guard found.count > 0 else { return 0 }
        let outcome = DeadLetterOutcome(
            topic: Topic.deadLetters(tenant: tenant.rawValue), offset: found.end, result: .expired, by: by, count: found.count)
        guard let record = outcome.record() else { return 0 }
        _ = try await log.append([record])
        return found.count
    }

    /// The same for every tenant that has letters, and for those whose tenant nobody could tell.
    public func expireAll(before instant: Timestamp) async throws -> Int {
        var expired = 0
        for described in try await log.topics(matching: .deadLetters) {
            guard let first = described.firstTimestampMs, first < instant.milliseconds else { continue }
            let tenant = described.topic.rawValue.dropFirst(Topic.deadLetters(tenant: "").rawValue.count)
            expired += try await expire(tenant: TenantID(String(tenant)), before: instant, by: "")
        }
        return expired
    }
}
