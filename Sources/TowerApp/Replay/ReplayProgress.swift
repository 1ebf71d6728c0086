/// How far a replay is, in words for the terminal: at most one line a second.
struct ReplayProgress {
    private let window: Range<Int64>
    private let began: UInt64
    private var told: UInt64
    private(set) var records = 0

    init(window: Range<Int64>, now nanoseconds: UInt64) {
        self.window = window
        began = nanoseconds
        told = nanoseconds
    }

    /// A line when the last one is a second old.
    mutating func advance(records more: Int, at sequence: Int64, now nanoseconds: UInt64) -> String? {
        records += more
        guard nanoseconds &- told >= 1_000_000_000 else { return nil }
        told = nanoseconds
        return line(at: sequence, now: nanoseconds)
    }

    func line(at sequence: Int64, now nanoseconds: UInt64) -> String {
        let seconds = Double(nanoseconds &- began) / 1e9
        let share = window.isEmpty ? 1 : min(1, max(0, Double(sequence - window.lowerBound) / Double(window.count)))
        var text = "\(grouped(records)) records, \(rate(seconds)), \(Int(share * 100)) %"
        if share > 0, share < 1 { text += ", \(Self.span(seconds / share * (1 - share))) left" }
        return text + ", at sequence \(sequence)"
    }

    func rate(_ seconds: Double) -> String {
        seconds > 0 ? "\(grouped(Int(Double(records) / seconds)))/s" : "-/s"
    }

    func summary(now nanoseconds: UInt64) -> String {
        let seconds = Double(nanoseconds &- began) / 1e9
        return "\(grouped(records)) records in \((seconds * 100).rounded() / 100) s, \(rate(seconds))"
    }

    static func span(_ seconds: Double) -> String {
        switch seconds {
        case ..<100: "\(Int(seconds.rounded(.up))) s"
        case ..<6000: "\(Int((seconds / 60).rounded())) min"
        default: "\(Int((seconds / 3600).rounded())) h"
        }
    }
}
