/// The network that a storm goes over: regions of a hub and eight blocks, each block a gateway and a tree of hops behind it.
struct StormNetwork: Sendable {
    struct Site: Sendable {
        var name: String
        var region: Int
        var latitude: Double
        var longitude: Double
        var isHub = false
        var hasGenerator = true
        var feeder = ""
    }
    struct Link: Sendable {
        var child: String
        var parent: String
        var isFibre: Bool
    }
    /// Numbers in `sites`.
    struct Block: Sendable {
        var hub: Int
        var gateway: Int
        var members: [Int]
    }

    private(set) var links: [Link] = []
    var sites: [Site] = []
    private var blocks = 0
    private var hub = -1

    /// - Parameters:
    ///   - members: sites behind the gateway.
    ///   - isFibre: the gateway's way to its hub; the others are hops.
    @discardableResult
    mutating func addBlock(members: Int, isFibre: Bool, _ words: inout SeededWords) -> Block {
        func uniform() -> Double { Double(words.next() >> 11) / 9_007_199_254_740_992 }
        let region = blocks / AlarmStorm.blocksOfRegion
        let latitude = Double(region / 40) * 0.9 - 10
        let longitude = Double(region % 40) * 0.9 - 18
        func add(isHub: Bool) -> Int {
            sites.append(
                Site(
                    name: "SITE-\(100_000 + sites.count)", region: region,
                    latitude: ((latitude + uniform() * 0.3) * 10_000).rounded() / 10_000,
                    longitude: ((longitude + uniform() * 0.3) * 10_000).rounded() / 10_000, isHub: isHub))
            return sites.count - 1
        }
        if blocks % AlarmStorm.blocksOfRegion == 0 { hub = add(isHub: true) }
        blocks += 1
        let gateway = add(isHub: true)
        links.append(Link(child: sites[gateway].name, parent: sites[hub].name, isFibre: isFibre))
        var block = Block(hub: hub, gateway: gateway, members: [])
        for index in 0..<members {
            // A third hang on the gateway, the others behind one of the three before them: chains of several hops.
            let parent = index == 0 || uniform() < 0.33 ? gateway : block.members[index - 1 - Int(uniform() * Double(min(3, index)))]
            let site = add(isHub: false)
            block.members.append(site)
            links.append(Link(child: sites[site].name, parent: sites[parent].name, isFibre: false))
        }
        return block
    }
}
