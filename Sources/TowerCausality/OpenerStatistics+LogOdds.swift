import Glibc

extension OpenerStatistics {
    /// `ln((O + 1) / (N - O + 1))`: how much more often a type opened its bursts than not; 0 for one never seen.
    public func logOdds(of type: Int32) -> Double {
        guard type >= 0, Int(type) < opened.count else { return 0 }
        return log((opened[Int(type)] + 1) / (present[Int(type)] - opened[Int(type)] + 1))
    }
}
