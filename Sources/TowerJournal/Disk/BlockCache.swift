import Synchronization

/// The decompressed blocks used last, of all compressed segments together, and memory to decompress into.
///
/// - Concurrency: any thread. Bytes are copied out under the lock, so that no reader holds a block that is being replaced.
final class BlockCache: Sendable {
    private struct Slot {
        var file: UInt64
        var block: Int
        var memory: AlignedMemory
        var count: Int
    }
    private struct State {
        /// The one used last is at the end.
        var slots: [Slot] = []
        var free: [AlignedMemory] = []
        var files: UInt64 = 0
    }
    private let state = Mutex(State())
    private let bound: Int
    /// Larger memory is given back to the system.
    private static let maxKept = 2 << 20

    /// - Parameter bound: how many blocks are kept; 32 of 128 KiB are 4 MiB.
    init(bound: Int = 32) { self.bound = max(bound, 1) }

    /// A number for a file, never given twice.
    func newFile() -> UInt64 {
        state.withLock { state in
            state.files += 1
            return state.files
        }
    }

    /// Copies `range` of a block that is held to `target`; false when it is not held.
    func copy(_ range: Range<Int>, file: UInt64, block: Int, to target: UnsafeMutableRawPointer) -> Bool {
        nonisolated(unsafe) let target = target
        return state.withLock { state in
            guard let index = state.slots.lastIndex(where: { $0.file == file && $0.block == block }) else { return false }
            let slot = state.slots.remove(at: index)
            state.slots.append(slot)
            guard let base = slot.memory.bytes.baseAddress, range.upperBound <= slot.count else { return false }
            target.copyMemory(from: base + range.lowerBound, byteCount: range.count)
            return true
        }
    }

    /// Keeps a block; its memory is the cache's from now on.
    func insert(_ memory: AlignedMemory, count: Int, file: UInt64, block: Int) {
        state.withLock { state in
            if let index = state.slots.firstIndex(where: { $0.file == file && $0.block == block }) {
                state.free.append(state.slots.remove(at: index).memory)
            } else if state.slots.count >= bound {
                state.free.append(state.slots.removeFirst().memory)
            }
            if state.free.count > 8 { state.free.removeFirst() }
            state.slots.append(Slot(file: file, block: block, memory: memory, count: count))
        }
    }

    func takeMemory(_ count: Int) -> AlignedMemory {
        let found = state.withLock { $0.free.popLast() }
        guard let found else { return AlignedMemory(count: count) }
        found.reserve(count)
        return found
    }

    func giveBack(_ memory: AlignedMemory) {
        guard memory.bytes.count <= Self.maxKept else { return }
        state.withLock { if $0.free.count < 8 { $0.free.append(memory) } }
    }
}
