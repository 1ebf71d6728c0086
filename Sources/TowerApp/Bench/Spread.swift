/// Median, lowest and highest of repeated measurements: on a shared machine one number says too little.
struct Spread: Equatable {
    var median: Double
    var lowest: Double
    var highest: Double

    /// - Returns: `nil` for no values.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let lowest = sorted.first, let highest = sorted.last else { return nil }
        self.lowest = lowest
        self.highest = highest
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension BenchResult {
    mutating func add(_ name: String, spread values: [Double]) {
        guard let spread = Spread(values) else { return }
        add(name + "_median", spread.median)
        add(name + "_lowest", spread.lowest)
        add(name + "_highest", spread.highest)
    }

    /// One line over several runs of the same measurement.
    static func summary(_ name: String, of runs: [BenchResult]) -> BenchResult? {
        guard let last = runs.last else { return nil }
        var result = last
        result.name = name + ".summary"
        result.details = []
        result.events = runs.reduce(0) { $0 + $1.events }
        result.bytes = runs.reduce(0) { $0 + $1.bytes }
        result.wallSeconds = runs.reduce(0) { $0 + $1.wallSeconds }
        result.cpuSeconds = runs.reduce(0) { $0 + $1.cpuSeconds }
        result.otherCPUSeconds = runs.reduce(0) { sum, run in sum.flatMap { sum in run.otherCPUSeconds.map { sum + $0 } } }
        result.add("runs", runs.count)
        result.add("events_per_s", spread: runs.map(\.eventsPerSecond))
        result.add("events_per_cpu_s", spread: runs.map(\.eventsPerCPUSecond))
        return result
    }
}
