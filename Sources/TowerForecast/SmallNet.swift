import Glibc

/// A regression net of two hidden layers of rectifiers, learned by Adam (Kingma, Ba 2015) from a seed.
///
/// - Shape: weights lie input by input (`weight[i * outputs + o]`) in one array: layer 1, its offsets, layer 2, its offsets,
///   output, its offset. Inputs are standardised by what the net saw while learning and held within ±`reach`.
public struct SmallNet: Sendable, Hashable {
    public let inputs: Int
    public let first: Int
    public let second: Int
    var parameters: [Float]
    var means: [Float]
    var scales: [Float]
    /// The answer is `targetMean + targetScale * output`.
    var targetMean: Float
    var targetScale: Float

    /// Standard deviations beyond which an input says no more.
    static let reach: Float = 5

    static func count(_ inputs: Int, _ first: Int, _ second: Int) -> Int {
        inputs * first + first + first * second + second + second + 1
    }

    /// Learns a net.
    ///
    /// - Parameters:
    ///   - table: one row an example; no NaN.
    ///   - targets: one a row.
    public init(table: FeatureTable, targets: [Float], settings: NetSettings, seed: UInt64) {
        inputs = table.columns
        first = max(1, settings.first)
        second = max(1, settings.second)
        (means, scales) = Self.standardisation(table)
        let rows = min(table.rows, targets.count)
        var mean = 0.0
        for target in targets { mean += Double(target) }
        mean /= Double(max(rows, 1))
        var square = 0.0
        for target in targets { square += (Double(target) - mean) * (Double(target) - mean) }
        targetMean = Float(mean)
        targetScale = Float(max((square / Double(max(rows, 1))).squareRoot(), 1e-6))
        var random = ForecastRandom(seed: seed)
        parameters = Self.start(inputs, first, second, &random)
        guard rows > 0 else { return }
        var trainer = NetTrainer(net: self, table: table, targets: targets, settings: settings, random: random)
        trainer.run()
        parameters = trainer.parameters
    }

    init(
        inputs: Int, first: Int, second: Int, parameters: [Float], means: [Float], scales: [Float], targetMean: Float,
        targetScale: Float
    ) {
        self.inputs = inputs
        self.first = first
        self.second = second
        self.parameters = parameters
        self.means = means
        self.scales = scales
        self.targetMean = targetMean
        self.targetScale = targetScale
    }

    private static func standardisation(_ table: FeatureTable) -> ([Float], [Float]) {
        var sums = [Double](repeating: 0, count: table.columns)
        var squares = sums
        let rows = Double(max(table.rows, 1))
        for (index, value) in table.values.enumerated() { sums[index % table.columns] += Double(value) }
        for (index, value) in table.values.enumerated() {
            let column = index % table.columns
            let away = Double(value) - sums[column] / rows
            squares[column] += away * away
        }
        let scales = squares.map { square in
            let deviation = (square / rows).squareRoot()
            return Float(deviation > 1e-9 ? 1 / deviation : 0)
        }
        return (sums.map { Float($0 / rows) }, scales)
    }

    /// He's start for rectifiers: normal with variance 2 over the inputs.
    private static func start(_ inputs: Int, _ first: Int, _ second: Int, _ random: inout ForecastRandom) -> [Float] {
        var parameters: [Float] = []
        for (fanIn, count, offsets) in [(inputs, inputs * first, first), (first, first * second, second), (second, second, 1)] {
            let deviation = (2 / Double(max(fanIn, 1))).squareRoot()
            for _ in 0..<count { parameters.append(Float(deviation * random.normal())) }
            parameters.append(contentsOf: [Float](repeating: 0, count: offsets))
        }
        return parameters
    }

    /// One row, standardised and held within reach.
    func standardise(_ row: ArraySlice<Float>, into output: inout [Float], at start: Int) {
        for (column, value) in row.enumerated() {
            let z = (value - means[column]) * scales[column]
            output[start + column] = z.isNaN ? 0 : min(max(z, -Self.reach), Self.reach)
        }
    }

    public func predict(_ row: ArraySlice<Float>) -> Float {
        guard row.count == inputs else { return targetMean }
        var input = [Float](repeating: 0, count: inputs)
        standardise(row, into: &input, at: 0)
        var at = 0
        let one = Self.layer(input, first, parameters, &at).map { max($0, 0) }
        let two = Self.layer(one, second, parameters, &at).map { max($0, 0) }
        return targetMean + targetScale * Self.layer(two, 1, parameters, &at)[0]
    }

    private static func layer(_ input: [Float], _ outputs: Int, _ parameters: [Float], _ at: inout Int) -> [Float] {
        let offsets = at + input.count * outputs
        var result = Array(parameters[offsets..<offsets + outputs])
        for (index, value) in input.enumerated() where value != 0 {
            let base = at + index * outputs
            for output in 0..<outputs { result[output] += value * parameters[base + output] }
        }
        at = offsets + outputs
        return result
    }

    public func predict(_ table: FeatureTable) -> [Float] { (0..<table.rows).map { predict(table.row($0)) } }
}
