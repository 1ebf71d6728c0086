import Glibc
import Synchronization
public import TowerJournal

/// A disk in memory that remembers every change since its sync, so that a power cut can leave any state a real one could.
///
/// - Shape: a file is what readers see, what is durable, and the changes between them in order. Making and removing a file
///   is durable after `syncDirectory`.
/// - Determinism: `trace` sums up every call but reads, with its bytes; the same program of calls gives the same trace.
public final class SimulatedDisk: Disk {
    /// How a call that is to fail does so.
    public struct Failure: Sendable {
        public enum Extent: Sendable, CaseIterable {
            /// Nothing happens.
            case whole
            /// A write does its first half; a sync keeps what was written first.
            case half
            /// A sync forgets what it was to keep: the pages count as clean from then on, and no later sync writes them.
            case forgetful
        }
        public var call: Int
        public var number: Int32
        public var extent: Extent
        public var isLasting: Bool
        public init(call: Int, number: Int32, extent: Extent = .whole, isLasting: Bool = false) {
            self.call = call
            self.number = number
            self.extent = extent
            self.isLasting = isLasting
        }
    }

    struct State {
        var nodes: [String: SimulatedNode] = [:]
        /// Removed, and back after a power cut unless the folder is synced before.
        var removed: [String: SimulatedNode] = [:]
        /// Names that a renamed file took over: until the folder is synced, either content is there after a power cut.
        var replaced: Set<String> = []
        /// Names that survive a power cut.
        var durableNames: Set<String> = []
        var locks: Set<String> = []
        var calls = 0
        var trace: UInt64 = 0xCBF2_9CE4_8422_2325
        var failure: Failure?
        var cut: Int?
        var isOff = false
        var hasFailed = false
        var capacity: Int?
        var lie: DiskLie?
        /// What a lie still has to do.
        var debt: [SimulatedNode] = []
        var log: [DiskChange]?
        /// Every call and operation in words, when somebody wants to read them.
        var story: [String]?
    }
    let state: Mutex<State>
    let gate = CallGate()

    /// - Parameter lie: how the disk deceives the program above it: a bug planted to see that it is found.
    public init(lie: DiskLie? = nil) {
        state = Mutex(State(lie: lie))
    }

    init(_ state: consuming sending State) { self.state = Mutex(state) }

    /// Calls so far: every one that a real disk could refuse.
    public var calls: Int { state.withLock { $0.calls } }
    public var trace: UInt64 { state.withLock { $0.trace } }
    /// Whether the power is off: every call fails.
    public var isOff: Bool { state.withLock { $0.isOff } }
    public var paths: [String] { state.withLock { $0.nodes.keys.sorted() } }

    public func fail(_ failure: Failure) { state.withLock { $0.failure = failure } }
    /// From the call with this number on the power is off. That call may still have done its work, or a part of it.
    public func cutPower(atCall call: Int) { state.withLock { $0.cut = call } }
    public func cutPowerNow() { state.withLock { $0.isOff = true } }
    /// No more failures, and room for everything.
    public func heal() {
        state.withLock {
            $0.failure = nil
            $0.cut = nil
            $0.hasFailed = false
            $0.capacity = nil
        }
    }
    /// Bytes all files may hold together from now on: what they hold and `bytes` more.
    public func leaveRoom(_ bytes: Int) {
        state.withLock { state in state.capacity = bytes + state.nodes.values.reduce(0) { $0 + $1.visible.count } }
    }

    /// Whether a call was refused since the disk was healed.
    public var hasFailed: Bool { state.withLock { $0.hasFailed } }

    /// Adds to the trace what is not a disk call: an answer, an operation.
    public func note(_ value: UInt64) { state.withLock { $0.trace = mixed($0.trace, value) } }

    public func tellStory() { state.withLock { $0.story = [] } }
    public var story: [String] { state.withLock { $0.story ?? [] } }
    /// Adds a line, when somebody wants to read them.
    func tell(_ line: @autoclosure () -> String) { state.withLock { if $0.story != nil { $0.story?.append(line()) } } }

    public func content(_ path: String) -> [UInt8] { state.withLock { $0.nodes[path]?.visible } ?? [] }

    /// Puts a durable file there.
    public func setContent(_ path: String, _ bytes: [UInt8]) {
        state.withLock {
            $0.nodes[path] = SimulatedNode(path: path, content: bytes)
            $0.durableNames.insert(path)
        }
    }

    public func flip(_ path: String, bit: Int) {
        state.withLock { state in
            guard let node = state.nodes[path], bit / 8 < node.visible.count else { return }
            node.visible[bit / 8] ^= 1 << (bit % 8)
            if bit / 8 < node.durable.count { node.durable[bit / 8] ^= 1 << (bit % 8) }
        }
    }

    /// Begins to keep every change and sync, in order.
    public func startRecording() { state.withLock { $0.log = [] } }
    public var recording: [DiskChange] { state.withLock { $0.log ?? [] } }

    /// Notes in the recording what the program was told so far.
    public func mark(_ number: Int) { state.withLock { $0.log?.append(.mark(number)) } }

    enum Turn {
        case well
        case fails(Failure)
        /// The power goes while the call is under way.
        case lastWords
    }

    /// Counts a call and says how it goes; throws when the power is off or the call fails as a whole.
    func enter(_ operation: StaticString, _ path: String, _ more: UInt64 = 0, isPartial: Bool = false) throws(DiskError) -> Turn {
        gate.pass()
        let turn = state.withLock { state -> Result<Turn, DiskError> in
            let off = DiskError(operation: operation.description, path: path, number: EIO)
            if state.isOff { return .failure(off) }
            state.calls += 1
            // Which part of an index is read first is left to a hash table's order; a read changes nothing.
            let isRead = operation.utf8CodeUnitCount == 4 && operation.utf8Start[0] == UInt8(ascii: "r")
            if !isRead { state.trace = mixed(mixed(state.trace, hash(operation)), hash(path) &+ more) }
            if operation.description != "read", operation.description != "stat" { state.story?.append("  \(state.calls) \(operation) \(path) \(more)") }
            for node in state.debt { node.settle() }
            state.debt.removeAll()
            if let cut = state.cut, state.calls >= cut {
                state.isOff = true
                return isPartial ? .success(.lastWords) : .failure(off)
            }
            if let failure = state.failure, state.calls == failure.call || failure.isLasting && state.calls > failure.call {
                state.hasFailed = true
                if isPartial { return .success(.fails(failure)) }
                return .failure(DiskError(operation: operation.description, path: path, number: failure.number))
            }
            return .success(.well)
        }
        return try turn.get()
    }

    public func createDirectory(_ path: String) throws(DiskError) { _ = try enter("create folder", path) }

    public func files(in directory: String) throws(DiskError) -> [String] {
        _ = try enter("list", directory)
        return state.withLock { state in
            state.nodes.keys.compactMap { path in
                guard path.hasPrefix(directory + "/") else { return nil }
                let name = path.dropFirst(directory.count + 1)
                return name.contains("/") ? nil : String(name)
            }.sorted()
        }
    }

    public func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> any DiskFile {
        _ = try enter("open", path, mode == .create ? 1 : 0)
        let node = state.withLock { state -> SimulatedNode? in
            if mode == .create {
                if let old = state.nodes[path] {
                    old.change(.truncate(0))
                } else {
                    state.nodes[path] = SimulatedNode(path: path, content: [])
                    state.log?.append(.create(path))
                }
            }
            return state.nodes[path]
        }
        guard let node else { throw DiskError(operation: "open", path: path, number: ENOENT) }
        return SimulatedFile(node: node, disk: self)
    }

    public func remove(_ path: String) throws(DiskError) {
        _ = try enter("remove", path)
        let isThere = state.withLock { state in
            var victim = path
            if state.lie == .removesTheNeighbour {
                victim = state.nodes.keys.sorted().first { $0 > path && $0.hasSuffix(".seg") } ?? path
            }
            guard let node = state.nodes.removeValue(forKey: victim) else { return false }
            state.removed[victim] = node
            state.log?.append(.remove(victim))
            return true
        }
        guard isThere else { throw DiskError(operation: "remove", path: path, number: ENOENT) }
    }

    public func rename(_ path: String, to newPath: String) throws(DiskError) {
        _ = try enter("rename", path, hash(newPath))
        let isThere = state.withLock { state in
            guard let node = state.nodes.removeValue(forKey: path) else { return false }
            state.removed[path] = node
            if let old = state.nodes[newPath], state.durableNames.remove(newPath) != nil {
                state.removed[newPath] = old
                state.replaced.insert(newPath)
            }
            state.nodes[newPath] = SimulatedNode(copy: node)
            state.log?.append(.rename(path, to: newPath))
            return true
        }
        guard isThere else { throw DiskError(operation: "rename", path: path, number: ENOENT) }
    }

    public func syncDirectory(_ path: String) throws(DiskError) {
        _ = try enter("sync folder", path)
        state.withLock { state in
            guard state.lie != .folderSyncDoesNothing else { return }
            state.durableNames = Set(state.nodes.keys)
            state.removed.removeAll()
            state.replaced.removeAll()
            state.log?.append(.syncFolder)
        }
    }

    public func lock(_ path: String) throws(DiskError) -> (any DiskLock)? {
        _ = try enter("lock", path)
        let isMine = state.withLock { $0.locks.insert(path).inserted }
        return isMine ? SimulatedLock(path: path, disk: self) : nil
    }
}

private final class SimulatedLock: DiskLock {
    private let path: String
    private weak let disk: SimulatedDisk?
    init(path: String, disk: SimulatedDisk) {
        self.path = path
        self.disk = disk
    }
    deinit { disk?.state.withLock { _ = $0.locks.remove(path) } }
}

/// FNV-1a's step (Fowler, Noll, Vo) over a whole word, and a turn so that high bits come down.
func mixed(_ trace: UInt64, _ word: UInt64) -> UInt64 {
    let step = (trace ^ word) &* 0x0000_0100_0000_01B3
    return step ^ (step >> 29)
}

func hash(_ text: String) -> UInt64 { text.utf8.reduce(0x9E37) { mixed($0, UInt64($1)) } }
func hash(_ text: StaticString) -> UInt64 {
    UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).reduce(0x79B9) { mixed($0, UInt64($1)) }
}
func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var sum = UInt64(bytes.count)
    var at = 0
    while at + 8 <= bytes.count {
        sum = mixed(sum, bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        at += 8
    }
    while at < bytes.count {
        sum = mixed(sum, UInt64(bytes[at]))
        at += 1
    }
    return sum
}
