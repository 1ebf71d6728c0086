public import TowerStreaming

extension Catalog.State {
    enum TopicStep {
        case unknown, end
        /// Look in this segment, from its section `last` backwards; if nothing is there, go on at offset `next`.
        case segment(SegmentView, last: UInt32, from: Int64, next: Int64?)
    }

    /// Where to look for a topic's records from `offset` on.
    func step(_ number: UInt32?, from offset: Int64) -> TopicStep {
        guard let number, topics.states[Int(number)].isListed else { return .unknown }
        let topic = topics.states[Int(number)]
        let at = max(offset, topic.start)
        guard at < topic.next else { return .end }
        let series = topic.retention.series
        var next: (offset: Int64, index: Int, last: UInt32)?
        for index in self.series[series].indices.reversed() {
            let segment = self.series[series][index]
            let place: (first: Int64, last: UInt32)
            // The last one may be sealed already when what was to follow it found no room: its topics are still in the table.
            if segment.topics.isEmpty, index == self.series[series].count - 1 {
                guard topic.activeSegment == UInt32(segment.file.number), topic.activeLast != SectionEntry.none else { continue }
                place = (topic.activeFirstOffset, topic.activeLast)
            } else {
                guard let row = segment.topic(number) else { continue }
                place = (row.firstOffset, row.last)
            }
            if place.first <= at { return .segment(view(series, index: index), last: place.last, from: at, next: next?.offset) }
            next = (place.first, index, place.last)
        }
        return next.map { .segment(view(series, index: $0.index), last: $0.last, from: at, next: nil) } ?? .end
    }
}

extension Journal {
    public func fetch(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [StoredRecord] {
        var records: [StoredRecord] = []
        var bytesLeft = maxBytes
        try readSections(topic, from: offset, bytesLeft: { bytesLeft }) { header, bytes, from in
            var isFull = false
            header.forEachRecord(bytes) { index, layout in
                guard header.baseOffset + Int64(index) >= from else { return true }
                if !records.isEmpty, layout.value.count > bytesLeft {
                    isFull = true
                    return false
                }
                bytesLeft -= layout.value.count
                if let record = StoredRecord(bytes, layout, header: header, index: index, topic: topic) { records.append(record) }
                return true
            }
            return !isFull
        }
        return records
    }

    /// The records of one topic from `offset` on as Kafka record batches (RecordBatch v2), whole sections, until
    /// `maxBytes` of batches (at least one batch if there is any). Empty at the end of the topic.
    public func recordBatches(topic: TopicName, from offset: Int64, maxBytes: Int) async throws -> [UInt8] {
        var output: [UInt8] = []
        try readSections(topic, from: offset, bytesLeft: { maxBytes - output.count }) { header, bytes, _ in
            let size = RecordBatchV2.headerSize + header.recordsLength
            if !output.isEmpty, output.count + size > maxBytes { return false }
            let records = UnsafeRawBufferPointer(rebasing: bytes[header.headLength..<header.headLength + header.recordsLength])
            RecordBatchV2.append(header, records: records, to: &output)
            return true
        }
        return output
    }

    /// Calls `body` with the topic's whole sections from `offset` on, until it returns false.
    private func readSections(
        _ topic: TopicName, from offset: Int64, bytesLeft: () -> Int,
        _ body: (SectionHeader, UnsafeRawBufferPointer, Int64) throws -> Bool
    ) throws {
        try checkOpen()
        var at = offset
        var isGoingOn = true
        while isGoingOn {
            let step = catalog.read { $0.step($0.topics.number(of: topic), from: at) }
            switch step {
            case .unknown: throw EventLogError.unknownTopic(topic)
            case .end: return
            case .segment(let view, let last, let from, let next):
                let budget = max(bytesLeft(), 0)
                let found = try sections(view, last: last, from: from, maxBytes: budget)
                guard let end = found.last?.endOffset else {
                    guard let next, next > from else { return }
                    at = next
                    continue
                }
                try SectionReader(catalog: catalog, buffers: readBuffers).read(found.map(view.located)) { _, header, bytes in
                    isGoingOn = try body(header, bytes, from)
                    return isGoingOn
                }
                at = end
                if bytesLeft() <= 0 { return }
            }
        }
    }

    /// As `chain`, without the whole index where it is not in memory and the topic's part of it is small.
    private func sections(_ view: SegmentView, last: UInt32, from offset: Int64, maxBytes: Int) throws -> [SectionEntry] {
        if let index = cache.find(view.file) { return Self.chain(view.file, index, last: last, from: offset, maxBytes: maxBytes) }
        if let footer = view.footer {
            do {
                if let links = try IndexLinks.read(view.file, footer, last: last, from: offset) {
                    return Self.take(links, maxBytes: maxBytes)
                }
            } catch {
                throw EventLogError(.io, error.description)
            }
        }
        return Self.chain(view.file, try index(view.file), last: last, from: offset, maxBytes: maxBytes)
    }

    /// A topic's sections in one segment that hold `offset` or more, oldest first, about `maxBytes` of them, at least one.
    private static func chain(
        _ file: SegmentFile, _ index: SectionIndex, last: UInt32, from offset: Int64, maxBytes: Int
    ) -> [SectionEntry] {
        guard Int(last) < index.count else { return [] }
        // Readers at the end of a topic find their place within a few steps.
        var places: [UInt32] = []
        var at = last
        while places.count < maxSteps, Int(at) < index.count, index[Int(at)].endOffset > offset {
            if index[Int(at)].count > 0 { places.append(at) }
            at = index[Int(at)].previous
        }
        if places.count < maxSteps {
            return take(places.reversed(), of: index, maxBytes: maxBytes)
        }
        return file.places.withPlaces(of: index[Int(last)].topic, last: last, in: index) { places in
            let first = places.firstPosition { index[Int($0)].endOffset <= offset }
            return take(places[first...], of: index, maxBytes: maxBytes)
        }
    }

    /// Steps from section to section before a table is made for the topic.
    private static let maxSteps = 64

    private static func take(_ places: some Sequence<UInt32>, of index: SectionIndex, maxBytes: Int) -> [SectionEntry] {
        take(places.lazy.map { index[Int($0)] }, maxBytes: maxBytes)
    }

    private static func take(_ entries: some Sequence<SectionEntry>, maxBytes: Int) -> [SectionEntry] {
        var found: [SectionEntry] = []
        var bytes = 0
        for entry in entries {
            if !found.isEmpty, bytes > maxBytes { break }
            bytes += Int(entry.length)
            found.append(entry)
        }
        return found
    }
}
