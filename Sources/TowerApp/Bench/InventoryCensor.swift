import Foundation
import TowerModel
import TowerSimulation

/// Leaves links out of a simulated fleet's events: feeders from sites and their alarms, ways to the core from the topology.
///
/// Of each feeder's and each hub's sites the same share, three at least; seeded, and apart from everything that the fleet draws.
struct InventoryCensor {
    private var random: SeededGenerator
    private let hidden: Double
    private(set) var truth: Set<LinkScore.Link> = []
    private var sitesWithout: Set<String> = []

    init(seed: UInt64, hidden: Double) {
        random = SeededGenerator(seed: seed, stream: "bench links")
        self.hidden = hidden
    }

    /// Chooses what is left out, from the events that describe the fleet.
    mutating func choose(from lines: [[UInt8]]) {
        var members: [String: [String]] = [:]
        var children: [String: [String]] = [:]
        var ways: [String: Int] = [:]
        for line in lines {
            guard let (type, site, payload) = Self.inventory(line) else { continue }
            if type == "inventory.site", let feeder = payload["feeder_id"] as? String { members[feeder, default: []].append(site) }
            if type == "topology.link", let parent = payload["parent"] as? String, let child = Self.child(payload) {
                children[parent, default: []].append(child)
                ways[child, default: 0] += 1
            }
        }
        for feeder in members.keys.sorted() {
            for site in pick(members[feeder]!) {
                truth.insert(.init(kind: .feeder, site: site, other: feeder))
                sitesWithout.insert(site)
            }
        }
        for parent in children.keys.sorted() {
            for site in pick(children[parent]!) where ways[site] == 1 { truth.insert(.init(kind: .upstream, site: site, other: parent)) }
        }
    }

    private mutating func pick(_ sites: [String]) -> [String] {
        guard sites.count >= 3, hidden > 0 else { return [] }
        return Array(sites.sorted().shuffled(using: &random).prefix(max(1, Int(Double(sites.count) * hidden))))
    }

    /// The event without what is left out; `nil` when nothing of it is left.
    func censored(_ line: [UInt8]) -> [UInt8]? {
        if let (type, _, payload) = Self.inventory(line), type == "topology.link" {
            guard let parent = payload["parent"] as? String, let child = Self.child(payload) else { return line }
            return truth.contains(.init(kind: .upstream, site: child, other: parent)) ? nil : line
        }
        guard Self.has(line, "\"feeder_id\""), var document = Self.object(line), let site = document["site_id"] as? String,
            sitesWithout.contains(site), var payload = document["payload"] as? [String: Any]
        else { return line }
        payload["feeder_id"] = nil
        document["payload"] = payload
        guard let data = try? JSONSerialization.data(withJSONObject: document, options: [.sortedKeys]) else { return line }
        return Array(data)
    }

    private static func child(_ payload: [String: Any]) -> String? {
        guard let a = payload["a"] as? String, let b = payload["b"] as? String else { return nil }
        return payload["parent"] as? String == a ? b : a
    }

    private static func inventory(_ line: [UInt8]) -> (type: String, site: String, payload: [String: Any])? {
        guard has(line, "\"inventory.site\"") || has(line, "\"topology.link\""), let document = object(line),
            let type = document["event_type"] as? String, let site = document["site_id"] as? String,
            let payload = document["payload"] as? [String: Any]
        else { return nil }
        return (type, site, payload)
    }

    private static func object(_ line: [UInt8]) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any]
    }

    /// Whether the text is in the line.
    private static func has(_ line: [UInt8], _ text: String) -> Bool { Data(line).range(of: Data(text.utf8)) != nil }
}
