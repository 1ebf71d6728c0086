import Glibc
import Synchronization
import TowerJournal

/// A file of a `FaultyDisk`.
final class MemoryFile: DiskFile {
    private struct State {
        var visible: [UInt8]
        var synced: [UInt8]
        /// Written since the last sync.
        var unsynced: [Range<Int>] = []
    }
    private let state: Mutex<State>
    private let path: String
    /// Gone when a test is over and a journal it did not close still ends its last round.
    private weak let disk: FaultyDisk?

    init(path: String, disk: FaultyDisk, content: [UInt8]) {
        self.path = path
        self.disk = disk
        state = Mutex(State(visible: content, synced: content))
    }

    var count: Int { state.withLock { $0.visible.count } }
    var visible: [UInt8] { state.withLock { $0.visible } }

    private func attached() throws(DiskError) -> FaultyDisk {
        guard let disk else { throw DiskError(operation: "reach", path: path, number: EIO) }
        return disk
    }

    func flip(_ bit: Int) {
        state.withLock {
            $0.visible[bit / 8] ^= 1 << (bit % 8)
            $0.synced = $0.visible
        }
    }

    func surviving(_ survival: FaultyDisk.Survival, using generator: inout SeededGenerator) -> [UInt8] {
        let (visible, synced, unsynced) = state.withLock { ($0.visible, $0.synced, $0.unsynced) }
        switch survival {
        case .synced: return synced
        case .everything: return visible
        case .random:
            var content = synced
            let isLengthKept = Bool.random(using: &generator)
            if isLengthKept, visible.count > content.count {
                content += [UInt8](repeating: 0, count: visible.count - content.count)
            }
            if isLengthKept, visible.count < content.count { content.removeLast(content.count - visible.count) }
            for range in unsynced {
                var start = range.lowerBound
                while start < range.upperBound {
                    let end = min((start / 512 + 1) * 512, range.upperBound)
                    if Bool.random(using: &generator), end <= content.count, end <= visible.count {
                        content.replaceSubrange(start..<end, with: visible[start..<end])
                    }
                    start = end
                }
            }
            return content
        }
    }

    func size() throws(DiskError) -> Int64 {
        _ = try attached().enter("stat", path)
        return Int64(count)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        _ = try attached().enter("read", path)
        return state.withLock { state in
            let start = min(Int(position), state.visible.count)
            let count = min(buffer.count, state.visible.count - start)
            state.visible.withUnsafeBytes { source in
                if count > 0 { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + count])) }
            }
            return count
        }
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at position: Int64) throws(DiskError) {
        let fault = try attached().enter("write", path)
        var bytes = pieces.flatMap { Array($0) }
        let wanted = bytes.count
        if case .short? = fault { bytes.removeLast(bytes.count - bytes.count / 2) }
        let start = Int(position)
        let growth = max(0, start + bytes.count - count)
        let missing = growth - (try attached().room(for: growth))
        if missing > 0 { bytes.removeLast(min(missing, bytes.count)) }
        let isFull = missing > 0
        state.withLock { state in
            guard !bytes.isEmpty else { return }
            let end = start + bytes.count
            if end > state.visible.count { state.visible += [UInt8](repeating: 0, count: end - state.visible.count) }
            state.visible.replaceSubrange(start..<end, with: bytes)
            state.unsynced.append(start..<end)
        }
        if isFull { throw DiskError(operation: "write", path: path, number: ENOSPC) }
        if bytes.count < wanted, case .short(let number)? = fault {
            throw DiskError(operation: "write", path: path, number: number)
        }
    }

    func sync() throws(DiskError) {
        try attached().syncGate.pass()
        _ = try attached().enter("sync", path, isSync: true)
        state.withLock { state in
            if state.synced.count != state.visible.count {
                state.synced = state.visible
            } else {
                for range in state.unsynced where range.upperBound <= state.visible.count {
                    state.synced.replaceSubrange(range, with: state.visible[range])
                }
            }
            state.unsynced.removeAll()
        }
    }

    func truncate(to size: Int64) throws(DiskError) {
        _ = try attached().enter("truncate", path)
        state.withLock { state in
            let size = Int(size)
            if size < state.visible.count {
                state.visible.removeLast(state.visible.count - size)
            } else {
                state.visible += [UInt8](repeating: 0, count: size - state.visible.count)
            }
            state.unsynced = state.unsynced.compactMap { range in
                let clamped = range.clamped(to: 0..<size)
                return clamped.isEmpty ? nil : clamped
            }
        }
    }
}
