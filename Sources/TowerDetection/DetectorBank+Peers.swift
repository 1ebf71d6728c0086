import Glibc
import TowerModel

// What the series of one metric say of each other.
extension DetectorBank {
    /// So many series of a metric stray at the same time that it is not about one of them: the weather, the grid, a new release.
    func isCommon(_ metric: Int) -> Bool {
        let peers = configuration.peers
        guard peers.isEnabled else { return false }
        let strays = Int(metrics[metric].strays)
        return strays >= peers.commonMinimum && Double(strays) >= peers.commonShare * Double(metrics[metric].members)
    }

    /// A series with a history teaches its group; one without is compared with it.
    mutating func comparePeers(
        _ point: Int32, hour: Int, mean: Double, now: Int64, value: Double, into findings: inout [Finding]
    ) {
        let index = Int(point)
        let group = Int(points[index].metric)
        let state = points[index].baseline
        if state.flags.contains(.isMature) {
            if !state.flags.contains(.isAnomalous) { peers.learn(group, hour: hour, mean: mean) }
            if state.flags.contains(.isUnlikePeers) { tellPeers(point, now: now, value: value, usual: nil, into: &findings) }
            return
        }
        guard Int(metrics[group].members) >= configuration.peers.minimum,
            let (ratio, usual) = peers.distance(group, hour: hour, mean: mean, floor: Float(abs(mean) * configuration.baseline.minimumShare))
        else { return }
        let isUp = state.flags.contains(.isUnlikePeers)
        let isFar = ratio > Float(configuration.peers.sizes) * (isUp ? 0.5 : 1)
        let unrest = min(max(state.unrest + (isFar ? 0.5 : -0.5), 0), Float(configuration.peers.hours))
        points[index].baseline.unrest = unrest
        if isUp ? unrest <= 0 : unrest >= Float(configuration.peers.hours) {
            tellPeers(point, now: now, value: value, usual: isUp ? nil : usual, into: &findings)
        }
    }

    private mutating func tellPeers(_ point: Int32, now: Int64, value: Double, usual: Double?, into findings: inout [Finding]) {
        let index = Int(point)
        points[index].baseline.unrest = 0
        if usual == nil {
            points[index].baseline.flags.remove(.isUnlikePeers)
        } else {
            points[index].baseline.flags.insert(.isUnlikePeers)
            points[index].baseline.onset = now
        }
        let members = metrics[Int(points[index].metric)].members
        findings.append(
            seriesFinding(
                point, kind: .peers, at: now, onset: points[index].baseline.onset, value: value, expected: usual,
                what: usual.map {
                    "is \(DecimalText.text(value)) where \(members) others show about \(DecimalText.text($0)) at this hour; it has no history yet"
                } ?? "is no longer judged by others", isCleared: usual == nil, score: 0.95))
    }
}
