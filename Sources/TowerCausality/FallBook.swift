public import TowerModel

/// When sites lost their grid and when they fell off the network: what links that nobody declared are inferred from.
///
/// - Bound: the newest `maximumFalls` of each site and kind.
public struct FallBook: Sendable {
    public static let maximumFalls = 64
    /// Falls of one site closer together than this, seconds, are one.
    public static let separation = 1_800.0

    public enum Kind: Int, Sendable, CaseIterable {
        /// The grid was lost.
        case grid
        /// The site was not reached any more.
        case reach
    }

    /// By kind and site, in the order of time.
    var falls: [[[Timestamp]]] = [[], []]
    /// By kind and site: how exactly its falls are known at worst, seconds; as long as `falls`.
    var grains: [[Double]] = [[], []]
    /// The oldest and newest fall of all.
    public internal(set) var from = Timestamp.distantFuture
    public internal(set) var to = Timestamp.distantPast

    public init() {}

    /// Takes in a fall. Answers whether it is one of its own.
    ///
    /// - Parameter grain: seconds within which it may have happened before. Several falls that close together are one, and what falls
    ///   by such words coincides more easily.
    @discardableResult
    public mutating func note(_ kind: Kind, site: Int32, at: Timestamp, grain: Double = 0) -> Bool {
        while falls[kind.rawValue].count <= Int(site) {
            falls[kind.rawValue].append([])
            grains[kind.rawValue].append(0)
        }
        var known = falls[kind.rawValue][Int(site)]
        var place = known.count
        while place > 0, known[place - 1] > at { place -= 1 }
        if place > 0, at.seconds(since: known[place - 1]) < Self.separation + grain { return false }
        if place < known.count, known[place].seconds(since: at) < Self.separation { return false }
        known.insert(at, at: place)
        if known.count > Self.maximumFalls { known.removeFirst() }
        falls[kind.rawValue][Int(site)] = known
        grains[kind.rawValue][Int(site)] = max(grains[kind.rawValue][Int(site)], grain)
        from = min(from, at)
        to = max(to, at)
        return true
    }

    public func falls(_ kind: Kind, of site: Int32) -> [Timestamp] {
        falls[kind.rawValue].indices.contains(Int(site)) ? falls[kind.rawValue][Int(site)] : []
    }

    /// Seconds by which the times of a site's falls may be off.
    func grain(_ kind: Kind, of site: Int32) -> Double {
        grains[kind.rawValue].indices.contains(Int(site)) ? grains[kind.rawValue][Int(site)] : 0
    }

    /// Sites that fell at least so often.
    func sites(_ kind: Kind, atLeast count: Int) -> [Int32] {
        falls[kind.rawValue].indices.filter { falls[kind.rawValue][$0].count >= count }.map { Int32($0) }
    }

    // MARK: State

    public func encode(into writer: inout StateWriter) {
        for sites in falls {
            writer.write(count: sites.count)
            for times in sites {
                writer.write(count: times.count)
                for time in times { writer.write(time) }
            }
        }
        for grain in grains.joined() { writer.write(grain) }
        writer.write(from)
        writer.write(to)
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        for kind in Kind.allCases {
            for _ in 0..<(try reader.count("falls.sites")) {
                var times: [Timestamp] = []
                for _ in 0..<(try reader.count("falls.times")) { times.append(try reader.timestamp("falls.time")) }
                falls[kind.rawValue].append(times)
            }
        }
        for kind in Kind.allCases {
            for _ in falls[kind.rawValue] { grains[kind.rawValue].append(try reader.double("falls.grain")) }
        }
        from = try reader.timestamp("falls.from")
        to = try reader.timestamp("falls.to")
    }
}
