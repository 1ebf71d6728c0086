import Glibc
import Synchronization
public import TowerJournal

/// A disk in memory that can refuse its Nth call, write short, run full, lose what was not synced, tear it, and flip bits.
///
/// - Shape: a file has what readers see and what would survive a power cut; `sync` makes them equal. A file that was made,
///   removed or renamed is so after a power cut only since `syncDirectory`; before, each such change may survive or not.
public final class FaultyDisk: Disk {
    public enum Fault: Sendable, Equatable {
        /// The call does nothing and fails.
        case error(Int32)
        /// A write does its first half and fails; other calls as `error`.
        case short(Int32)
    }

    public enum Survival: Sendable {
        /// Only what was synced.
        case synced
        /// Everything written, as after a kill of the process.
        case everything
        /// Of what was not synced, each 512-byte sector or not, by the seed.
        case random(seed: UInt64)
    }

    enum NameChange {
        case made(String, MemoryFile)
        case removed(String)
        case renamed(String, to: String, MemoryFile)
    }

    struct State {
        var files: [String: MemoryFile] = [:]
        /// Files by the name they would have after a power cut.
        var durable: [String: MemoryFile] = [:]
        /// Changes of names since the last sync of a folder, in order.
        var pending: [NameChange] = []
        var locks: Set<String> = []
        var calls = 0
        var syncs = 0
        var fault: (call: Int, fault: Fault, isLasting: Bool)?
        var capacity: Int?
    }
    let state = Mutex(State())
    /// Syncs of files pass here.
    public let syncGate = SyncGate()

    public init() {}

    /// Calls so far: every one that a real disk could refuse.
    public var calls: Int { state.withLock { $0.calls } }
    public var syncs: Int { state.withLock { $0.syncs } }
    public var paths: [String] { state.withLock { $0.files.keys.sorted() } }
    public var usedBytes: Int { state.withLock { $0.files.values.reduce(0) { $0 + $1.count } } }

    /// The call with this number (the next one is `calls + 1`) fails; all after it too if `isLasting`.
    public func fail(call: Int, with fault: Fault, isLasting: Bool = false) {
        state.withLock { $0.fault = (call, fault, isLasting) }
    }

    public func heal() { state.withLock { $0.fault = nil } }

    /// Files may hold this many bytes together; `nil` for any.
    public func setCapacity(_ bytes: Int?) { state.withLock { $0.capacity = bytes } }

    /// What a restart finds. The disk itself goes on as it was.
    public func restarted(_ survival: Survival) -> FaultyDisk {
        let after = FaultyDisk()
        let (visible, durable, pending) = state.withLock { ($0.files, $0.durable, $0.pending) }
        var generator = SeededGenerator(seed: 0)
        var files = durable
        switch survival {
        case .synced: break
        case .everything: files = visible
        case .random(let seed):
            generator = SeededGenerator(seed: seed)
            for change in pending where Bool.random(using: &generator) { change.apply(to: &files) }
        }
        for (path, file) in files.sorted(by: { $0.key < $1.key }) {
            let copy = MemoryFile(path: path, disk: after, content: file.surviving(survival, using: &generator))
            after.state.withLock {
                $0.files[path] = copy
                $0.durable[path] = copy
            }
        }
        return after
    }

    /// The bytes readers see.
    public func content(_ path: String) -> [UInt8] { state.withLock { $0.files[path] }?.visible ?? [] }

    /// Replaces a file's bytes, synced.
    public func setContent(_ path: String, _ bytes: [UInt8]) {
        let file = MemoryFile(path: path, disk: self, content: bytes)
        state.withLock {
            $0.files[path] = file
            $0.durable[path] = file
        }
    }

    /// Turns one bit round in place.
    public func flip(_ path: String, bit: Int) {
        state.withLock { $0.files[path] }?.flip(bit)
    }

    /// Counts a call and throws when it is its turn. `short` faults are given to the caller to act on.
    func enter(_ operation: String, _ path: String, isSync: Bool = false) throws(DiskError) -> Fault? {
        let fault = state.withLock { state -> Fault? in
            state.calls += 1
            if isSync { state.syncs += 1 }
            guard let fault = state.fault, state.calls == fault.call || fault.isLasting && state.calls > fault.call else {
                return nil
            }
            return fault.fault
        }
        guard let fault else { return nil }
        if case .short = fault, operation == "write" { return fault }
        switch fault {
        case .error(let number), .short(let number): throw DiskError(operation: operation, path: path, number: number)
        }
    }

    /// How many of `more` further bytes there is room for.
    func room(for more: Int) -> Int {
        state.withLock { state in
            guard let capacity = state.capacity else { return more }
            return max(0, min(more, capacity - state.files.values.reduce(0) { $0 + $1.count }))
        }
    }

    public func createDirectory(_ path: String) throws(DiskError) { _ = try enter("create folder", path) }

    public func files(in directory: String) throws(DiskError) -> [String] {
        _ = try enter("list", directory)
        return state.withLock { state in
            state.files.keys.compactMap { path in
                guard path.hasPrefix(directory + "/") else { return nil }
                let name = path.dropFirst(directory.count + 1)
                return name.contains("/") ? nil : String(name)
            }
        }
    }

    public func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        _ = try enter("open", path)
        let file = state.withLock { state -> MemoryFile? in
            if mode == .create {
                let file = MemoryFile(path: path, disk: self, content: [])
                state.files[path] = file
                state.pending.append(.made(path, file))
            }
            return state.files[path]
        }
        guard let file else { throw DiskError(operation: "open", path: path, number: ENOENT) }
        return file
    }

    public func remove(_ path: String) throws(DiskError) {
        _ = try enter("remove", path)
        state.withLock {
            $0.files[path] = nil
            $0.pending.append(.removed(path))
        }
    }

    public func rename(_ path: String, to newPath: String) throws(DiskError) {
        _ = try enter("rename", path)
        let isThere = state.withLock { state -> Bool in
            guard let file = state.files.removeValue(forKey: path) else { return false }
            state.files[newPath] = file
            state.pending.append(.renamed(path, to: newPath, file))
            return true
        }
        guard isThere else { throw DiskError(operation: "rename", path: path, number: ENOENT) }
    }

    public func syncDirectory(_ path: String) throws(DiskError) {
        _ = try enter("sync folder", path)
        state.withLock { state in
            let isInside = { (change: NameChange) in change.path.hasPrefix(path + "/") }
            for change in state.pending where isInside(change) { change.apply(to: &state.durable) }
            state.pending.removeAll(where: isInside)
        }
    }

    public func lock(_ path: String) throws(DiskError) -> (any DiskLock)? {
        _ = try enter("lock", path)
        let isMine = state.withLock { $0.locks.insert(path).inserted }
        return isMine ? MemoryLock(path: path, disk: self) : nil
    }
}

extension FaultyDisk.NameChange {
    var path: String {
        switch self {
        case .made(let path, _), .removed(let path), .renamed(let path, _, _): path
        }
    }

    func apply(to files: inout [String: MemoryFile]) {
        switch self {
        case .made(let path, let file): files[path] = file
        case .removed(let path): files[path] = nil
        case .renamed(let path, let newPath, let file):
            if files[path] === file { files[path] = nil }
            files[newPath] = file
        }
    }
}

private final class MemoryLock: DiskLock {
    private let path: String
    private let disk: FaultyDisk
    init(path: String, disk: FaultyDisk) {
        self.path = path
        self.disk = disk
    }
    deinit { disk.state.withLock { _ = $0.locks.remove(path) } }
}
