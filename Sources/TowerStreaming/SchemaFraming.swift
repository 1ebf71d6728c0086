/// Confluent's framing of a record's value: which schema it was written with.
///
/// ```
/// byte     0      1    2    3    4      5 …
///        ┌──────┬────────────────────┬─────────
///        │ 0x00 │ schema id, big end │ value …
///        └──────┴────────────────────┴─────────
/// ```
/// A JSON value cannot begin with a zero byte, so that framed and plain values may be mixed in a topic.
public enum SchemaFraming {
    public static let byteCount = 5

    /// The value behind its frame.
    public static func framed(_ value: some Collection<UInt8>, id: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount + value.count)
        bytes.append(0)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: id >> Int32(shift))) }
        bytes.append(contentsOf: value)
        return bytes
    }

    /// The id and the value; the id is `nil` when there is no frame and the value is all.
    public static func unframed(_ bytes: ArraySlice<UInt8>) -> (id: Int32?, value: ArraySlice<UInt8>) {
        guard bytes.count >= byteCount, bytes[bytes.startIndex] == 0 else { return (nil, bytes) }
        let id = bytes.dropFirst().prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
        return (id, bytes.dropFirst(byteCount))
    }
}
