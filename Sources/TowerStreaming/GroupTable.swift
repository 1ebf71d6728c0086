/// The rules of consumer groups, without a clock or a disk: who may commit, and what a group's state becomes.
///
/// Every change gives the group's whole new state, which the log makes durable before it answers.
package struct GroupTable: Sendable {
    package struct Group: Sendable, Equatable {
        package var name: String
        package var patterns: [TopicPattern]
        package var committed: LogCursor
        package var epoch: Int64
        package var members: Int
        package init(name: String, patterns: [TopicPattern], committed: LogCursor, epoch: Int64, members: Int) {
            self.name = name
            self.patterns = patterns
            self.committed = committed
            self.epoch = epoch
            self.members = members
        }
    }

    package static let maxGroups = 1024
    package static let maxNameBytes = 128
    package static let maxPatterns = 16

    package private(set) var groups: [String: Group] = [:]

    package init(_ groups: [Group] = []) {
        for group in groups { self.groups[group.name] = group }
    }

    /// In the order of their names.
    package var sorted: [Group] { groups.values.sorted { $0.name < $1.name } }

    package mutating func join(_ name: String, patterns: [TopicPattern]) throws(EventLogError) -> Group {
        try Self.check(name, patterns)
        guard groups[name] != nil || groups.count < Self.maxGroups else {
            throw EventLogError(.tooManyGroups, "could not create group \(name): there are \(Self.maxGroups) already; remove one")
        }
        var group = groups[name] ?? Group(name: name, patterns: patterns, committed: .start, epoch: 0, members: 0)
        group.patterns = patterns
        group.epoch += 1
        group.members = 1
        groups[name] = group
        return group
    }

    package mutating func commit(
        _ membership: GroupMembership, cursor: LogCursor, end: Int64
    ) throws(EventLogError) -> Group {
        guard var group = groups[membership.group], group.epoch == membership.epoch else {
            throw EventLogError(
                .staleMember,
                "could not commit \(cursor.sequence) for group \(membership.group): epoch \(membership.epoch) is no longer its"
                    + " member; join again")
        }
        group.committed = LogCursor(sequence: min(max(cursor.sequence, 0), end))
        groups[group.name] = group
        return group
    }

    /// `nil` when the member was fenced already: there is nothing to leave.
    package mutating func leave(_ membership: GroupMembership) -> Group? {
        guard var group = groups[membership.group], group.epoch == membership.epoch, group.members > 0 else { return nil }
        group.members = 0
        group.epoch += 1
        groups[group.name] = group
        return group
    }

    package mutating func seek(_ name: String, to cursor: LogCursor, end: Int64) throws(EventLogError) -> Group {
        guard var group = groups[name] else {
            throw EventLogError(
                .unknownGroup, "could not seek group \(name): no member ever joined it; look at the list of groups")
        }
        group.committed = LogCursor(sequence: min(max(cursor.sequence, 0), end))
        group.epoch += 1
        group.members = 0
        groups[name] = group
        return group
    }

    private static func check(_ name: String, _ patterns: [TopicPattern]) throws(EventLogError) {
        let isNameFine = !name.isEmpty && name.utf8.count <= maxNameBytes && name.utf8.allSatisfy { $0 >= 0x21 && $0 != 0x7F }
        let arePatternsFine =
            patterns.count <= maxPatterns && patterns.allSatisfy { (1...TopicName.maxBytes).contains($0.text.utf8.count) }
            && patterns.reduce(0, { $0 + $1.text.utf8.count }) <= 3 * TopicName.maxBytes
        guard isNameFine, arePatternsFine else {
            throw EventLogError(
                .badGroup,
                "could not join group \(name.prefix(128)): a name has 1 to \(maxNameBytes) bytes without blanks, at most"
                    + " \(maxPatterns) patterns of 747 bytes together")
        }
    }
}
