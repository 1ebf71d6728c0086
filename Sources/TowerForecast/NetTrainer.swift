import Glibc

/// Batches, gradients and Adam's steps for one `SmallNet`. Flat arrays, no allocation a batch, inner loops over outputs.
struct NetTrainer {
    private let inputs: Int
    private let first: Int
    private let second: Int
    private let settings: NetSettings
    private let rows: Int
    /// Standardised examples and targets.
    private var examples: [Float]
    private var wanted: [Float]
    private(set) var parameters: [Float]
    private var random: ForecastRandom

    init(net: SmallNet, table: FeatureTable, targets: [Float], settings: NetSettings, random: ForecastRandom) {
        inputs = net.inputs
        first = net.first
        second = net.second
        self.settings = settings
        rows = min(table.rows, targets.count)
        examples = [Float](repeating: 0, count: rows * net.inputs)
        for row in 0..<rows { net.standardise(table.row(row), into: &examples, at: row * net.inputs) }
        wanted = targets.prefix(rows).map { ($0 - net.targetMean) / net.targetScale }
        parameters = net.parameters
        self.random = random
    }

    mutating func run() {
        var gradient = [Float](repeating: 0, count: parameters.count)
        var momentum = gradient
        var energy = gradient
        var average = gradient
        var averaged: Float = 0
        var scratch = [Float](repeating: 0, count: 2 * (first + second))
        var order = Array(0..<rows)
        let batch = max(1, min(settings.batch, rows))
        let steps = (rows + batch - 1) / batch
        let total = max(1, steps * settings.epochs)
        var step = 0
        for epoch in 0..<settings.epochs {
            random.shuffle(&order)
            for begin in stride(from: 0, to: rows, by: batch) {
                let members = order[begin..<min(begin + batch, rows)]
                for index in gradient.indices { gradient[index] = 0 }
                addGradient(members, &gradient, &scratch)
                step += 1
                // Half a cosine: large steps first, then ever smaller ones.
                let rate = settings.rate * Float(0.5 * (1 + cos(Double.pi * Double(step - 1) / Double(total))))
                adam(&gradient, &momentum, &energy, members.count, step: step, rate: rate)
            }
            // The mean of the last quarter of the way is steadier than its end.
            if epoch * 4 >= settings.epochs * 3 {
                averaged += 1
                for index in average.indices { average[index] += (parameters[index] - average[index]) / averaged }
            }
        }
        if averaged > 0 { parameters = average }
    }

    private func addGradient(_ members: ArraySlice<Int>, _ gradient: inout [Float], _ scratch: inout [Float]) {
        let (inputs, first, second) = (inputs, first, second)
        parameters.withUnsafeBufferPointer { parameters in
            gradient.withUnsafeMutableBufferPointer { gradient in
                scratch.withUnsafeMutableBufferPointer { scratch in
                    examples.withUnsafeBufferPointer { examples in
                        guard let weights = parameters.baseAddress, let slopes = gradient.baseAddress, let one = scratch.baseAddress,
                            let data = examples.baseAddress
                        else { return }
                        let two = one + first
                        let backTwo = two + second
                        let backOne = backTwo + second
                        // Where each layer's offsets and the next layer's weights begin.
                        let offsetsOne = inputs * first
                        let layerTwo = offsetsOne + first
                        let offsetsTwo = layerTwo + first * second
                        let output = offsetsTwo + second
                        for member in members {
                            let input = data + member * inputs
                            for o in 0..<first { one[o] = weights[offsetsOne + o] }
                            for i in 0..<inputs { Self.add(input[i], weights + i * first, to: one, first) }
                            for o in 0..<first { one[o] = max(one[o], 0) }
                            for o in 0..<second { two[o] = weights[offsetsTwo + o] }
                            for i in 0..<first { Self.add(one[i], weights + layerTwo + i * second, to: two, second) }
                            var answer = weights[output + second]
                            for o in 0..<second {
                                two[o] = max(two[o], 0)
                                answer += two[o] * weights[output + o]
                            }
                            let error = answer - wanted[member]
                            slopes[output + second] += error
                            for o in 0..<second {
                                slopes[output + o] += error * two[o]
                                backTwo[o] = two[o] > 0 ? error * weights[output + o] : 0
                            }
                            Self.add(1, backTwo, to: slopes + offsetsTwo, second)
                            for i in 0..<first {
                                backOne[i] = one[i] > 0 ? Self.dot(backTwo, weights + layerTwo + i * second, second) : 0
                                if one[i] > 0 { Self.add(one[i], backTwo, to: slopes + layerTwo + i * second, second) }
                            }
                            Self.add(1, backOne, to: slopes + offsetsOne, first)
                            for i in 0..<inputs { Self.add(input[i], backOne, to: slopes + i * first, first) }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func add(
        _ factor: Float, _ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        for index in 0..<count { target[index] += factor * source[index] }
    }

    /// Four partial sums, always the same four.
    @inline(__always)
    private static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
        var sums = SIMD4<Float>(repeating: 0)
        var index = 0
        while index + 4 <= count {
            let left = SIMD4(a[index], a[index + 1], a[index + 2], a[index + 3])
            sums += left * SIMD4(b[index], b[index + 1], b[index + 2], b[index + 3])
            index += 4
        }
        var sum = sums.sum()
        while index < count {
            sum += a[index] * b[index]
            index += 1
        }
        return sum
    }

    private mutating func adam(
        _ gradient: inout [Float], _ momentum: inout [Float], _ energy: inout [Float], _ members: Int, step: Int, rate: Float
    ) {
        let share = 1 / Float(max(members, 1))
        let correction = Float((1 - pow(0.999, Double(step))).squareRoot() / (1 - pow(0.9, Double(step))))
        let decay = settings.decay
        let count = parameters.count
        parameters.withUnsafeMutableBufferPointer { parameters in
            gradient.withUnsafeBufferPointer { gradient in
                momentum.withUnsafeMutableBufferPointer { momentum in
                    energy.withUnsafeMutableBufferPointer { energy in
                        for index in 0..<count {
                            let slope = gradient[index] * share + decay * parameters[index]
                            momentum[index] += 0.1 * (slope - momentum[index])
                            energy[index] += 0.001 * (slope * slope - energy[index])
                            parameters[index] -= rate * correction * momentum[index] / (energy[index].squareRoot() + 1e-8)
                        }
                    }
                }
            }
        }
    }
}
