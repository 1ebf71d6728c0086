/// A bank whose inner resistance says that it has aged more than its last test admits (DOMAIN S08).
///
/// Resistance times rated capacity is the same for sound banks of one make; it grows as capacity goes, by about half when a fifth
/// is lost (IEEE 1188: 30 to 50 % over its baseline calls for a test). What the known state of health explains is taken out, and
/// the rest is held against the median of the other sites: no baseline of its own is needed.
struct ResistanceWatch: WatchState {
    /// Growth of the resistance per share of the capacity lost.
    static let growth = 2.5
    /// Over the median of the peers; and the peers that a median needs.
    static let begin = 1.3
    static let end = 1.15
    static let peersNeeded = 8

    /// mΩ·Ah less what the known health explains, as a slow mean.
    var usual = 0.0
    var samples = 0.0
    var isAged = 0.0

    mutating func visit(_ each: (inout Double) -> Void) {
        for field in [\Self.usual, \.samples, \.isAged] { each(&self[keyPath: field]) }
    }

    /// Whether it has seen enough to be a peer.
    var isSettled: Bool { samples >= 12 }

    /// - Parameters:
    ///   - milliohms: of the bank. `health`: of its last test, 0...1, 1 where there was none.
    ///   - ampHours: rated.
    /// - Returns: whether it is time to look at the peers.
    mutating func take(milliohms: Double, ampHours: Double, health: Double) -> Bool {
        guard milliohms > 0, milliohms < 1e5, ampHours > 0 else { return false }
        let explained = 1 + Self.growth * (1 - min(1, max(0.3, health)))
        samples += 1
        usual += (milliohms * ampHours / explained - usual) / min(samples, 24)
        return isSettled && samples.truncatingRemainder(dividingBy: 12) == 0
    }

    /// - Parameter median: of the peers' `usual`.
    mutating func judge(against median: Double) -> WatchVerdict {
        guard median > 0 else { return .same }
        if isAged == 0, usual > Self.begin * median {
            isAged = 1
            return .begins
        }
        guard isAged == 1, usual < Self.end * median else { return .same }
        isAged = 0
        return .ends
    }
}
