/// Kafka's RecordBatch v2 around records that are on disk in its form already: 61 bytes of header and one checksum.
enum RecordBatchV2 {
    static let headerSize = 61

    /// Appends a batch that holds `records` (the bytes of a section) to `output`.
    static func append(_ section: SectionHeader, records: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        let start = output.count
        output.reserveCapacity(start + headerSize + records.count)
        output.append(contentsOf: repeatElement(0, count: headerSize))
        output.append(contentsOf: records)
        output.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress.map({ $0 + start }) else { return }
            // Kafka's own integers are big-endian.
            func put<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer, _ offset: Int) {
                base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Integer.self)
            }
            put(section.baseOffset, 0)
            put(Int32(headerSize - 12 + records.count), 8)
            put(Int32(0), 12)  // partition leader epoch
            put(Int8(2), 16)  // magic
            put(Int16(0x08), 21)  // attributes: no compression, timestamp is the append time
            put(Int32(section.recordCount - 1), 23)
            put(section.timestampMs, 27)
            put(section.timestampMs, 35)
            put(Int64(-1), 43)  // producer id
            put(Int16(-1), 51)  // producer epoch
            put(Int32(-1), 53)  // base sequence
            put(Int32(section.recordCount), 57)
            put(UnsafeRawPointer(base).checksum(21..<headerSize + records.count), 17)
        }
    }
}
