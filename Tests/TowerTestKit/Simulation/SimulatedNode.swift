import Glibc

/// What a file of a `SimulatedDisk` is and was. Touched under the disk's lock only.
final class SimulatedNode: @unchecked Sendable {
    enum Change {
        case write(Int, [UInt8])
        case truncate(Int)
    }
    let path: String
    var visible: [UInt8]
    var durable: [UInt8]
    /// Since the last sync, in order.
    var pending: [Change] = []

    init(path: String, content: [UInt8]) {
        self.path = path
        visible = content
        durable = content
    }

    init(copy other: SimulatedNode) {
        path = other.path
        visible = other.visible
        durable = other.durable
        pending = other.pending
    }

    func change(_ change: Change) {
        Self.apply(change, to: &visible)
        pending.append(change)
    }

    /// Makes what is pending durable. Only what is pending: pages that a failed sync marked clean stay lost.
    func settle() {
        for change in pending { Self.apply(change, to: &durable) }
        pending.removeAll()
    }

    static func apply(_ change: Change, to content: inout [UInt8]) {
        switch change {
        case .write(let position, let bytes):
            let end = position + bytes.count
            if end > content.count { content += [UInt8](repeating: 0, count: end - content.count) }
            guard !bytes.isEmpty else { return }
            content.withUnsafeMutableBytes { target in
                bytes.withUnsafeBytes { source in
                    if let to = target.baseAddress, let from = source.baseAddress { memcpy(to + position, from, source.count) }
                }
            }
        case .truncate(let size):
            if size < content.count {
                content.removeLast(content.count - size)
            } else if size > content.count {
                content += [UInt8](repeating: 0, count: size - content.count)
            }
        }
    }
}
