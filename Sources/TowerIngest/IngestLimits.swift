public import TowerWire

/// Bounds of one request at the door, and of what the door remembers.
public struct IngestLimits: Sendable {
    /// Bytes of the body as it arrives. Default 64 MiB.
    public var maxBodyBytes = 64 << 20
    /// Bytes of the body once unpacked. Default 256 MiB.
    public var maxInflatedBytes = 256 << 20
    /// Unpacked bytes per packed byte, asked beyond the first MiB. Default 300: real events reach 10 to 50, a bomb 1,000.
    public var maxInflationRatio = 300
    /// Lines or array elements of one body. Default 100,000.
    public var maxLines = 100_000
    /// Dead letters one request may write; further rejected lines are only counted. Default 100,000: as many as lines, so that
    /// none is lost. They lie in the request's own memory, whatever their number.
    public var maxDeadLetters = 100_000
    /// Bytes of a rejected line that are kept. Default 64 KiB.
    public var maxDeadLetterBytes = 64 << 10
    /// Event ids of one of the two generations the door remembers: between one and two generations of the newest ids
    /// are known. Default 2 million; 40 bytes of memory an id and generation at most.
    public var duplicateIDs = 2_000_000
    /// Ids that are handed to the archive at once, about. What was not handed over when the process ends is read from the log
    /// at the next start. Default 16,380: a quarter of a MiB, and a tenth of a second of reading.
    public var archivedIDs = 16_380
    /// Bounds of one event.
    public var decode = DecodeLimits.standard

    public init() {}
    public static let standard = IngestLimits()
}
