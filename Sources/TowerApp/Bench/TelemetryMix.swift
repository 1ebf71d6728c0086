import TowerModel

/// Lines of telemetry as a fleet sends them: several types of the catalogue, 377 bytes at the mean with the line's end.
///
/// Only the text is made here, once; what must differ from event to event (id, site, time) is overwritten in place by
/// `EventBody`, so that producing events costs a small part of what taking them in costs.
struct TelemetryMix {
    /// Mean bytes of an event and its line's end: the size that the yardsticks count in.
    static let meanBytes = 377
    /// What `EventBody` overwrites: a UUID of 36 characters, the six digits of a site.
    static let idLength = 36
    static let siteLength = 6

    struct Line {
        var bytes: [UInt8]
        /// Where the overwritten parts begin.
        var id: Int
        var site: Int
        var time: Int
    }

    private let tenant: String
    private var random: SeededWords

    init(tenant: String, seed: UInt64) {
        self.tenant = tenant
        random = SeededWords(state: seed)
    }

    /// - Parameter first: where in the rotation of types to begin, so that connections of single events differ.
    /// - Returns: `count` lines, each with its `\n`; their mean is 377 bytes when `count` is a multiple of the types' number.
    mutating func lines(_ count: Int, first: Int = 0) -> [Line] {
        let kinds = Self.kinds
        let bare = kinds.map { line(of: $0, length: 0).bytes.count }
        let missing = max(0, Self.meanBytes * kinds.count - bare.reduce(0, +))
        // Every line of a type has one length, though its readings are drawn anew.
        let lengths = bare.indices.map { bare[$0] + missing * ($0 + 1) / kinds.count - missing * $0 / kinds.count }
        return (first..<first + count).map { line(of: kinds[$0 % kinds.count], length: lengths[$0 % kinds.count]) }
    }

    /// A reading's name, lowest and highest value, decimals.
    typealias Reading = (name: String, low: Double, high: Double, decimals: Int)
    struct Kind {
        var type: String
        var producer: String
        /// JSON before the readings, for instance which string or cell it is.
        var fixed: String
        var readings: [Reading]
    }

    /// A line of that many bytes, or of as many as it needs.
    private mutating func line(of kind: Kind, length: Int) -> Line {
        let values = kind.readings.map { "\"\($0.name)\":\(number($0))" }
        let payload = ((kind.fixed.isEmpty ? [] : [kind.fixed]) + values).joined(separator: ",")
        let id = "{\"event_id\":\""
        let site =
            "00000000-0000-4000-8000-000000000000\",\"event_type\":\"\(kind.type)\",\"tenant_id\":\"\(tenant)\",\"site_id\":\"SITE-"
        let time = "000000\",\"timestamp\":\""
        var text = id + site + time + "2026-01-02T03:04:05.678Z\",\"version\":\"1.0\",\"payload\":{\(payload)},\"metadata\":{"
        text += "\"producer\":\"\(kind.producer)\",\"seq\":\(1000 + Int(random.next() % 9000))"
        // `,"gateway":""` takes 13 characters and the end of the line three.
        let missing = length - text.utf8.count - 16
        if missing > 0 { text += ",\"gateway\":\"\(gateway(missing))\"" }
        let siteAt = id.utf8.count + site.utf8.count
        return Line(bytes: Array((text + "}}\n").utf8), id: id.utf8.count, site: siteAt, time: siteAt + time.utf8.count)
    }

    private func gateway(_ length: Int) -> String {
        String(String(repeating: "rms-gw-04.lagunes.north.", count: length / 24 + 1).prefix(length))
    }

    private mutating func number(_ reading: Reading) -> String {
        let value = reading.low + (reading.high - reading.low) * Double(random.next() >> 11) * 0x1p-53
        guard reading.decimals > 0 else { return String(Int(value.rounded())) }
        let scale = reading.decimals == 1 ? 10.0 : 100.0
        return String((value * scale).rounded() / scale)
    }

    /// Names, units and ranges of the event catalogue.
    static let kinds: [Kind] = [
        Kind(
            type: "power.grid.telemetry", producer: "rms-gw", fixed: "",
            readings: [
                ("v_l1", 210, 240, 1), ("v_l2", 210, 240, 1), ("v_l3", 210, 240, 1), ("i_l1", 2, 9, 2), ("i_l2", 2, 9, 2),
                ("i_l3", 2, 9, 2), ("f", 49.8, 50.2, 2), ("p", 2, 5, 2), ("e", 1000, 90_000, 1), ("pf", 0.9, 0.99, 2),
            ]),
        Kind(
            type: "power.dc.telemetry", producer: "rms-gw", fixed: "\"branch\":\"B1\"",
            readings: [("bus_v", 47, 56, 2), ("load_i", 20, 80, 1), ("load_p", 1, 4, 2), ("e", 1000, 90_000, 1)]),
        Kind(
            type: "rectifier.telemetry", producer: "rms-gw", fixed: "\"modules_ok\":4,\"modules_total\":4",
            readings: [("out_i", 20, 90, 1), ("eff", 94, 97, 1), ("temp", 25, 55, 1)]),
        Kind(
            type: "battery.telemetry", producer: "rms-gw", fixed: "\"string_id\":\"S1\"",
            readings: [
                ("v", 47, 56, 2), ("i", -40, 20, 1), ("soc", 20, 100, 1), ("soh", 80, 100, 1), ("temp", 20, 40, 1),
                ("r", 0.5, 0.9, 2),
                ("ah_in", 900, 1100, 1), ("ah_out", 900, 1100, 1),
            ]),
        Kind(
            type: "dg.telemetry", producer: "rms-gw", fixed: "\"state\":\"running\"",
            readings: [
                ("rpm", 1490, 1510, 0), ("f", 49.8, 50.2, 2), ("v", 225, 235, 1), ("i", 4, 12, 2), ("p", 2, 6, 2),
                ("oil", 350, 400, 0),
                ("coolant", 70, 90, 1), ("start_batt", 12, 14, 2), ("run_h", 1000, 9000, 1),
            ]),
        Kind(
            type: "fuel.telemetry", producer: "rms-gw", fixed: "",
            readings: [("level", 100, 700, 1), ("level_pct", 10, 100, 1), ("temp", 20, 40, 1), ("water", 0, 3, 0)]),
        Kind(
            type: "env.telemetry", producer: "rms-gw", fixed: "",
            readings: [("t_in", 20, 35, 1), ("t_out", 15, 40, 1), ("rh", 30, 90, 0)]),
        Kind(
            type: "ran.pm", producer: "ran-ems", fixed: "\"cell\":\"3\"",
            readings: [
                ("rrc_att", 100, 900, 0), ("rrc_succ", 90, 890, 0), ("drop", 0.1, 0.9, 2), ("prb", 5, 95, 1), ("thr", 5, 60, 1),
                ("unavail_s", 0, 0, 0),
            ]),
        Kind(
            type: "mw.telemetry", producer: "transport-ems", fixed: "\"peer\":\"SITE-000001\",\"acm\":\"256qam\"",
            readings: [
                ("rsl", -60, -38, 1), ("mse", -36, -30, 1), ("capacity", 300, 400, 0), ("es", 0, 4, 0), ("ses", 0, 2, 0),
                ("uas", 0, 0, 0),
            ]),
        Kind(
            type: "telemetry.metric", producer: "otel", fixed: "\"metric\":\"rectifier.fan_speed\",\"unit\":\"1/min\"",
            readings: [("value", 900, 4800, 1)]),
    ]
}
