import TowerCausality
import TowerModel

/// The newest entry of each kind that a site's ledgers found: what an incident quotes as evidence. Instants in hours since 1970.
struct LossBook: WatchState {
    var theftLitres = 0.0
    var theftFrom = 0.0
    var theftTo = 0.0
    var theftConfidence = 0.0
    /// Thefts found since the ledger was opened, and litres in all.
    var thefts = 0.0
    var stolenLitres = 0.0
    var siphonADay = 0.0
    var siphonLitres = 0.0
    var siphonFrom = 0.0
    var siphonConfidence = 0.0
    var paidLitres = 0.0
    var foundLitres = 0.0
    var shortAt = 0.0
    var shortConfidence = 0.0
    /// Amperes that the missing string used to take, since when it takes none, and how sure.
    var floatAmps = 0.0
    var floatEnded = 0.0
    var floatConfidence = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [
            \Self.theftLitres, \.theftFrom, \.theftTo, \.theftConfidence, \.thefts, \.stolenLitres, \.siphonADay, \.siphonLitres,
            \.siphonFrom, \.siphonConfidence, \.paidLitres, \.foundLitres, \.shortAt, \.shortConfidence, \.floatAmps, \.floatEnded,
            \.floatConfidence,
        ] { each(&self[keyPath: field]) }
    }

    static func instant(_ hours: Double) -> Timestamp { Timestamp(microseconds: Int64((hours * 3.6e9).rounded())) }

    /// Litres, when and how sure, in words; `nil` when nothing of the kind was found.
    func words(_ condition: Condition) -> String? {
        switch condition {
        case .fuelTheft where theftLitres > 0:
            let more = thefts > 1 ? ", \(Int(stolenLitres.rounded())) l in \(Int(thefts)) thefts so far" : ""
            return "\(Int(theftLitres.rounded())) l between \(clock(theftFrom)) and \(clock(theftTo)) UTC\(more), \(percent(theftConfidence)) sure"
        case .fuelSiphon where siphonADay > 0:
            let daily = (siphonADay * 10).rounded() / 10
            return "\(daily) l a day since \(day(siphonFrom)), \(Int(siphonLitres.rounded())) l so far, \(percent(siphonConfidence)) sure"
        case .fuelShortDelivery where paidLitres > 0:
            let missing = Int((paidLitres - foundLitres).rounded())
            return
                "\(missing) l of \(Int(paidLitres.rounded())) l did not arrive at \(clock(shortAt)) UTC on \(day(shortAt)), "
                + "\(percent(shortConfidence)) sure"
        case .batteryMissing where floatAmps > 0:
            let amps = (floatAmps * 100).rounded() / 100
            return "took \(amps) A until \(clock(floatEnded)) UTC, none since, \(percent(floatConfidence)) sure"
        default: return nil
        }
    }

    private func clock(_ hours: Double) -> String { ConditionWording.clock(Self.instant(hours)) }
    private func day(_ hours: Double) -> String { String(Self.instant(hours).description.prefix(10)) }
    private func percent(_ ratio: Double) -> String { "\(Int((ratio * 100).rounded(.down))) %" }
}
