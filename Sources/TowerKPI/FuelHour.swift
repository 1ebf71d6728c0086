/// What the tank lost in one hour, from the medians of its five-minute levels.
///
/// Slosh and noise average out in the medians and telescope from hour to hour; a rise of a delivery's size is a delivery.
struct FuelHour {
    /// Litres that left the tank, and of those the ones that left while the generator ran.
    var lost = 0.0
    var lostRunning = 0.0
    /// Seconds between the first and the last level used.
    var seconds = 0.0
    var runningSeconds = 0.0

    static let block = 300

    init(_ hour: SiteHour) {
        let running = hour.generator().running
        var levels = Self.levels(hour.before[MetricRole.fuelLevel.rawValue]).suffix(1).map { (at: $0.at - 3600, level: $0.level) }
        levels += Self.levels(hour.samples[MetricRole.fuelLevel.rawValue])
        for (from, to) in zip(levels, levels.dropFirst()) {
            let fall = from.level - to.level
            guard -fall < hour.configuration.deliveryLitres else { continue }
            // The part before the hour is not at hand; the generator is taken to have run there as it does after it.
            let inside = max(from.at, 0)..<to.at
            let share = Double(running.count(in: inside)) / Double(max(inside.count, 1))
            let span = Double(to.at - from.at)
            lost += fall
            seconds += span
            runningSeconds += share * span
            if share >= 0.5 { lostRunning += fall }
        }
    }

    /// Median level of each five minutes heard, at their middle.
    private static func levels(_ samples: SampleHour) -> [(at: Int, level: Double)] {
        var result: [(at: Int, level: Double)] = []
        var values: [Double] = []
        var current = -1
        func close() {
            guard !values.isEmpty else { return }
            values.sort()
            let middle = values.count / 2
            let median = values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
            result.append((current * block + block / 2, median))
        }
        for index in 0..<samples.count {
            let block = samples.second(index) / Self.block
            if block != current {
                close()
                values.removeAll(keepingCapacity: true)
                current = block
            }
            values.append(samples.values[index])
        }
        close()
        return result
    }
}
