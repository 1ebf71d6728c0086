public import TowerModel

/// How ledgers did over site-months of which the truth is known.
public struct LedgerScore: Sendable, Hashable {
    /// An entry that a ledger made.
    public struct Found: Sendable, Hashable {
        public var crime: LedgerCrime
        public var at: Timestamp
        public init(crime: LedgerCrime, at: Timestamp) {
            self.crime = crime
            self.at = at
        }
    }

    /// Losses of one kind and size, and what became of them.
    public struct Row: Sendable, Hashable {
        public var name: String
        public var losses = 0
        public var found = 0
        /// Hours from the beginning of the loss to its entry, of those found.
        public var delays: [Double] = []
        public var recall: Double? { losses > 0 ? Double(found) / Double(losses) : nil }
        public var medianHours: Double? {
            let sorted = delays.sorted()
            return sorted.isEmpty ? nil : sorted[sorted.count / 2]
        }
    }

    /// Longest time after its beginning at which an entry still counts as found.
    static let patience: [LedgerCrime: Double] = [.theft: 24 * 3600, .siphon: 14 * 86_400, .short: 24 * 3600, .battery: 24 * 3600]

    public private(set) var siteMonths = 0.0
    public private(set) var falseEntries = 0
    public private(set) var rows: [Row] = []

    public init() {}

    /// False entries for each site and thirty days.
    public var falseASiteMonth: Double { siteMonths > 0 ? Double(falseEntries) / siteMonths : 0 }

    private static func name(_ truth: LedgerTruth) -> String {
        switch truth.crime {
        case .theft: truth.litres < 20 ? "theft_10_20_l" : truth.litres < 50 ? "theft_20_50_l" : "theft_50_200_l"
        case .siphon: "siphon_\(truth.litresADay)_l_day"
        case .short: "short_delivery"
        case .battery: "battery_theft"
        case .none: "none"
        }
    }

    /// A theft of less than ten litres is no miss when it is not found, and no false entry when it is.
    public mutating func take(truths: [LedgerTruth], found: [Found], days: Double) {
        siteMonths += days / 30
        var isUsed = [Bool](repeating: false, count: found.count)
        for truth in truths {
            let first = found.indices.first {
                !isUsed[$0] && found[$0].crime == truth.crime && found[$0].at >= truth.from
                    && found[$0].at.seconds(since: truth.from) <= Self.patience[truth.crime, default: 0]
            }
            // Later entries of the same loss repeat it: they are no false ones.
            for index in found.indices where found[index].crime == truth.crime && found[index].at >= truth.from {
                if truth.crime == .theft || truth.crime == .short ? index == first : true { isUsed[index] = true }
            }
            guard truth.crime != .theft || truth.litres >= 10 else { continue }
            note(truth, first.map { found[$0].at.seconds(since: truth.from) / 3600 })
        }
        falseEntries += isUsed.lazy.filter { !$0 }.count
    }

    private mutating func note(_ truth: LedgerTruth, _ hours: Double?) {
        let name = Self.name(truth)
        var index = rows.firstIndex { $0.name == name }
        if index == nil {
            rows.append(Row(name: name))
            rows.sort { $0.name < $1.name }
            index = rows.firstIndex { $0.name == name }
        }
        guard let index else { return }
        rows[index].losses += 1
        guard let hours else { return }
        rows[index].found += 1
        rows[index].delays.append(hours)
    }

    /// All rows whose name begins so, as one.
    public func total(_ prefix: String) -> Row {
        var all = Row(name: prefix)
        for row in rows where row.name.hasPrefix(prefix) {
            all.losses += row.losses
            all.found += row.found
            all.delays += row.delays
        }
        return all
    }
}
