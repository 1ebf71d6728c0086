/// Where a pattern reader stands: the place of the next record it has not seen.
///
/// - Shape: the journal writes all topics in one order, so there one number, `sequence`, is a position in all of them and
///   `parts` is empty. A broker has an order per partition: there `parts` names the next offset of each, and `sequence` is
///   their sum, so that it still rises with every record read.
/// - `start` is the beginning of everything in both. A partition that `parts` does not name is read from its oldest record.
/// - Order: by `sequence`. Cursors of different readers of a broker compare by how much was read, not by what.
/// - Text: `17`, or `topic/0=12,topic/1=5`; that text is the stored form too, a plain number where there are no parts.
public struct LogCursor: Hashable, Comparable, Sendable {
    public let sequence: Int64
    /// In the order of their names; empty for a log with one order.
    public let parts: [LogPart]

    public init(sequence: Int64) {
        self.sequence = sequence
        parts = []
    }

    /// - Parameter parts: in any order; of a partition named twice the later place counts.
    public init(parts: [LogPart]) {
        var sorted = parts.sorted()
        if zip(sorted, sorted.dropFirst()).contains(where: { $0.name == $1.name }) {
            var kept: [LogPart] = []
            for part in sorted {
                if kept.last?.name == part.name { kept.removeLast() }
                kept.append(part)
            }
            sorted = kept
        }
        self.parts = sorted
        sequence = sorted.reduce(0) { $0 &+ $1.next }
    }

    public static let start = LogCursor(sequence: 0)
    public static func < (left: Self, right: Self) -> Bool { left.sequence < right.sequence }

    /// The next offset of a partition; `nil` where it is not named.
    public func next(in name: String) -> Int64? {
        var low = 0
        var high = parts.count
        while low < high {
            let middle = (low + high) / 2
            if parts[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < parts.count && parts[low].name == name ? parts[low].next : nil
    }

    /// Whether a reader at this cursor has passed the record at `offset` of a partition of a broker.
    public func covers(topic: TopicName, partition: Int32, offset: Int64) -> Bool {
        next(in: LogPart.name(topic, partition)).map { offset < $0 } ?? false
    }

    /// Whether a reader at this cursor has passed what `append` put there.
    ///
    /// - Parameter topic: where the log keeps the record: `EventLog.place(of:)`.
    public func covers(_ position: StoredPosition, in topic: TopicName) -> Bool {
        parts.isEmpty ? position.sequence >= 0 && position.sequence < sequence
            : covers(topic: topic, partition: position.partition, offset: position.offset)
    }

    /// The same cursor with the parts of `other` put over its own; a plain one becomes `other` if that is later.
    public func merging(_ other: LogCursor) -> LogCursor {
        guard !parts.isEmpty else { return other.parts.isEmpty && other < self ? self : other }
        guard !other.parts.isEmpty else { return self }
        var places: [String: Int64] = [:]
        for part in parts { places[part.name] = part.next }
        for part in other.parts { places[part.name] = part.next }
        return LogCursor(parts: places.map { LogPart(name: $0.key, next: $0.value) })
    }
}

/// The next offset to read in one partition of a broker's topic.
public struct LogPart: Hashable, Comparable, Sendable {
    /// `topic/partition`.
    public var name: String
    public var next: Int64
    public init(name: String, next: Int64) {
        self.name = name
        self.next = next
    }
    public init(_ topic: TopicName, _ partition: Int32, next: Int64) {
        self.init(name: Self.name(topic, partition), next: next)
    }

    public static func name(_ topic: TopicName, _ partition: Int32) -> String { "\(topic.rawValue)/\(partition)" }
    public static func < (left: Self, right: Self) -> Bool {
        left.name == right.name ? left.next < right.next : left.name < right.name
    }

    /// `nil` where the name is not `topic/partition`.
    public var place: (topic: TopicName, partition: Int32)? {
        guard let slash = name.lastIndex(of: "/"), let partition = Int32(name[name.index(after: slash)...]), partition >= 0
        else { return nil }
        return (TopicName(String(name[..<slash])), partition)
    }
}

extension LogCursor: CustomStringConvertible, LosslessStringConvertible {
    /// Parts in a text; a broker's cluster has fewer partitions that anybody reads at once.
    public static let maxParts = 100_000

    public var description: String {
        parts.isEmpty ? String(sequence) : parts.map { "\($0.name)=\($0.next)" }.joined(separator: ",")
    }

    /// Reads what `description` wrote; `nil` for anything else.
    public init?(_ text: String) {
        if let sequence = Int64(text) {
            self.init(sequence: sequence)
            return
        }
        var parts: [LogPart] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = word.lastIndex(of: "="), let next = Int64(word[word.index(after: equals)...]), next >= 0 else { return nil }
            let part = LogPart(name: String(word[..<equals]), next: next)
            guard let place = part.place, place.topic.isValid, parts.count < Self.maxParts else { return nil }
            parts.append(part)
        }
        let sums = parts.reduce(into: (sum: Int64(0), isFine: true)) { total, part in
            let (sum, hasOverflowed) = total.sum.addingReportingOverflow(part.next)
            total = (sum, total.isFine && !hasOverflowed)
        }
        guard sums.isFine, Set(parts.map(\.name)).count == parts.count else { return nil }
        self.init(parts: parts)
    }
}

extension LogCursor: Codable {
    private enum Key: String, CodingKey {
        case sequence
    }

    /// Reads a number, the text, and the object with a `sequence` that was written before there were parts.
    public init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            self.init(sequence: try object.decode(Int64.self, forKey: .sequence))
            return
        }
        let value = try decoder.singleValueContainer()
        if let sequence = try? value.decode(Int64.self) {
            self.init(sequence: sequence)
            return
        }
        let text = try value.decode(String.self)
        guard let cursor = LogCursor(text) else {
            throw DecodingError.dataCorruptedError(
                in: value, debugDescription: "a place in the log is a number or topic/partition=offset, joined by commas")
        }
        self = cursor
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        if parts.isEmpty { try value.encode(sequence) } else { try value.encode(description) }
    }
}
