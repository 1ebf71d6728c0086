/// What opening a journal found.
public struct RecoveryReport: Sendable, Codable, Equatable {
    /// Bytes that were durable once and no longer read back right. They stay where they are.
    public struct DamagedRange: Sendable, Codable, Equatable {
        public var file: String
        public var start: Int64
        public var end: Int64
        public var reason: String
        public init(file: String, start: Int64, end: Int64, reason: String) {
            self.file = file
            self.start = start
            self.end = end
            self.reason = reason
        }
    }
    public var segments = 0
    /// Segments that had no usable footer and were read whole.
    public var scannedSegments = 0
    /// Files whose footer is damaged or was not finished; their index was rebuilt from the records.
    public var rebuiltFooters: [String] = []
    /// Records in the segments that were read whole.
    public var scannedRecords: Int64 = 0
    public var bytes: Int64 = 0
    public var topics = 0
    /// Bytes behind the last whole append: written, never acknowledged. A copy is in the folder `quarantine`.
    public var droppedBytes: Int64 = 0
    public var droppedRecords: Int64 = 0
    public var quarantined: [DamagedRange] = []
    /// Files of a rewriting that was cut off. The segments they were made from are whole; opening removes them.
    public var leftovers: [String] = []
    public var milliseconds: Double = 0
    public init() {}
}
