/// Where a sampled request stands in its trace, as it travels in a record's `traceparent` header.
///
/// - Shape: 16 bytes of trace id, 8 of the span that the next one is a child of; neither is all zeros. Source: W3C Trace
///   Context, level 1. Only sampled requests have one, so that nothing is carried or looked for of the others.
public struct TraceContext: Sendable, Hashable {
    public var traceHigh: UInt64
    public var traceLow: UInt64
    public var span: UInt64

    /// The header's name, in HTTP and in records.
    public static let header = "traceparent"

    public init(traceHigh: UInt64, traceLow: UInt64, span: UInt64) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
    }

    /// What a caller said of its own trace.
    public enum Parent: Sendable, Hashable {
        case sampled(TraceContext)
        /// It has a trace and does not want it recorded.
        case unsampled
    }

    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; `nil` when the text is none, and the request then begins a trace of its own.
    public static func parse(_ text: String) -> Parent? {
        var text = text
        return text.withUTF8 { parse($0) }
    }

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Parent? {
        let dash = UInt8(ascii: "-")
        guard text.count >= 55, text.count <= 256, text[2] == dash, text[35] == dash, text[52] == dash,
            let version = hex(text, 0..<2), version != 0xFF, let high = hex(text, 3..<19), let low = hex(text, 19..<35),
            let span = hex(text, 36..<52), let flags = hex(text, 53..<55), high | low != 0, span != 0,
            // A later version may say more behind a dash, this one may not.
            text.count == 55 || version > 0 && text[55] == dash
        else { return nil }
        return flags & 1 == 1 ? .sampled(TraceContext(traceHigh: high, traceLow: low, span: span)) : .unsampled
    }

    /// Lower-case digits only, as the source asks.
    private static func hex(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for byte in text[range] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt64(byte - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(byte - 0x57)
            default: return nil
            }
        }
        return value
    }

    /// 32 hex digits.
    public var traceID: String { Self.hex(traceHigh) + Self.hex(traceLow) }
    /// 16 hex digits.
    public var spanID: String { Self.hex(span) }
    /// As it is sent on.
    public var traceparent: String { "00-\(traceID)-\(spanID)-01" }

    private static func hex(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    /// The context below a span that a consumer group makes of this one. The span's id is computed (FNV-1a over its parent and
    /// name), so that the same log gives the same headers.
    public func child(_ name: String) -> TraceContext {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for word in [traceHigh, traceLow, span] {
            for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
        }
        for byte in name.utf8 { add(byte) }
        return TraceContext(traceHigh: traceHigh, traceLow: traceLow, span: hash == 0 ? 1 : hash)
    }
}
