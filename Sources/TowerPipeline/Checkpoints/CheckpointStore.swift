public import TowerStreaming

/// Where a group's checkpoints are kept: a folder of the server, a table in memory for tests.
///
/// What a checkpoint holds is the group's affair; the store knows positions and bytes.
public protocol CheckpointStore: Sendable {
    /// Positions at which there are checkpoints of a group, in any order.
    func positions(group: String) async throws -> [LogCursor]
    func read(group: String, at position: LogCursor) async throws -> [UInt8]
    /// Keeps a checkpoint durably, whole or not at all.
    func write(_ bytes: [UInt8], group: String, at position: LogCursor) async throws
    /// Does nothing when there is none.
    func remove(group: String, at position: LogCursor) async throws
}
