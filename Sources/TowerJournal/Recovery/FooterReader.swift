/// Reads what a sealed segment says about itself.
enum FooterReader {
    struct Topics {
        var footer: SegmentFooter
        /// Owns the bytes the rows' names lie in.
        var bytes: [UInt8]
    }

    /// Footer and topic table of a sealed segment; `nil` when the file has none that is whole.
    static func topics(_ file: any DiskFile) throws(DiskError) -> Topics? {
        let size = try file.size()
        guard size >= Int64(SegmentHeader.size + SegmentFooter.size) else { return nil }
        let tail = try file.bytes(at: size - Int64(SegmentFooter.size), count: SegmentFooter.size)
        guard let footer = tail.withUnsafeBytes({ SegmentFooter($0, fileSize: size) }) else { return nil }
        let bytes = try file.bytes(at: footer.topicsPosition, count: footer.topicBytes)
        let isIntact = bytes.withUnsafeBytes { bytes in
            guard bytes.count == footer.topicBytes else { return false }
            guard let base = bytes.baseAddress else { return footer.topicBytes == 0 && footer.topicCount == 0 }
            return base.checksum(0..<bytes.count) == footer.topicsChecksum
        }
        guard isIntact, bytes.withUnsafeBytes({ SegmentFooter.rows($0, count: footer.topicCount) }) != nil else { return nil }
        return Topics(footer: footer, bytes: bytes)
    }

    /// The index of a sealed segment, topics still as rows of its table; `nil` when it is damaged.
    static func entries(_ file: any DiskFile, _ footer: SegmentFooter) throws(DiskError) -> [SectionEntry]? {
        let bytes = try file.bytes(at: footer.entriesPosition, count: footer.entryBytes)
        return bytes.withUnsafeBytes { bytes -> [SectionEntry]? in
            guard bytes.count == footer.entryBytes else { return nil }
            guard let base = bytes.baseAddress else { return [] }
            guard base.checksum(0..<bytes.count) == footer.entriesChecksum else { return nil }
            return (0..<footer.entryCount).map { SectionEntry(base + $0 * SectionEntry.size) }
        }
    }
}
