import Synchronization
public import TowerStreaming

/// What retention took away.
public struct RetentionOutcome: Sendable, Equatable {
    public var segments = 0
    public var bytes: Int64 = 0
    public init() {}
}

extension Journal {
    /// Removes the oldest segments of each class whose newest record is older than its bound, or that are over its bytes.
    /// Start offsets of their topics rise; topics and their next offsets stay known. Only whole sealed segments go, so up to
    /// a segment more than the bounds is kept.
    ///
    /// - Parameter now: milliseconds since the epoch.
    @discardableResult
    public func enforceRetention(now: Int64) async throws -> RetentionOutcome {
        try checkOpen()
        return try await remove { segments, retention in self.expired(segments, retention, now: now) }
    }

    /// Removes sealed segments in which every record lies before `cursor`: for a log whose one reader is done with them.
    /// Only whole segments go, and of each class the last one stays.
    @discardableResult
    public func release(before cursor: LogCursor) async throws -> RetentionOutcome {
        try checkOpen()
        return try await remove { segments, _ in
            Array(segments.dropLast().prefix { $0.footer != nil && $0.endSequence <= cursor.sequence })
        }
    }

    /// What all segments take on disk, bytes; room that is not written yet left out.
    public var storedBytes: Int64 {
        catalog.read { state in state.series.joined().reduce(0) { $0 + $1.storedBytes } }
    }

    private func remove(_ choose: @Sendable ([Segment], RetentionClass) -> [Segment]) async throws -> RetentionOutcome {
        var outcome = RetentionOutcome()
        for retention in RetentionClass.allCases {
            let victims = catalog.read { choose($0.series[retention.series], retention) }
            guard !victims.isEmpty else { continue }
            let victimIndexes = try victims.map { try withEntries($0.file) { $0 } }
            try await redeclare(victims, victimIndexes)
            let removed = try await housekeeper.whenIdle { [self] in Result { try remove(victims, victimIndexes) } }
            outcome.segments += removed.segments
            outcome.bytes += removed.bytes
            try setFirstTimestamps(of: victimIndexes)
        }
        return outcome
    }

    /// On the housekeeper's thread, so that nothing rewrites a segment that goes.
    private func remove(_ chosen: [Segment], _ chosenIndexes: [[SectionEntry]]) throws -> RetentionOutcome {
        var outcome = RetentionOutcome()
        // One that was rewritten since is another file now; the next call finds it.
        let present = catalog.read { state in
            chosen.indices.filter { index in
                state.series[chosen[index].file.retention.series].contains { $0.file === chosen[index].file }
            }
        }
        let victims = present.map { chosen[$0] }
        catalog.state.withLock { $0.remove(victims, present.map { chosenIndexes[$0] }) }
        do {
            for victim in victims {
                cache.remove(victim.file)
                outcome.segments += 1
                outcome.bytes += victim.storedBytes
                try disk.remove(victim.file.path)
                // From the oldest on, one after the other: a power cut must not bring back records without the deletion of
                // their topic that came after them, nor segments from which the start offsets no longer count.
                try disk.syncDirectory(directory)
            }
        } catch {
            throw EventLogError(.io, error.description)
        }
        return outcome
    }

    private func expired(_ segments: [Segment], _ retention: RetentionClass, now: Int64) -> [Segment] {
        let sealed = segments.prefix { $0.footer != nil }
        var total = segments.reduce(0) { $0 + $1.storedBytes }
        var victims: [Segment] = []
        for segment in sealed {
            let isOld = configuration.retentionMs[retention].map { segment.lastTimestampMs < now - $0 } ?? false
            let isTooMuch = configuration.retentionBytes[retention].map { total > $0 } ?? false
            guard isOld || isTooMuch else { break }
            total -= segment.storedBytes
            victims.append(segment)
        }
        // The last segment of a class stays, so that the class's place in the sequence is never lost.
        if !victims.isEmpty, victims.count == segments.count { victims.removeLast() }
        return victims
    }

    /// Names anew, in the segment being written, the topics that are in no other segment: their next offset must survive.
    private func redeclare(_ victims: [Segment], _ indexes: [[SectionEntry]]) async throws {
        guard let last = victims.last else { return }
        let idle = catalog.read { state -> [TopicName] in
            var names: [TopicName] = []
            var seen: Set<UInt32> = []
            let series = last.file.retention.series
            let kept = state.series[series].filter { segment in !victims.contains { $0.file === segment.file } }
            for entry in indexes.joined() where seen.insert(entry.topic).inserted {
                let topic = state.topics.states[Int(entry.topic)]
                let isActive = kept.last.map { $0.topics.isEmpty && topic.activeSegment == UInt32($0.file.number) } ?? false
                guard topic.isListed, !isActive, !kept.contains(where: { $0.topic(entry.topic) != nil }) else { continue }
                names.append(state.topics.names[Int(entry.topic)])
            }
            return names.sorted()
        }
        try await appendControl(idle, flags: .declaration)
    }

    /// The oldest append time of topics that lost their oldest records.
    private func setFirstTimestamps(of indexes: [[SectionEntry]]) throws {
        for number in Set(indexes.joined().map(\.topic)).sorted() {
            let step = catalog.read { $0.step(number, from: 0) }
            guard case .segment(let view, let last, let from, _) = step else { continue }
            let oldest = try withEntries(view.file) { entries -> Int64? in
                var found: Int64?
                var at = last
                while at != SectionEntry.none, Int(at) < entries.count, entries[Int(at)].endOffset > from {
                    if entries[Int(at)].count > 0 { found = view.firstTimestampMs + Int64(entries[Int(at)].time) }
                    at = entries[Int(at)].previous
                }
                return found
            }
            if let oldest { catalog.state.withLock { $0.topics.states[Int(number)].firstTimestampMs = oldest } }
        }
    }
}

extension Segment {
    /// What it takes on disk, room that is not written yet left out.
    var storedBytes: Int64 { file.storage?.compressedBytes ?? footer?.fileSize ?? dataEnd }
}

extension Catalog.State {
    /// Forgets segments and raises the start of their topics.
    fileprivate mutating func remove(_ victims: [Segment], _ indexes: [[SectionEntry]]) {
        for entry in indexes.joined() {
            let topic = Int(entry.topic)
            topics.states[topic].start = max(topics.states[topic].start, entry.endOffset)
            let isForgotten = entry.baseOffset < topics.states[topic].deletedBelow
            if !isForgotten, entry.flags & UInt32(SectionHeader.Flags.tombstone.rawValue) == 0 {
                topics.states[topic].bytes = max(0, topics.states[topic].bytes - Int64(entry.length))
            }
        }
        guard let series = victims.first?.file.retention.series else { return }
        self.series[series].removeAll { segment in victims.contains { $0.file === segment.file } }
    }
}
