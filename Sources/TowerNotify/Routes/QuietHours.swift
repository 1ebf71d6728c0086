import TowerModel

/// Hours of the day in which only what is critical is told; the rest waits for their end.
public struct QuietHours: Sendable, Codable, Hashable {
    /// `22:00`, local time. The start belongs to them, the end does not; a start after the end reaches over midnight.
    public var from: String
    public var to: String
    /// IANA name, `Asia/Kolkata`.
    public var timezone: String

    public init(from: String, to: String, timezone: String = "UTC") {
        self.from = from
        self.to = to
        self.timezone = timezone
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        from = try container.decode(String.self, forKey: .from)
        to = try container.decode(String.self, forKey: .to)
        timezone = try container.decodeIfPresent(String.self, forKey: .timezone) ?? "UTC"
    }

    enum CodingKeys: String, CodingKey { case from, to, timezone }

    /// Minute of the day of `hh:mm`; `nil` for anything else.
    static func minute(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    /// When they end, if `at` lies in them; `nil` if it does not.
    ///
    /// - Parameter offset: seconds east of Greenwich of a zone at an instant. A zone that nobody knows is UTC.
    func end(at: Timestamp, offset: (String, Timestamp) -> Int) -> Timestamp? {
        guard let from = Self.minute(from), let to = Self.minute(to), from != to else { return nil }
        var instant = at
        // Once more where the clocks change inside the hours; more changes than that in one night there are none.
        for _ in 0..<3 {
            let local = instant.microseconds / 1_000_000 + Int64(offset(timezone, instant))
            let day: Int64 = 86_400
            let second = Int(((local % day) + day) % day)
            let minute = second / 60
            let isInside = from < to ? minute >= from && minute < to : minute >= from || minute < to
            guard isInside else { break }
            let left = ((to * 60 - second) % 86_400 + 86_400) % 86_400
            instant = Timestamp(microseconds: (instant.microseconds / 1_000_000 + Int64(left)) * 1_000_000)
        }
        return instant > at ? instant : nil
    }
}
