import TowerStreaming
import TowerThreads

/// Makes segment files, zero-filled and synced before their first use, so that later syncs touch no metadata.
///
/// - Concurrency: the housekeeper prepares the next file while the writer fills the present one; `take` waits for it.
final class SegmentFactory: Sendable {
    struct Made {
        var file: SegmentFile
        var capacity: Int64
    }
    private enum Next {
        case none, preparing
        case ready(Made)
    }
    private struct State {
        var next: [Next] = Array(repeating: .none, count: RetentionClass.seriesCount)
        var numbers: [Int]
    }
    private let monitor: Monitor<State>
    private let disk: any Disk
    private let directory: String
    private let configuration: JournalConfiguration
    private let housekeeper: Housekeeper

    /// - Parameter numbers: the last number used in each class.
    init(disk: any Disk, directory: String, configuration: JournalConfiguration, housekeeper: Housekeeper, numbers: [Int]) {
        self.disk = disk
        self.directory = directory
        self.configuration = configuration
        self.housekeeper = housekeeper
        monitor = Monitor(State(numbers: numbers))
    }

    /// Starts making the next file of a class; does nothing when it is made or being made.
    func prepare(_ retention: RetentionClass, after capacity: Int64) {
        let isMine = monitor.update { state -> Bool in
            guard case .none = state.next[retention.series] else { return false }
            state.next[retention.series] = .preparing
            return true
        }
        guard isMine else { return }
        housekeeper.submit { [self] in
            // A failure here costs nothing yet: the writer tries again when it needs the file, and reports.
            let made = try? make(retention, capacity: grown(capacity))
            monitor.update { $0.next[retention.series] = made.map(Next.ready) ?? .none }
        }
    }

    /// A file with room for `bytes`, prepared or made now.
    func take(_ retention: RetentionClass, after capacity: Int64?, bytes: Int) throws(DiskError) -> Made {
        let needed = Int64(bytes + SegmentHeader.size) + ActiveSegment.reservedBytes
        let ready = monitor.wait { state -> Made?? in
            switch state.next[retention.series] {
            case .preparing: return nil
            case .none: return .some(nil)
            case .ready(let made):
                state.next[retention.series] = .none
                return made
            }
        }
        if let ready {
            if ready.capacity >= needed { return ready }
            // Kept for later it would hold newer records than the larger file made now, under a lower number: opening goes by
            // the numbers. If it cannot be removed, the next opening does it.
            try? disk.remove(ready.file.path)
        }
        return try make(
            retention, capacity: max(capacity.map(grown) ?? Int64(configuration.firstSegmentBytes), alignedUp(needed)))
    }

    private func grown(_ capacity: Int64) -> Int64 {
        min(max(capacity * 4, Int64(configuration.firstSegmentBytes)), Int64(configuration.maxSegmentBytes))
    }

    private func make(_ retention: RetentionClass, capacity: Int64) throws(DiskError) -> Made {
        let number = monitor.update { state in
            state.numbers[retention.series] += 1
            return state.numbers[retention.series]
        }
        let path = directory + "/" + SegmentHeader.fileName(retention, number)
        let file = try disk.open(path, .create)
        do {
            try Self.zeroFill(file, from: 0, count: Int(capacity))
            try file.sync()
            try disk.syncDirectory(directory)
        } catch {
            // Half a file is of no use and holds room that somebody may need.
            try? disk.remove(path)
            throw error
        }
        return Made(file: SegmentFile(retention: retention, number: number, path: path, file: SegmentStorage(file)), capacity: capacity)
    }

    // Never written after it was made.
    private nonisolated(unsafe) static let zeros: UnsafeRawBufferPointer = {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        return UnsafeRawBufferPointer(memory)
    }()

    static func zeroFill(_ file: any DiskFile, from start: Int64, count: Int) throws(DiskError) {
        var at = 0
        while at < count {
            let piece = min(zeros.count, count - at)
            try file.write([UnsafeRawBufferPointer(rebasing: zeros[..<piece])], at: start + Int64(at))
            at += piece
        }
    }
}
