import Glibc
import TowerModel

/// When a score becomes an alert. Each alert tires a stream for a while: a noisy one has to show ever stronger evidence, a quiet
/// one keeps its sensitivity.
///
/// - Source: in the spirit of online control of false discoveries (Foster, Stine 2008; Ramdas and others 2017).
struct AlertBudget: Sendable {
    struct Settings: Sendable, Hashable {
        /// What the score less the fatigue must reach: log10 of "one in so many".
        var threshold: Float
        /// Samples before the first alert.
        var warmUp: Int
        /// What an alert adds to the fatigue, and the samples in which it decays to 1/e.
        var fatigue: Float = 0.2
        var fatigueDecay: Float = 5_000
        /// Samples without a second alert: at least so many, and this share of those seen.
        var refractory = 100
        var refractoryShare = 0.01
        /// What a score must exceed the last alert's by to break that silence.
        var breakthrough: Float = 0.7
        /// Samples in a row below the threshold after which the strangeness is over.
        var quiet: Int
    }

    /// What a sample changes in what was told.
    enum Change: Sendable { case raised, changed, cleared }

    /// Number of the sample of the last alert; -1 before the first.
    var alertAt = -1
    var alertScore: Float = 0
    var tiredness: Float = 0
    var calm: Int32 = 0
    var isRaised = false
    /// Event time at which the present strangeness was first told.
    var onset = Int64.min

    /// Decides about one sample.
    ///
    /// - Parameters:
    ///   - samples: seen so far, this one included.
    ///   - isHeard: whether an alert may be told now; a stream that may not speak does not tire.
    mutating func take(_ score: Float, samples: Int, now: Int64, isHeard: Bool = true, _ settings: Settings) -> Change? {
        if tiredness > 0 { tiredness *= expf(-1 / settings.fatigueDecay) }
        if isHeard, isAlert(score, samples: samples, settings) {
            alertAt = samples
            alertScore = score
            tiredness += settings.fatigue
            calm = 0
            guard !isRaised else { return .changed }
            isRaised = true
            onset = now
            return .raised
        }
        guard isRaised else { return nil }
        calm = score < settings.threshold ? calm + 1 : 0
        guard Int(calm) >= settings.quiet else { return nil }
        isRaised = false
        return .cleared
    }

    private func isAlert(_ score: Float, samples: Int, _ settings: Settings) -> Bool {
        guard samples >= settings.warmUp, score - tiredness >= settings.threshold else { return false }
        guard alertAt >= 0 else { return true }
        let silence = max(settings.refractory, Int(settings.refractoryShare * Double(samples)))
        return samples - alertAt >= silence || score >= alertScore + settings.breakthrough
    }

    func encode(into writer: inout StateWriter) {
        writer.write(alertAt)
        writer.write(alertScore)
        writer.write(tiredness)
        writer.write(calm)
        writer.write(isRaised)
        writer.write(instant: onset, near: 0)
    }

    init() {}

    init(decoding reader: inout StateReader, samples: Int) throws(StateError) {
        alertAt = try reader.int("budget.alert_at")
        alertScore = try reader.float("budget.alert_score")
        tiredness = try reader.float("budget.tiredness")
        calm = try reader.int32("budget.calm")
        isRaised = try reader.flag("budget.is_raised")
        onset = try reader.instant("budget.onset", near: 0)
        guard alertAt >= -1, alertAt <= samples, calm >= 0, calm < .max else { throw reader.outOfRange("budget.alert_at") }
    }
}
