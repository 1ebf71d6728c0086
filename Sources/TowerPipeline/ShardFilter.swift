import TowerModel
import TowerStreaming

/// Leaves out what is of other shards' tenants, and brings what stands in a wrong partition to where it belongs.
///
/// - Cost: a look into a table for each event; tenants' names are hashed once each.
struct ShardFilter: Sendable {
    private let log: any ShardedLog
    private let movesStrays: Bool
    /// By a tenant's symbol: 0 unknown yet, 1 ours, 2 another shard's.
    private var verdicts: [UInt8] = []
    /// Records of other shards' tenants that stood in a partition of this one, since the start.
    private(set) var strays: Int64 = 0

    /// Says that a record was moved once: one that is a stray again stays, so that two processes that deal differently do not pass it
    /// to and fro.
    private static let movedHeader: StaticString = "towerco-moved"
    private static let tenantHeader = "tenant"

    init(_ log: any ShardedLog, movesStrays: Bool) {
        self.log = log
        self.movesStrays = movesStrays
    }

    /// Leaves out the records of tenants' topics that are another shard's.
    func admit(_ block: inout LogBlock) {
        let isOurs = block.topics.map { topic in Self.tenant(of: topic).map(log.shard.holds(tenant:)) ?? true }
        guard isOurs.contains(false) else { return }
        block.entries.removeAll { !isOurs[Int($0.topic)] }
    }

    /// The tenant in a topic's name; `nil` for topics of sites and of the platform.
    static func tenant(of topic: TopicName) -> String? {
        let name = topic.rawValue
        for (head, tail) in [("towerco.alerts.", ".notifications"), ("towerco.incidents.", ".lifecycle"), ("towerco.kpis.", ".metrics")]
        where name.utf8.count > head.utf8.count + tail.utf8.count && name.hasPrefix(head) && name.hasSuffix(tail) {
            return String(name.dropFirst(head.count).dropLast(tail.count))
        }
        return nil
    }

    /// Site events of other shards' tenants, rising.
    mutating func others(in piece: LogPiece) -> [Int] {
        var found: [Int] = []
        for record in 0..<piece.count where piece.kind(record) == .siteEvent && piece.events[record] >= 0 {
            if !isOurs(piece.batch.tenants[Int(piece.events[record])], piece.batch.symbols) { found.append(record) }
        }
        return found
    }

    /// The same; those among them that are strays are written again, to where they belong.
    ///
    /// - Parameter block: what the piece was made of.
    mutating func others(in piece: LogPiece, of block: LogBlock) async throws -> [Int] {
        let found = others(in: piece)
        guard !found.isEmpty else { return [] }
        let places = block.topics.map { log.place(of: $0) }
        let strays = found.filter { record in
            let entry = block.entries[record]
            return log.isStray(places[Int(entry.topic)], partition: entry.partition, offset: entry.offset)
        }
        if movesStrays {
            let copies = strays.filter { piece.header(Self.movedHeader, $0) == nil }.map { moved(piece, $0) }
            if !copies.isEmpty { _ = try await log.append(copies) }
        }
        self.strays += Int64(strays.count)
        return found
    }

    private func moved(_ piece: LogPiece, _ record: Int) -> Record {
        let event = Int(piece.events[record])
        let site = piece.batch.symbols.name(piece.batch.sites[event])
        let stored = piece.record(record).record
        // By what the event itself says: a header that says otherwise would bring it back.
        let headers = stored.headers.filter { $0.name != Self.tenantHeader } + [
            Record.Header(Self.tenantHeader, piece.batch.symbols.name(piece.batch.tenants[event])), Record.Header("\(Self.movedHeader)", "1"),
        ]
        return Record(topic: Topic.siteEvents(site: site), key: Array(site.utf8), value: stored.value, headers: headers)
    }

    private mutating func isOurs(_ tenant: Symbol, _ symbols: SymbolTable) -> Bool {
        let number = Int(tenant.rawValue)
        if number < verdicts.count, verdicts[number] != 0 { return verdicts[number] == 1 }
        if number >= verdicts.count { verdicts += [UInt8](repeating: 0, count: number + 1 - verdicts.count) }
        let isOurs = log.shard.holds(tenant: symbols.name(tenant))
        verdicts[number] = isOurs ? 1 : 2
        return isOurs
    }
}
