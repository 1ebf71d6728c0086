import Yams

// `version:` and `adjust:` of a file: what `towerco learn` writes.
extension TemplateReader {
    static let adjustmentsMax = 4_096

    /// Puts a file's adjustments over the stories read so far, its own among them.
    static func adjust(_ library: inout TemplateLibrary, _ mapping: Yams.Node.Mapping, _ place: Place) throws(TemplateError) {
        if let version = mapping["version"] {
            guard let name = version.string, !name.isEmpty, name.utf8.count <= 64 else {
                throw place.error(version, "`version` must be a name of at most 64 bytes")
            }
            library.version = library.version.isEmpty ? name : "\(library.version)+\(name)"
        }
        guard let found = mapping["adjust"] else { return }
        guard case .sequence(let list) = found else { throw place.error(found, "`adjust` must be a list of {story, node, is, lag, happens}") }
        guard list.count <= adjustmentsMax else { throw place.error(found, "more than \(adjustmentsMax) adjustments") }
        for entry in list {
            guard case .mapping(let keys) = entry else { throw place.error(entry, "an adjustment must be {story, node, is, lag, happens}") }
            try check(keys, ["story", "node", "is", "lag", "happens"], place)
            let story = try text(keys, "story", entry, place)
            let node = try number(keys, "node", entry, place) ?? -1
            guard node >= 0, node < Double(nodesMax), node == node.rounded() else {
                throw place.error(entry, "`node` is the number of a node of the story, from 0")
            }
            var adjustment = TemplateAdjustment(story: story, node: Int(node), condition: try condition(keys, "is", entry, place))
            if let written = keys["lag"] {
                guard let lag = written.string.flatMap({ Lag($0) }) else {
                    throw place.error(written, "`lag` is neither `LOW .. HIGH UNIT` nor `MEDIAN ~ P90 UNIT` (units s, min, h, d)")
                }
                adjustment.lag = lag
            }
            adjustment.probability = try number(keys, "happens", entry, place)
            guard (0...1).contains(adjustment.probability ?? 0) else { throw place.error(entry, "`happens` is a share between 0 and 1") }
            guard library.apply(adjustment) else {
                throw place.error(
                    entry, "story `\(story)` has no node \(adjustment.node) that is \(adjustment.condition.rawValue): the story has changed since, learn anew or remove the line")
            }
        }
    }
}
