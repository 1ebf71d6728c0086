/// Calibration and quantiles of small samples.
enum Calibration {
    /// Expected calibration error over ten equal bins of probability; `nil` for no answers.
    static func expectedError(_ answers: [(probability: Double, isRight: Bool)]) -> Double? {
        guard !answers.isEmpty else { return nil }
        var count = [Double](repeating: 0, count: 10)
        var confidence = count
        var right = count
        for answer in answers {
            let bin = min(9, max(0, Int(answer.probability * 10)))
            count[bin] += 1
            confidence[bin] += answer.probability
            right[bin] += answer.isRight ? 1 : 0
        }
        var error = 0.0
        for bin in 0..<10 where count[bin] > 0 { error += (right[bin] - confidence[bin]).magnitude }
        return error / Double(answers.count)
    }

    /// Nearest-rank quantile of sorted values; `nil` for none.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(sorted.count - 1, max(0, rank - 1))]
    }
}
