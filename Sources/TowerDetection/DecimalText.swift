/// Numbers in sentences, the same in every process: at most two decimals, no exponent for what people read.
enum DecimalText {
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        let hundredths = Int64((abs(value) * 100).rounded())
        if hundredths == 0, value != 0 { return "\(Float(value))" }
        let sign = value < 0 && hundredths > 0 ? "-" : ""
        let whole = hundredths / 100
        let rest = hundredths % 100
        if rest == 0 { return "\(sign)\(whole)" }
        if rest % 10 == 0 { return "\(sign)\(whole).\(rest / 10)" }
        return "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// A span of seconds in the largest unit that reads well.
    static func span(_ seconds: Double) -> String {
        if seconds < 120 { return "\(text(seconds.rounded())) s" }
        if seconds < 7200 { return "\(text((seconds / 60).rounded())) min" }
        return "\(text((seconds / 360).rounded() / 10)) h"
    }
}
