import TowerCausality

/// Which type is nearer to the cause: one number a type from three scores pooled over all its partners.
///
/// Direction pair by pair is near chance on real networks; pooled over partners it is not (docs/causal-learning.md).
enum CausalOrder {
    static func scores(
        _ counters: CoincidenceCounters, openers: OpenerStatistics, constraints: CausalConstraints
    ) -> [Double] {
        let count = counters.typeCount
        var lead = [Double](repeating: 0, count: count)
        var silence = lead
        var burst = lead
        for type in 0..<count {
            var sum = 0.0
            for other in 0..<count where other != type {
                let before = Double(counters.leads[type * counters.stride + other])
                let after = Double(counters.leads[other * counters.stride + type])
                sum += Numerics.log((before + 3) / (after + 3))
            }
            lead[type] = count > 1 ? sum / Double(count - 1) : 0
            let opened = counters.openers[type]
            silence[type] = Numerics.log((opened + 1) / (counters.raises[type] - opened + 1))
            burst[type] = openers.logOdds(of: Int32(type))
        }
        var order = zip(standardised(lead), zip(standardised(silence), standardised(burst))).map { $0 + $1.0 + $1.1 }
        // Sums of floating point differ in the last digits with the order of types, and names must not decide.
        order = order.map { ($0 * 1e9).rounded() / 1e9 }
        obey(constraints, &order)
        return order
    }

    /// Lifts confirmed causes above their effects. There is no cycle among them, so that the lifting ends.
    private static func obey(_ constraints: CausalConstraints, _ order: inout [Double]) {
        let pairs = constraints.confirmed.filter { Int($0.cause) < order.count && Int($0.effect) < order.count }
        for _ in 0..<pairs.count {
            var isSettled = true
            for pair in pairs where order[Int(pair.cause)] <= order[Int(pair.effect)] {
                order[Int(pair.cause)] = order[Int(pair.effect)] + 1e-3
                isSettled = false
            }
            if isSettled { return }
        }
    }

    /// Mean 0, standard deviation 1; all zero when they do not differ.
    private static func standardised(_ values: [Double]) -> [Double] {
        guard !values.isEmpty else { return [] }
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        return values.map { deviation > 1e-12 ? ($0 - mean) / deviation : 0 }
    }
}
