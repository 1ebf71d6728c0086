public import TowerModel

/// What is wrong with a tank or a battery in one month of the ledger bench.
public enum LedgerCrime: String, Sendable, CaseIterable, Codable {
    case none, theft, siphon, short = "short_delivery", battery = "battery_theft"
}

/// One loss that really happened.
public struct LedgerTruth: Sendable, Hashable, Codable {
    public var crime: LedgerCrime
    public var siteID: String
    public var from: Timestamp
    public var to: Timestamp
    /// Litres in all; 0 for a battery.
    public var litres: Double
    /// Litres a day of a siphon; 0 otherwise.
    public var litresADay: Double

    public init(crime: LedgerCrime, siteID: String, from: Timestamp, to: Timestamp, litres: Double, litresADay: Double) {
        self.crime = crime
        self.siteID = siteID
        self.from = from
        self.to = to
        self.litres = litres
        self.litresADay = litresADay
    }

    enum CodingKeys: String, CodingKey {
        case crime, from, to, litres
        case siteID = "site_id"
        case litresADay = "litres_a_day"
    }
}

/// What the way from gauge to platform does in a ledger month.
public struct LedgerNoise: Sendable, Hashable {
    /// Probability that a reading, or a piece of paper, is lost.
    public var missing: Double
    /// Share of sites with a lying sensor: a gauge that stands still or jumps, a generator status upside down.
    public var lying: Double
    public init(missing: Double, lying: Double) {
        self.missing = missing
        self.lying = lying
    }
}

/// A site's month: what it sent, and what was taken from it.
public struct LedgerMonth: Sendable {
    public var siteID: String
    public var days: Double
    public var events: [SimulatedEvent]
    public var truths: [LedgerTruth]
}

/// Writes the envelopes of a ledger month.
struct LedgerPen {
    private var clock = ClockText()
    private var ids: SeededGenerator
    private let site: String
    private let start: Int64
    private(set) var events: [SimulatedEvent] = []

    init(site: String, start: Timestamp, seed: UInt64) {
        self.site = site
        self.start = start.microseconds / 1000
        ids = SeededGenerator(seed: seed, stream: "ledger.ids")
    }

    func timestamp(_ seconds: Double) -> Timestamp { Timestamp(milliseconds: start + Int64((seconds * 1000).rounded())) }

    mutating func write(_ type: String, at seconds: Double, _ payload: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.beginObject()
        let id = EventID(
            high: ids.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low: ids.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
        writer.field("event_id", id.description)
        writer.field("event_type", type)
        writer.field("tenant_id", "ledger-bench")
        writer.field("site_id", site)
        writer.raw(",\"timestamp\":\"")
        let at = timestamp(seconds)
        clock.append(at.microseconds / 1000, to: &writer.bytes)
        writer.raw("\",\"version\":\"1.0\"")
        writer.key("payload")
        writer.beginObject()
        payload(&writer)
        writer.endObject()
        writer.endObject()
        events.append(SimulatedEvent(json: writer.bytes, timestamp: at, arrival: at))
    }
}
