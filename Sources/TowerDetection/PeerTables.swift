import Glibc

/// What the series of each metric usually show by hour of the day, learned from those that have a history: what a new one is
/// compared with.
struct PeerTables: Sendable {
    static let hours = 24
    /// Medians by hour, relative to the group's anchor, and the mean distance of series from them.
    var middle: [Float] = []
    var heard: [UInt16] = []
    var anchor: [Double] = []
    var size: [Float] = []
    var lessons: [UInt32] = []

    mutating func addGroup() {
        middle.append(contentsOf: repeatElement(0, count: Self.hours))
        heard.append(contentsOf: repeatElement(0, count: Self.hours))
        anchor.append(0)
        size.append(0)
        lessons.append(0)
    }

    /// Distance of a mean from that of the group, in mean distances; `nil` while the group is not known at that hour.
    func distance(_ group: Int, hour: Int, mean: Double, floor: Float) -> (ratio: Float, usual: Double)? {
        let index = group * Self.hours + hour
        guard heard[index] >= 8 else { return nil }
        let usual = anchor[group] + Double(middle[index])
        return (Float(abs(mean - usual)) / max(size[group], floor), usual)
    }

    /// Takes in the mean of half an hour of a series with a history, by a bounded step.
    mutating func learn(_ group: Int, hour: Int, mean: Double) {
        if lessons[group] == 0 { anchor[group] = mean }
        if lessons[group] < .max { lessons[group] += 1 }
        let index = group * Self.hours + hour
        let value = Float(mean - anchor[group])
        if heard[index] < .max { heard[index] += 1 }
        let away = value - middle[index]
        let reach = heard[index] > 16 ? 4 * size[group] : .greatestFiniteMagnitude
        middle[index] += max(1 / Float(heard[index]), 0.02) * min(max(away, -reach), reach)
        guard heard[index] > 2 else { return }
        size[group] += max(1 / Float(min(lessons[group], 1_000)), 0.002) * (min(abs(away), max(reach, size[group])) - size[group])
    }
}
