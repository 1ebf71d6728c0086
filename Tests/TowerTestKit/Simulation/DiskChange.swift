/// What a program did to a disk, as recorded: enough to build every state a power cut could have left.
public enum DiskChange: Sendable {
    case create(String)
    case remove(String)
    case rename(String, to: String)
    case write(String, position: Int, bytes: [UInt8])
    case truncate(String, size: Int)
    case sync(String)
    case syncFolder
    /// Not a change: what the program was told so far.
    case mark(Int)
}
