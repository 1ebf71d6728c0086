/// What the journal asks of a disk. The tests replace it by one that fails, tears and forgets.
///
/// - Concurrency: any thread. Reads are positional and never wait for a write.
public protocol Disk: Sendable {
    /// Makes the folder and its parents; fine when it is there.
    func createDirectory(_ path: String) throws(DiskError)
    /// Names (not paths) of the files in a folder, in no order.
    func files(in directory: String) throws(DiskError) -> [String]
    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile
    func remove(_ path: String) throws(DiskError)
    /// Gives a file another name in one step, in place of any that has it. Who has either file open keeps it.
    func rename(_ path: String, to newPath: String) throws(DiskError)
    /// Makes creations, removals and new names in a folder survive a power cut.
    func syncDirectory(_ path: String) throws(DiskError)
    /// Takes the file's lock for as long as the answer lives; `nil` when somebody else has it.
    func lock(_ path: String) throws(DiskError) -> (any DiskLock)?
}

public enum DiskOpenMode: Sendable {
    case read, readWrite
    /// Creates, or empties what is there.
    case create
}

/// An open file. Closed when the last reference goes.
public protocol DiskFile: AnyObject, Sendable {
    func size() throws(DiskError) -> Int64
    /// Reads up to the buffer's length; fewer bytes only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int
    /// Writes the pieces one after another, all of them or an error; then some may be written.
    func write(_ pieces: [UnsafeRawBufferPointer], at position: Int64) throws(DiskError)
    /// Returns when everything written survives a power cut. After an error nothing is known.
    func sync() throws(DiskError)
    func truncate(to size: Int64) throws(DiskError)
}

public protocol DiskLock: AnyObject, Sendable {}

/// A refused disk call: what was asked of which file, and the system's number for why.
public struct DiskError: Error, Sendable, Equatable, CustomStringConvertible {
    public var operation: String
    public var path: String
    /// `errno`.
    public var number: Int32
    public init(operation: String, path: String, number: Int32) {
        self.operation = operation
        self.path = path
        self.number = number
    }
    public var description: String { "could not \(operation) \(path): \(Self.text(number))" }
}
