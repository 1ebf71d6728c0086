import TowerModel

/// Writes RFC 3339 instants quickly: the date changes once a day, the rest is eight digits.
struct ClockText: Sendable {
    private var day: Int64 = .min
    private var date: [UInt8] = []

    mutating func append(_ milliseconds: Int64, to bytes: inout [UInt8]) {
        var day = milliseconds / 86_400_000
        var rest = milliseconds % 86_400_000
        if rest < 0 {
            rest += 86_400_000
            day -= 1
        }
        if day != self.day {
            self.day = day
            date = Array(Timestamp(milliseconds: day * 86_400_000).description.utf8.prefix(11))
        }
        bytes.append(contentsOf: date)
        let seconds = Int(rest / 1000)
        func pair(_ value: Int) {
            bytes.append(0x30 + UInt8(value / 10))
            bytes.append(0x30 + UInt8(value % 10))
        }
        pair(seconds / 3600)
        bytes.append(0x3A)
        pair(seconds / 60 % 60)
        bytes.append(0x3A)
        pair(seconds % 60)
        bytes.append(0x2E)
        let thousandths = Int(rest % 1000)
        bytes.append(0x30 + UInt8(thousandths / 100))
        pair(thousandths % 100)
        bytes.append(0x5A)
    }
}
