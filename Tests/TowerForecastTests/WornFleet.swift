import TowerForecast

/// Units that wear: quiet at first, then ever faster until they fail, with a noise and an offset of their own.
struct WornFleet {
    static let metrics = ["heat", "hum", "noise", "vibration"]
    var units: [LifeUnit] = []
    /// Cycles left behind the last sample, by unit.
    var remaining: [Double] = []

    /// - Parameter cut: the units' lives end at a share of 0.4...0.95 before the failure and stay unfailed.
    init(seed: UInt64, count: Int, cut: Bool, lost: Double = 0) {
        var random = Random(state: seed)
        for number in 0..<count {
            let life = 90 + Int(80 * random.unit())
            let kept = cut ? Int(Double(life) * (0.4 + 0.55 * random.unit())) : life
            let offset = random.unit() - 0.5
            var unit = LifeUnit(name: "unit-\(1000 + number)", columns: 4)
            for cycle in 0..<kept {
                let wear = max(0, 1 - Double(life - 1 - cycle) / 60)
                let (a, b, c, d) = (random.unit() - 0.5, random.unit() - 0.5, random.unit() - 0.5, random.unit() - 0.5)
                let row = [500 + offset + 6 * wear * wear + a, 20 + 4 * wear + b, c, -3 * wear * wear + offset + d].map { Float($0) }
                if cycle == 0 || cycle == kept - 1 || random.unit() >= lost { unit.append(at: 3600 * Double(cycle), row) }
            }
            if !cut { unit.failedAt = 3600 * Double(life) }
            units.append(unit)
            remaining.append(Double(life - kept))
        }
    }

    private struct Random {
        var state: UInt64
        mutating func unit() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) / Double(1 << 31)
        }
    }
}

/// Trees that grow to one leaf, the mean: learning without the library.
struct Stumps: TreeGrowing {
    func grow(_ table: FeatureTable, targets: [Float], _ settings: TreeSettings) throws -> TreeEnsemble {
        TreeEnsemble(base: targets.reduce(0, +) / Float(max(targets.count, 1)), columns: table.columns)
    }
}

func learned(_ fleet: WornFleet, _ settings: LifeSettings) throws -> LifeModel? {
    guard let learner = LifeLearner(history: fleet.units, metrics: WornFleet.metrics, settings: settings) else { return nil }
    return learner.model(try learner.tasks.map { try learner.fit(without: $0, growing: Stumps()) })
}

/// Small enough for a debug build.
var quick: LifeSettings {
    var settings = LifeSettings()
    (settings.nets, settings.net.first, settings.net.second, settings.net.epochs) = (1, 8, 4, 20)
    (settings.folds, settings.maximumRows) = (3, 1500)
    return settings
}
