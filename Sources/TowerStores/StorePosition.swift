/// Where a consumer group stands in the log, as a store keeps it: the next record it has not written the effect of.
///
/// - Shape: a log with one order has one number, `sequence`, and no parts. A log of partitions has `parts`, the next offset of
///   each (`topic/partition`), and `sequence` is their sum, so that it rises with every record.
/// - A part that is not named stands at 0, before everything.
public struct StorePosition: Hashable, Sendable, CustomStringConvertible {
    public let sequence: Int64
    public let parts: [String: Int64]

    /// In a log with one order.
    public init(sequence: Int64) {
        self.sequence = sequence
        parts = [:]
    }

    /// In a log of partitions.
    public init(parts: [String: Int64]) {
        self.parts = parts
        sequence = parts.values.reduce(0, &+)
    }

    /// Before everything.
    public static let start = StorePosition(sequence: 0)

    public var description: String {
        guard !parts.isEmpty else { return "\(sequence)" }
        return parts.keys.sorted().map { "\($0)=\(parts[$0] ?? 0)" }.joined(separator: ", ")
    }

    /// What of this position a member speaks for that reads the parts of `other`.
    public func restricted(to other: StorePosition) -> StorePosition {
        guard !other.parts.isEmpty else { return self }
        return StorePosition(parts: parts.filter { other.parts[$0.key] != nil })
    }
}

/// A move of a group from one position to another, that a store makes together with the effect of what lies between.
///
/// The write is a compare-and-set: it happens only while the store stands where the writer took its records up. So a process
/// that was thought dead and wakes changes nothing once its successor has moved on.
public struct PositionMove: Hashable, Sendable {
    public var group: String
    public var from: StorePosition
    public var to: StorePosition

    public init(group: String, from: StorePosition, to: StorePosition) {
        self.group = group
        self.from = from
        self.to = to
    }

    /// Name of the one row that a log without parts has.
    package static let whole = ""

    /// The rows that this compares and writes, in one order for all, so that two writers wait and never block each other.
    package var rows: [(part: String, from: Int64, to: Int64)] {
        guard !(from.parts.isEmpty && to.parts.isEmpty) else { return [(Self.whole, from.sequence, to.sequence)] }
        return Set(from.parts.keys).union(to.parts.keys).sorted().map { part in
            let start = from.parts[part] ?? 0
            return (part, start, to.parts[part] ?? start)
        }
    }

    /// Whether this has to be written, given the rows that the store has; `false` when it has been.
    ///
    /// - Errors: `StoreError.conflict` when somebody else moved the position: the writer must read it anew.
    package func isDue(_ stored: [String: Int64]) throws -> Bool {
        let rows = rows
        if rows.allSatisfy({ stored[$0.part] ?? 0 == $0.from }) { return true }
        // The answer to the commit was lost and the same comes again.
        if rows.allSatisfy({ stored[$0.part] ?? 0 == $0.to }) { return false }
        let found = rows.map { $0.part.isEmpty ? "\(stored[$0.part] ?? 0)" : "\($0.part)=\(stored[$0.part] ?? 0)" }
        throw StoreError(
            .conflict,
            "the group \(group) stands at \(found.joined(separator: ", ")) and not at \(from), where this process began: another one has "
                + "moved it, and nothing was written")
    }
}

extension StorePosition {
    /// The position that a store's rows of a group make.
    package init(rows: [String: Int64]) {
        let parts = rows.filter { $0.key != PositionMove.whole }
        self = parts.isEmpty ? StorePosition(sequence: rows[PositionMove.whole] ?? 0) : StorePosition(parts: parts)
    }
}
