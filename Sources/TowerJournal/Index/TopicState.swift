import TowerStreaming

/// What the journal keeps in memory of a topic, busy or idle: 64 bytes, those that every append writes last, together.
struct TopicState: BitwiseCopyable {
    /// Oldest readable offset.
    var start: Int64 = 0
    /// Offsets below were forgotten by a deletion and may still be on disk; 0 when the topic was never deleted.
    var deletedBelow: Int64 = 0
    var firstTimestampMs: Int64 = 0
    /// Its first offset and last section in the segment being written, if that is number `activeSegment` of its class.
    var activeFirstOffset: Int64 = 0
    var lastTimestampMs: Int64 = 0
    /// Next offset to be given; published, so all below are durable.
    var next: Int64 = 0
    /// Of its sections on disk.
    var bytes: Int64 = 0
    /// `activeSegment`, class and `isListed` in one word.
    private var packed: UInt32
    var activeLast: UInt32 = SectionEntry.none

    init(retention: RetentionClass) {
        packed = UInt32(retention.series) << 1
    }

    var retention: RetentionClass { packed >> 1 & 1 == 0 ? .telemetry : .business }

    /// False until something of it is durable, and after it was deleted.
    var isListed: Bool {
        get { packed & 1 != 0 }
        set { packed = packed & ~1 | (newValue ? 1 : 0) }
    }

    /// Segment numbers are below 2^30.
    var activeSegment: UInt32 {
        get { packed >> 2 }
        set { packed = packed & 3 | newValue << 2 }
    }
}
