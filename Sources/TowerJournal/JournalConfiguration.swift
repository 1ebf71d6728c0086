public import TowerStreaming

/// The form of segments that are not written any more.
public enum JournalCompression: String, Sendable, Codable, CaseIterable {
    case none
    /// Blocks of LZ4, docs/formats/journal.md.
    case lz4
}

/// How a journal uses its disk and memory. The defaults suit a server; tests make segments small.
public struct JournalConfiguration: Sendable {
    /// Size of the first segment of a class, bytes; each next one is four times as large up to `maxSegmentBytes`, so that
    /// a small installation stays small and a large one has few files. Range: 4 KiB and up. Default 4 MiB.
    public var firstSegmentBytes = 4 << 20
    /// Default 128 MiB; at most 16 GiB.
    public var maxSegmentBytes = 128 << 20
    /// Largest record: key, value and headers together, bytes. Default 8 MiB.
    public var maxRecordBytes = 8 << 20
    /// Largest single append, bytes on disk. Default 64 MiB.
    public var maxAppendBytes = 64 << 20
    /// Bytes that may wait for their sync before `log.overloaded`. Default 128 MiB.
    public var maxBytesInFlight = 128 << 20
    /// Bytes that share one sync at most. Default 8 MiB.
    public var maxGroupBytes = 8 << 20
    /// Memory for the newest bytes of each class, from which readers at the tail are served. Default 16 MiB.
    public var tailBytes = 16 << 20
    /// Topics, deleted ones included, until reopened. Default 1,000,000.
    public var maxTopics = 1_000_000
    /// How long records of a class are kept, milliseconds; absent means for ever. Default: telemetry 7 days.
    public var retentionMs: [RetentionClass: Int64] = [.telemetry: 7 * 86_400_000]
    /// How much of a class is kept, bytes on disk; absent means any.
    public var retentionBytes: [RetentionClass: Int64] = [:]
    /// How sealed segments are kept. Default lz4.
    public var compression = JournalCompression.lz4
    /// A segment is compressed when its newest record is this old, milliseconds, so that a storm does not pay for it. Default
    /// 60 seconds.
    public var compressionDelayMs: Int64 = 60_000
    /// A segment is compacted when this share of it can go; rewriting for less costs more than it saves. Default a tenth.
    public var compactionMinSaving = 0.1
    /// Sealed segments whose index is held in memory, beside those being written. Default 8.
    public var cachedIndexes = 8
    /// Seals segments in the writer's thread: slower, but the order of disk calls is then the same every time.
    public var isHousekeepingInline = false
    /// Told how long each write and sync of a group of appends took, on the writer's thread; must be quick.
    public var onSync: (@Sendable (Duration) -> Void)?

    public init() {}
}
