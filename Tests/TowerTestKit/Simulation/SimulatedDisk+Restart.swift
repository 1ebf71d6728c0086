import Synchronization

extension SimulatedDisk {
    /// Which of the changes that were not synced a power cut kept.
    public enum Kept: Sendable, CaseIterable {
        case none, all
        /// The first so many of every file's.
        case prefix
        /// Each or not.
        case subset
        /// For each sector of 512 bytes the state after any of the changes: torn and reordered writes.
        case sectors
    }

    /// What a process finds that starts after a kill: everything, the unsynced still unsynced.
    public func afterKill() -> SimulatedDisk {
        SimulatedDisk(
            state.withLock { state in
                var next = State(lie: state.lie)
                next.nodes = state.nodes.mapValues { SimulatedNode(copy: $0) }
                next.removed = state.removed.mapValues { SimulatedNode(copy: $0) }
                next.replaced = state.replaced
                next.durableNames = state.durableNames
                next.trace = state.trace
                next.story = state.story.map { $0 + ["kill"] }
                return next
            })
    }

    /// What a machine finds that starts after a power cut.
    public func afterPowerCut(_ kept: Kept, using generator: inout SeededGenerator) -> SimulatedDisk {
        let (nodes, removed, replaced, names, trace, lie, story) = state.withLock { state in
            (
                state.nodes.mapValues { SimulatedNode(copy: $0) }, state.removed.mapValues { SimulatedNode(copy: $0) },
                state.replaced, state.durableNames, state.trace, state.lie, state.story
            )
        }
        var next = State(lie: lie)
        next.trace = trace
        next.story = story.map { $0 + ["power cut, kept: \(kept)"] }
        func survives(_ isDurable: Bool) -> Bool {
            if isDurable || kept == .all { return true }
            return kept != .none && Bool.random(using: &generator)
        }
        for path in nodes.keys.sorted() {
            guard let node = nodes[path], survives(names.contains(path)) else { continue }
            next.nodes[path] = SimulatedNode(path: path, content: node.surviving(kept, using: &generator))
        }
        // What was removed comes back where its removal was not synced; a new file of the same name has priority.
        // Of a name that was taken over one of the two files is always there.
        for path in removed.keys.sorted()
        where next.nodes[path] == nil && (names.contains(path) || replaced.contains(path)) && kept != .all {
            guard let node = removed[path], kept == .none || replaced.contains(path) || Bool.random(using: &generator) else {
                continue
            }
            next.nodes[path] = SimulatedNode(path: path, content: node.surviving(kept, using: &generator))
        }
        next.durableNames = Set(next.nodes.keys)
        return SimulatedDisk(next)
    }
}

extension SimulatedNode {
    func surviving(_ kept: SimulatedDisk.Kept, using generator: inout SeededGenerator) -> [UInt8] {
        switch kept {
        case .none: return durable
        case .all:
            settle()
            return durable
        case .prefix:
            for change in pending.prefix(Int.random(in: 0...pending.count, using: &generator)) { Self.apply(change, to: &durable) }
            return durable
        case .subset:
            for change in pending where Bool.random(using: &generator) { Self.apply(change, to: &durable) }
            return durable
        case .sectors:
            guard !pending.isEmpty else { return durable }
            var images = [durable]
            for change in pending {
                var image = images[images.count - 1]
                Self.apply(change, to: &image)
                images.append(image)
            }
            // Lengths are kept in the file system's own order, and mostly all of them.
            let isLast = Int.random(in: 0..<4, using: &generator) > 0
            let length = images[isLast ? images.count - 1 : Int.random(in: 0..<images.count, using: &generator)].count
            var content = [UInt8](repeating: 0, count: length)
            var start = 0
            while start < length {
                let image = images[Int.random(in: 0..<images.count, using: &generator)]
                let end = min(start + 512, length, image.count)
                if end > start { content.replaceSubrange(start..<end, with: image[start..<end]) }
                start += 512
            }
            return content
        }
    }
}
