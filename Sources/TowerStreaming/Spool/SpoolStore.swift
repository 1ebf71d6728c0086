/// Where a spool keeps what the broker has not taken yet: a log on this machine's own disk, synced before every answer.
public protocol SpoolStore: EventLog {
    /// What it takes on disk, bytes.
    var storedBytes: Int64 { get }
    /// Gives back the room of records before `cursor`, as far as that goes in whole files.
    func makeRoom(before cursor: LogCursor) async throws
}
