import Glibc

/// Novelty of stretches of one length: running sums of squared differences for every lag, and the past novelties.
struct StretchNovelty: Sendable {
    let length: Int
    /// Squared distance to the stretch that ended `lag` samples ago. Those below `length` overlap and are not kept up; of a
    /// length of one there are none.
    var sums: [Float] = []
    /// Lag whose sum is computed anew next.
    var cursor = 0
    /// Past squared novelties, the oldest overwritten by the newest.
    var past: [Float] = []
    var next = 0

    /// Numbers of the samples that leapt so far that single precision forgets small differences in the sums they pass through, the
    /// oldest first.
    var leaps: [Int] = []
    /// Sample at which all sums were last computed anew; the novelty of calm stretches: the least of late.
    var rebuiltAt = 0
    var calm: Float = .greatestFiniteMagnitude

    /// Leaps that are followed at a time. Older ones are left to the sums that are computed anew in turn.
    static let maximumLeaps = 8
    /// A leap whose square is so many times the novelty of calm stretches leaves more than a thousandth of it behind as rounding.
    private static let leapFactor: Float = 1_024
    /// All sums are computed anew at most once in so many samples.
    private static let rebuildPause = 1_024

    init(length: Int) { self.length = length }

    /// Squared distance of the newest stretch to its nearest earlier one; `nil` while there is none.
    ///
    /// - Parameter values: newest first.
    mutating func compare(
        _ values: UnsafeBufferPointer<Float>, samples: Int, _ configuration: NoveltyConfiguration
    ) -> Float? {
        // The stretch that ended `lag` ago began `lag + length - 1` ago.
        let last = min(samples - length, configuration.history)
        guard last >= length else { return nil }
        guard length > 1 else { return Self.nearest(values, from: 1, through: last) }
        if sums.count <= last {
            if sums.capacity <= last { sums.reserveCapacity(min(max(512, last * 2), configuration.history + 1)) }
            sums.append(contentsOf: repeatElement(0, count: last + 1 - sums.count))
        }
        let isNew = samples - length <= configuration.history
        let nearest = sums.withUnsafeMutableBufferPointer { sums in
            // A lag that has just become possible has no sum yet.
            let known = isNew ? last - 1 : last
            var nearest = Self.slide(sums, values, length: length, from: length, through: known)
            if isNew {
                sums[last] = Self.distance(values, lag: last, length: length)
                nearest = min(nearest, sums[last])
            }
            // Rounding may leave a little less than nothing.
            return max(nearest, 0)
        }
        renew(values, last: last, count: configuration.reseed)
        followLeaps(values, samples: samples, last: last, configuration)
        if nearest > 0 { calm = min(nearest, calm * 1.01) }
        return nearest
    }

    /// What a leap left behind in a sum is gone when that sum is computed anew just after the leap has left it.
    private mutating func followLeaps(_ values: UnsafeBufferPointer<Float>, samples: Int, last: Int, _ configuration: NoveltyConfiguration) {
        let leap = values[0] - values[1]
        if leap * leap > Self.leapFactor * calm {
            if leaps.count == Self.maximumLeaps { leaps.removeFirst() }
            leaps.append(samples)
        }
        guard let oldest = leaps.first else { return }
        if samples - oldest > last + length { leaps.removeFirst() }
        for leap in leaps {
            let age = samples - leap
            if age == length, samples - rebuiltAt >= min(Self.rebuildPause, configuration.history) {
                // It leaves the newest stretch, which all sums share.
                rebuiltAt = samples
                for lag in length...last { sums[lag] = Self.distance(values, lag: lag, length: length) }
            }
            for lag in max(age - length, length)...max(age - length + 1, length) where lag <= last {
                sums[lag] = Self.distance(values, lag: lag, length: length)
            }
        }
    }

    /// Computes a few sums anew: what rounding left behind does not live on.
    private mutating func renew(_ values: UnsafeBufferPointer<Float>, last: Int, count: Int) {
        for _ in 0..<count {
            cursor = cursor >= last ? length : max(cursor + 1, length)
            sums[cursor] = Self.distance(values, lag: cursor, length: length)
        }
    }

    /// log10 of "one in so many" by rank among the past; ties count as not more novel. Beyond all of them, by how much.
    mutating func rank(_ novelty: Float, memory: Int) -> Float {
        let (larger, maximum) = Self.count(past, atLeast: novelty)
        var score = log10f((Float(past.count) + 1) / (Float(larger) + 1))
        if larger == 0, maximum > 0 { score += 0.5 * log10f(novelty / maximum) }
        if past.count < memory {
            past.append(novelty)
        } else {
            past[next] = novelty
            next = next + 1 == memory ? 0 : next + 1
        }
        return score
    }

    // MARK: Over the lags

    private typealias Lanes = SIMD8<Float>
    private static let lanes = Lanes.scalarCount

    private static func nearest(_ values: UnsafeBufferPointer<Float>, from first: Int, through last: Int) -> Float {
        let newest = values[0]
        var lag = first
        let base = UnsafeRawPointer(values.baseAddress!)
        var least = Lanes(repeating: .infinity)
        while lag + lanes - 1 <= last {
            let difference = newest - base.loadUnaligned(fromByteOffset: lag * 4, as: Lanes.self)
            let square = difference * difference
            least.replace(with: square, where: square .< least)
            lag += lanes
        }
        var nearest = least.min()
        while lag <= last {
            let difference = newest - values[lag]
            nearest = min(nearest, difference * difference)
            lag += 1
        }
        return nearest
    }

    /// Moves each sum on by one sample: the newest pair comes in, the one before the stretch goes out.
    private static func slide(
        _ sums: UnsafeMutableBufferPointer<Float>, _ values: UnsafeBufferPointer<Float>, length: Int, from first: Int,
        through last: Int
    ) -> Float {
        guard first <= last else { return .infinity }
        let newest = values[0]
        let leaving = values[length]
        let base = UnsafeRawPointer(values.baseAddress!)
        let gone = base + length * 4
        let total = UnsafeMutableRawPointer(sums.baseAddress!)
        var lag = first
        var least = Lanes(repeating: .infinity)
        while lag + lanes - 1 <= last {
            let offset = lag * 4
            let come = newest - base.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
            let go = leaving - gone.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
            let sum = total.loadUnaligned(fromByteOffset: offset, as: Lanes.self) + come * come - go * go
            total.storeBytes(of: sum, toByteOffset: offset, as: Lanes.self)
            least.replace(with: sum, where: sum .< least)
            lag += lanes
        }
        var nearest = least.min()
        while lag <= last {
            let come = newest - values[lag]
            let go = leaving - values[length + lag]
            sums[lag] += come * come - go * go
            nearest = min(nearest, sums[lag])
            lag += 1
        }
        return nearest
    }

    private static func distance(_ values: UnsafeBufferPointer<Float>, lag: Int, length: Int) -> Float {
        let base = UnsafeRawPointer(values.baseAddress!)
        var sum = Lanes.zero
        var step = 0
        while step + lanes <= length {
            let difference =
                base.loadUnaligned(fromByteOffset: step * 4, as: Lanes.self)
                - base.loadUnaligned(fromByteOffset: (step + lag) * 4, as: Lanes.self)
            sum += difference * difference
            step += lanes
        }
        var total = sum.sum()
        while step < length {
            let difference = values[step] - values[step + lag]
            total += difference * difference
            step += 1
        }
        return total
    }

    private static func count(_ past: [Float], atLeast novelty: Float) -> (larger: Int, maximum: Float) {
        past.withUnsafeBufferPointer { past in
            var index = 0
            var larger = SIMD8<Int32>.zero
            var most = Lanes(repeating: 0)
            if let address = past.baseAddress {
                let base = UnsafeRawPointer(address)
                let one = SIMD8<Int32>(repeating: 1)
                while index + lanes <= past.count {
                    let value = base.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self)
                    larger.replace(with: larger &+ one, where: value .>= novelty)
                    most.replace(with: value, where: value .> most)
                    index += lanes
                }
            }
            var count = Int(larger.wrappedSum())
            var maximum = most.max()
            while index < past.count {
                if past[index] >= novelty { count += 1 }
                maximum = max(maximum, past[index])
                index += 1
            }
            return (count, maximum)
        }
    }
}
