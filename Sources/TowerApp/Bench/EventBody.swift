import TowerModel

/// A request of NDJSON events in one piece of memory, whose ids, sites and times are overwritten for every sending.
///
/// - Cost: about 65 bytes written an event; nothing is allocated for one.
/// - Ids: UUIDs of version 4's form made from a counter by a bijection, so that no two of a run are equal.
struct EventBody {
    private(set) var bytes: [UInt8]
    /// Where the body begins behind the request's head.
    let bodyStart: Int
    let count: Int
    private struct Slot {
        var id: Int32
        var site: Int32
        var time: Int32
    }
    private var slots: [Slot] = []
    private let sites: UInt64
    private var word: SeededWords

    /// - Parameters:
    ///   - head: bytes in front of the body, for instance a request's head; gets the body's length.
    ///   - sites: events are spread over so many site ids, 1 to 1,000,000.
    ///   - seed: of ids and the order of sites.
    init(lines: [TelemetryMix.Line], sites: Int, seed: UInt64, head: (Int) -> String = { _ in "" }) {
        bytes = Array(head(lines.reduce(0) { $0 + $1.bytes.count }).utf8)
        bodyStart = bytes.count
        count = lines.count
        self.sites = UInt64(min(max(sites, 1), 1_000_000))
        // Seeds land far apart on a circle of 2^64, so that bodies do not walk into each other.
        word = SeededWords(state: SeededWords.mixed(seed))
        for line in lines {
            let start = bytes.count
            bytes.append(contentsOf: line.bytes)
            slots.append(Slot(id: Int32(start + line.id), site: Int32(start + line.site), time: Int32(start + line.time)))
        }
    }

    /// Bytes of the events.
    var bodyBytes: Int { bytes.count - bodyStart }

    /// Ranges of an event's line without its end, of its site's name and of its id in `bytes`.
    func ranges(_ event: Int) -> (line: Range<Int>, site: Range<Int>, id: Range<Int>) {
        let slot = slots[event]
        let id = Int(slot.id)
        let start = id - 13
        let end = event + 1 < slots.count ? Int(slots[event + 1].id) - 13 : bytes.count
        let site = Int(slot.site) - 5..<Int(slot.site) + TelemetryMix.siteLength
        return (start..<end - 1, site, id..<id + TelemetryMix.idLength)
    }

    /// Names the site of an event.
    ///
    /// - Parameter number: 0 to 999,999.
    mutating func setSite(_ event: Int, to number: Int) {
        let at = Int(slots[event].site)
        bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            HexText.writeDecimal(UInt64(number), digits: TelemetryMix.siteLength, to: base + at)
        }
    }

    /// Gives every event a new id, another site and a time of the last second before `milliseconds`.
    mutating func renew(milliseconds: Int64) {
        let stamp = InstantText(milliseconds: milliseconds)
        let sites = sites
        var word = word
        bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            for (index, slot) in slots.enumerated() {
                let high = word.next()
                let low = SeededWords.mixed(high ^ 0xD6E8_FEB8_6659_FD93)
                HexText.writeUUID(high: high, low: low, to: base + Int(slot.id))
                HexText.writeDecimal(low % sites, digits: TelemetryMix.siteLength, to: base + Int(slot.site))
                stamp.write(to: base + Int(slot.time), thousandth: UInt64(index % 1000))
            }
        }
        self.word = word
    }
}

/// An instant as RFC 3339 in UTC with milliseconds, made once for many events of one second.
struct InstantText {
    private let text: [UInt8]

    init(milliseconds: Int64) {
        text = Array(Timestamp(milliseconds: milliseconds - 1000).description.utf8)
    }

    /// The first 19 characters: all but fraction and zone.
    var seconds: ArraySlice<UInt8> { text.prefix(19) }

    /// Writes the 23 characters in front of the `Z`.
    func write(to target: UnsafeMutableRawPointer, thousandth: UInt64) {
        text.withUnsafeBytes { memory in
            guard let base = memory.baseAddress else { return }
            target.copyMemory(from: base, byteCount: 20)
        }
        HexText.writeDecimal(thousandth, digits: 3, to: target + 20)
    }
}

/// Digits written in place.
enum HexText {
    private static let pairs: [UInt16] = (0..<256).map { value in
        let digits = Array("0123456789abcdef".utf8)
        return UInt16(digits[value >> 4]) | UInt16(digits[value & 15]) << 8
    }

    /// 36 characters: a UUID whose bits are these, but for version 4 and the RFC's variant.
    static func writeUUID(high: UInt64, low: UInt64, to target: UnsafeMutableRawPointer) {
        let high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        pairs.withUnsafeBufferPointer { pairs in
            var at = 0
            for byte in 0..<16 {
                if byte == 4 || byte == 6 || byte == 8 || byte == 10 {
                    target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: at, as: UInt8.self)
                    at += 1
                }
                let word = byte < 8 ? high : low
                target.storeBytes(of: pairs[Int(word >> UInt64(56 - byte % 8 * 8) & 0xFF)], toByteOffset: at, as: UInt16.self)
                at += 2
            }
        }
    }

    static func writeDecimal(_ value: UInt64, digits: Int, to target: UnsafeMutableRawPointer) {
        var value = value
        for place in (0..<digits).reversed() {
            target.storeBytes(of: UInt8(ascii: "0") + UInt8(value % 10), toByteOffset: place, as: UInt8.self)
            value /= 10
        }
    }
}
