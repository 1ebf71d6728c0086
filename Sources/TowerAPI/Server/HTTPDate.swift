import TowerModel

/// The `Date` of an answer (RFC 9110, 5.6.7), written once a second.
struct HTTPDate {
    private var second = Int64.min
    private var text = ""

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    mutating func text(_ now: Timestamp) -> String {
        let seconds = now.milliseconds >= 0 ? now.milliseconds / 1000 : (now.milliseconds - 999) / 1000
        if seconds != second {
            second = seconds
            text = Self.format(now, seconds)
        }
        return text
    }

    private static func format(_ now: Timestamp, _ seconds: Int64) -> String {
        // `2026-11-21T09:05:34.123Z`: the parts stand at known places.
        let iso = Array(now.description.utf8)
        let day = Int(((seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400) % 7 + 7) % 7)
        guard iso.count >= 19, let month = Int(String(decoding: iso[5..<7], as: UTF8.self)), (1...12).contains(month) else {
            return ""
        }
        func part(_ range: Range<Int>) -> String { String(decoding: iso[range], as: UTF8.self) }
        return "\(weekdays[day]), \(part(8..<10)) \(months[month - 1]) \(part(0..<4)) \(part(11..<19)) GMT"
    }
}
