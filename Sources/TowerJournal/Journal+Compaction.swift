import Synchronization
public import TowerStreaming

/// What compacting came to.
public struct CompactionOutcome: Sendable, Equatable {
    public var segments = 0
    public var records: Int64 = 0
    public var bytes: Int64 = 0
    public init() {}
}

extension Journal {
    /// Creates a topic, or gives one that exists another cleanup. Durable when it returns.
    public func createTopic(_ topic: TopicName, _ configuration: TopicConfiguration) async throws {
        try await createTopic(topic)
        guard self.configuration(of: topic) != configuration else { return }
        try await housekeeper.whenIdle { [self] in
            Result {
                var changed = policies.withLock { $0 }
                changed.set(topic, configuration)
                guard changed.compacted.count <= TopicPolicies.maxTopics else {
                    throw EventLogError(
                        .tooManyTopics, "could not compact topic \(topic): \(TopicPolicies.maxTopics) topics are compacted already")
                }
                do {
                    try changed.save(disk, directory: directory)
                } catch let error as DiskError {
                    throw EventLogError(error.isFull ? .diskFull : .io, "could not configure topic \(topic): \(error.description)")
                }
                let saved = changed
                policies.withLock { $0 = saved }
            }
        }
    }

    public func configuration(of topic: TopicName) -> TopicConfiguration {
        TopicConfiguration(cleanup: policies.withLock { $0.compacted.contains(topic) } ? .compact : .delete)
    }

    /// Rewrites sealed segments without the records of compacted topics that a newer record of their key replaced. An empty
    /// value that is its key's only record goes too when it is older than `graceMs`. Records without a key stay. Offsets,
    /// sequences and times of what stays do not change; readers skip the holes.
    ///
    /// Memory: the keys, 1,000,000 at most; records of further keys stay.
    ///
    /// - Parameters:
    ///   - now: milliseconds since the epoch.
    ///   - graceMs: long enough for every reader to have seen that a key is gone.
    @discardableResult
    public func compactTopics(now: Int64, graceMs: Int64 = 86_400_000) async throws -> CompactionOutcome {
        try checkOpen()
        let names = policies.withLock { $0.compacted }
        guard !names.isEmpty else { return CompactionOutcome() }
        return try await housekeeper.whenIdle { [self] in
            Result { try compactNow(names, tombstonesBefore: now - graceMs) }
        }
    }

    private func compactNow(_ names: Set<TopicName>, tombstonesBefore: Int64) throws -> CompactionOutcome {
        var outcome = CompactionOutcome()
        for retention in RetentionClass.allCases {
            let (numbers, nextOffsets, segments) = catalog.read { state -> (Set<UInt32>, [UInt32: Int64], [Segment]) in
                let numbers = names.filter { RetentionClass.of($0) == retention }.compactMap { state.topics.number(of: $0) }
                let listed = numbers.filter { state.topics.states[Int($0)].isListed }
                let next = listed.map { ($0, state.topics.states[Int($0)].next) }
                return (Set(listed), Dictionary(uniqueKeysWithValues: next), state.series[retention.series])
            }
            guard !numbers.isEmpty else { continue }
            var plan = CompactionPlan(topics: numbers, nextOffsets: nextOffsets, tombstonesBefore: tombstonesBefore)
            for segment in segments {
                if housekeeper.isStopping { return outcome }
                try readTopics(segment, plan.topics) { plan.note($0, $1, $2) }
            }
            for segment in segments where segment.footer != nil {
                if housekeeper.isStopping { return outcome }
                try compact(segment, plan, &outcome)
            }
        }
        return outcome
    }

    /// Calls `body` with each whole section of some topics; answers false when one of them could not be read.
    @discardableResult
    private func readTopics(
        _ segment: Segment, _ topics: Set<UInt32>, _ body: (UInt32, SectionHeader, UnsafeRawBufferPointer) -> Void
    ) throws -> Bool {
        let wanted = try withEntries(segment.file) { entries in entries.filter { $0.count > 0 && topics.contains($0.topic) } }
        let located = wanted.map { entry in
            Located(entry, file: segment.file, baseSequence: segment.baseSequence, firstTimestampMs: segment.firstTimestampMs)
        }
        var count = 0
        try SectionReader(catalog: catalog, buffers: readBuffers).read(located) { index, header, bytes in
            body(wanted[index].topic, header, bytes)
            count += 1
            return true
        }
        return count == wanted.count
    }

    private func compact(_ segment: Segment, _ plan: CompactionPlan, _ outcome: inout CompactionOutcome) throws {
        var runs: [Int64: [Range<Int>]] = [:]
        var dropped: (records: Int64, bytes: Int64) = (0, 0)
        let isWhole = try readTopics(segment, plan.topics) { topic, header, bytes in
            let (kept, records, bytes) = plan.kept(topic, header, bytes)
            guard records > 0 else { return }
            runs[header.sequence] = kept
            dropped.records += Int64(records)
            dropped.bytes += Int64(bytes)
        }
        // What a rewriting would save must be worth it; damage is left to `log repair`, which keeps a copy.
        let isWorthIt = Double(dropped.bytes) >= configuration.compactionMinSaving * Double(segment.dataEnd)
        guard isWhole, dropped.records > 0, isWorthIt else { return }
        let entries = try withEntries(segment.file) { $0 }
        let path = segment.file.path + SegmentHeader.temporarySuffix
        do {
            let target = try disk.open(path, .create)
            guard let made = try rewrite(segment, entries, runs, to: target) else { return try disk.remove(path) }
            try disk.rename(path, to: segment.file.path)
            swap(segment, entries, made, target)
            try disk.syncDirectory(directory)
            outcome.segments += 1
            outcome.records += dropped.records
            outcome.bytes += segment.dataEnd - made.footer.dataEnd
        } catch let error as DiskError {
            throw EventLogError(error.isFull ? .diskFull : .io, "could not compact \(segment.file.path): \(error.description)")
        }
    }

    /// `nil` when a section of any topic could not be read, or the journal is closing.
    private func rewrite(_ segment: Segment, _ entries: [SectionEntry], _ runs: [Int64: [Range<Int>]], to target: any DiskFile) throws
        -> (entries: [SectionEntry], footer: SegmentFooter)?
    {
        let header = SegmentHeader(
            retention: segment.file.retention, number: segment.file.number, baseSequence: segment.baseSequence,
            createdMs: segment.firstTimestampMs)
        var rewriter = SegmentRewriter(target: target, segment: header, endSequence: segment.endSequence)
        let located = entries.map { entry in
            Located(entry, file: segment.file, baseSequence: segment.baseSequence, firstTimestampMs: segment.firstTimestampMs)
        }
        var count = 0
        let housekeeper = housekeeper
        try SectionReader(catalog: catalog, buffers: readBuffers).read(located) { index, header, bytes in
            let kept = SegmentRewriter.Kept(
                position: entries[index].filePosition, header: header, topic: entries[index].topic,
                runs: header.recordCount > 0 ? runs[header.sequence] : nil)
            try rewriter.add(kept, bytes)
            count += 1
            return !housekeeper.isStopping
        }
        guard count == entries.count else { return nil }
        return try rewriter.finish(names: catalog.read { $0.topics.names })
    }

    private func swap(
        _ old: Segment, _ oldEntries: [SectionEntry], _ made: (entries: [SectionEntry], footer: SegmentFooter), _ target: any DiskFile
    ) {
        let file = SegmentFile(
            retention: old.file.retention, number: old.file.number, path: old.file.path, file: SegmentStorage(target))
        var rows: [UInt32: SegmentTopic] = [:]
        var change: [UInt32: Int64] = [:]
        for (index, entry) in made.entries.enumerated() {
            let first = rows[entry.topic]?.firstOffset ?? entry.baseOffset
            rows[entry.topic] = SegmentTopic(number: entry.topic, last: UInt32(index), firstOffset: first)
            change[entry.topic, default: 0] += Int64(entry.length)
        }
        for entry in oldEntries { change[entry.topic, default: 0] -= Int64(entry.length) }
        let topics = rows.values.sorted { $0.number < $1.number }
        let changes = change
        catalog.state.withLock { state in
            let series = old.file.retention.series
            guard let index = state.series[series].firstIndex(where: { $0.file === old.file }) else { return }
            state.series[series][index] = Segment(
                file: file, baseSequence: old.baseSequence, endSequence: old.endSequence,
                firstTimestampMs: made.footer.firstTimestampMs, lastTimestampMs: made.footer.lastTimestampMs,
                dataEnd: made.footer.dataEnd, entries: nil, topics: topics, footer: made.footer)
            for (topic, bytes) in changes {
                state.topics.states[Int(topic)].bytes = max(0, state.topics.states[Int(topic)].bytes + bytes)
            }
        }
        cache.remove(old.file)
        cache.insert(made.entries, for: file)
    }
}
