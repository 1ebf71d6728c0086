import Glibc
import Synchronization
import TowerJournal

/// An open file of a `SimulatedDisk`.
final class SimulatedFile: DiskFile {
    private let node: SimulatedNode
    /// Gone when a life is over and a journal it did not close still ends its last round.
    private weak let disk: SimulatedDisk?

    init(node: SimulatedNode, disk: SimulatedDisk) {
        self.node = node
        self.disk = disk
    }

    private func attached() throws(DiskError) -> SimulatedDisk {
        guard let disk else { throw DiskError(operation: "reach", path: node.path, number: EIO) }
        return disk
    }

    private func error(_ operation: String, _ number: Int32) -> DiskError {
        DiskError(operation: operation, path: node.path, number: number)
    }

    func size() throws(DiskError) -> Int64 {
        let disk = try attached()
        _ = try disk.enter("stat", node.path)
        return disk.state.withLock { _ in Int64(node.visible.count) }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int64) throws(DiskError) -> Int {
        let disk = try attached()
        _ = try disk.enter("read", node.path, UInt64(position))
        return disk.state.withLock { _ in
            let start = min(Int(position), node.visible.count)
            let count = min(buffer.count, node.visible.count - start)
            node.visible.withUnsafeBytes { source in
                guard count > 0, let to = buffer.baseAddress, let from = source.baseAddress else { return }
                memcpy(to, from + start, count)
            }
            return count
        }
    }

    func write(_ pieces: [UnsafeRawBufferPointer], at position: Int64) throws(DiskError) {
        let disk = try attached()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
        for piece in pieces { bytes.append(contentsOf: piece) }
        let sum = bytes.withUnsafeBytes { hash($0) }
        let turn = try disk.enter("write", node.path, sum &+ UInt64(position), isPartial: true)
        let failure = disk.state.withLock { state -> DiskError? in
            var failed: DiskError?
            switch turn {
            case .well: break
            case .fails(let failure):
                // Whole sectors of the file, as a disk does.
                let middle = (Int(position) + bytes.count / 2) / 512 * 512 - Int(position)
                bytes.removeLast(failure.extent == .half ? bytes.count - max(0, middle) : bytes.count)
                failed = error("write", failure.number)
            case .lastWords: failed = error("write", EIO)
            }
            if let capacity = state.capacity {
                let growth = max(0, Int(position) + bytes.count - node.visible.count)
                let room = max(0, capacity - state.nodes.values.reduce(0) { $0 + $1.visible.count })
                if growth > room {
                    bytes.removeLast(min(growth - room, bytes.count))
                    failed = failed ?? error("write", ENOSPC)
                }
            }
            var place = Int(position)
            let isUnlucky = sum % 16 == 3
            if state.lie == .failedWriteIsHidden { failed = nil }
            if state.lie == .misplacedWrite, isUnlucky { place += 512 }
            if state.lie == .lostWrite, isUnlucky { return failed }
            if state.lie == .rottenBit, isUnlucky, !bytes.isEmpty { bytes[bytes.count / 2] ^= 4 }
            guard !bytes.isEmpty else { return failed }
            node.change(.write(place, bytes))
            state.log?.append(.write(node.path, position: place, bytes: bytes))
            return failed
        }
        if let failure { throw failure }
    }

    func sync() throws(DiskError) {
        let disk = try attached()
        let turn = try disk.enter("sync", node.path, isPartial: true)
        let failure = disk.state.withLock { state -> DiskError? in
            switch turn {
            case .well: break
            case .lastWords: return error("sync", EIO)
            case .fails(let failure):
                if failure.extent == .half, !node.pending.isEmpty {
                    SimulatedNode.apply(node.pending.removeFirst(), to: &node.durable)
                }
                if failure.extent == .forgetful { node.pending.removeAll() }
                return state.lie == .failedSyncIsHidden ? nil : error("sync", failure.number)
            }
            settle(&state)
            state.log?.append(.sync(node.path))
            return nil
        }
        if let failure { throw failure }
    }

    /// What a sync does: the truth, or what the disk's lie makes of it.
    private func settle(_ state: inout SimulatedDisk.State) {
        switch state.lie {
        case .syncDoesNothing: break
        case .syncOfAnotherFile:
            let other = state.nodes.keys.sorted().first { $0 != node.path && !(state.nodes[$0]?.pending.isEmpty ?? true) }
            if let other { state.nodes[other]?.settle() }
        case .syncAnswersEarly: state.debt.append(node)
        case .syncForgetsTheLastWrite:
            let last = node.pending.popLast()
            node.settle()
            if let last { node.pending.append(last) }
        case .syncForgetsTheLastSector:
            guard case .write(let position, let bytes)? = node.pending.last, bytes.count > 512 else { return node.settle() }
            node.pending.removeLast()
            node.settle()
            SimulatedNode.apply(.write(position, Array(bytes[..<(bytes.count - 512)])), to: &node.durable)
        default: node.settle()
        }
    }

    func truncate(to size: Int64) throws(DiskError) {
        let disk = try attached()
        _ = try disk.enter("truncate", node.path, UInt64(size))
        disk.state.withLock { state in
            let size = state.lie == .truncatesTooMuch ? max(0, Int(size) - 512) : Int(size)
            node.change(.truncate(size))
            state.log?.append(.truncate(node.path, size: size))
        }
    }
}
