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

    /// What stands before a value.
    public static func frame(id: Int32) -> [UInt8] { [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: id >> Int32($0)) } }

    /// The value behind its frame.
    public static func framed(_ value: some Collection<UInt8>, id: Int32) -> [UInt8] { frame(id: id) + value }

    /// Whether a value begins with a frame.
    public static func isFramed(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.count >= byteCount && bytes[0] == 0 }

    /// The id and the value; the id is `nil` when there is no frame and the value is all.
    public static func unframed(_ bytes: ArraySlice<UInt8>) -> (id: Int32?, value: ArraySlice<UInt8>) {
        guard bytes.count >= byteCount, bytes[bytes.startIndex] == 0 else { return (nil, bytes) }
        let id = bytes.dropFirst().prefix(4).reduce(Int32(0)) { $0 << 8 | Int32($1) }
        return (id, bytes.dropFirst(byteCount))
    }
}
