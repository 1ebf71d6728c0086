/// The rules of consumer groups, without a clock or a disk: who may commit, and what a group's state becomes.
///
/// Every change gives the group's whole new state, which the log makes durable before it answers.
package struct GroupTable: Sendable {
    package static let maxGroups = 1024
    package static let maxNameBytes = 128
    package static let maxPatterns = 16
    /// Patterns of a group with one member, and of a shared one, whose positions need room in the same record.
    package static let maxPatternBytes = 3 * TopicName.maxBytes
    package static let maxSharedPatternBytes = 640
    package static let maxMembers = 256
    /// How long a member may promise to be silent at most, milliseconds.
    package static let sessionMs: ClosedRange<Int64> = 100...3_600_000

    package internal(set) var groups: [String: Group] = [:]
    /// Counts what members that wait may care for: pauses, resumes, fences.
    package internal(set) var changes: Int64 = 0
    private var revision: Int64 = 0

    package init(_ groups: [Group] = []) {
        for group in groups { self.groups[group.name] = group }
    }

    /// In the order of their names.
    package var sorted: [Group] { groups.values.sorted { $0.name < $1.name } }

    package mutating func join(_ name: String, patterns: [TopicPattern]) throws(EventLogError) -> Group {
        try Self.check(name, patterns, maxBytes: Self.maxPatternBytes)
        var group = try find(name, orMake: patterns)
        group.patterns = patterns
        group.epoch += 1
        group.dismiss()
        group.isHeld = true
        // Positions of a group that was shared become one: the lowest, so that nothing is skipped.
        group.setAll(to: group.committed.sequence)
        return keep(group, isChange: true)
    }

    package mutating func commit(
        _ membership: GroupMembership, cursor: LogCursor, end: Int64
    ) throws(EventLogError) -> Group {
        var group = try held(by: membership, "commit \(cursor.sequence) for")
        group.setAll(to: min(max(cursor.sequence, 0), end))
        return keep(group)
    }

    /// `nil` when the member was fenced already: there is nothing to leave.
    package mutating func leave(_ membership: GroupMembership) -> Group? {
        guard var group = groups[membership.group], group.epoch == membership.epoch, group.isHeld else { return nil }
        group.dismiss()
        group.epoch += 1
        return keep(group, isChange: true)
    }

    package mutating func seek(_ name: String, to cursor: LogCursor, end: Int64) throws(EventLogError) -> Group {
        var group = try find(name, "seek")
        group.setAll(to: min(max(cursor.sequence, 0), end))
        group.epoch += 1
        group.dismiss()
        return keep(group, isChange: true)
    }

    /// `nil` when it was so already.
    package mutating func setPaused(_ name: String, _ isPaused: Bool) throws(EventLogError) -> Group? {
        var group = try find(name, isPaused ? "pause" : "resume")
        guard group.isPaused != isPaused else { return nil }
        group.isPaused = isPaused
        return keep(group, isChange: true)
    }

    /// Whether a member must wait because its group is paused. Throws `staleMember` when it was fenced.
    package func isPaused(_ membership: GroupMembership) throws(EventLogError) -> Bool {
        try held(by: membership, "go on reading for").isPaused
    }

    private func held(by membership: GroupMembership, _ what: String) throws(EventLogError) -> Group {
        guard let group = groups[membership.group], group.epoch == membership.epoch, group.isHeld else {
            throw EventLogError(
                .staleMember,
                "could not \(what) group \(membership.group): epoch \(membership.epoch) is no longer its member; join again")
        }
        return group
    }

    // MARK: Shared with the other half

    func find(_ name: String, _ what: String) throws(EventLogError) -> Group {
        guard let group = groups[name] else {
            throw EventLogError(
                .unknownGroup, "could not \(what) group \(name): no member ever joined it; look at the list of groups")
        }
        return group
    }

    func find(_ name: String, orMake patterns: [TopicPattern]) throws(EventLogError) -> Group {
        if let group = groups[name] { return group }
        guard groups.count < Self.maxGroups else {
            throw EventLogError(.tooManyGroups, "could not create group \(name): there are \(Self.maxGroups) already; remove one")
        }
        return Group(name: name, patterns: patterns, committed: .start, epoch: 0)
    }

    mutating func keep(_ group: Group, isChange: Bool = false) -> Group {
        revision += 1
        var group = group
        group.revision = revision
        groups[group.name] = group
        if isChange { changes += 1 }
        return group
    }

    package static func check(_ name: String, _ patterns: [TopicPattern], maxBytes: Int) throws(EventLogError) {
        let isNameFine = !name.isEmpty && name.utf8.count <= maxNameBytes && name.utf8.allSatisfy { $0 >= 0x21 && $0 != 0x7F }
        let arePatternsFine =
            patterns.count <= maxPatterns && patterns.allSatisfy { (1...TopicName.maxBytes).contains($0.text.utf8.count) }
            && patterns.reduce(0, { $0 + $1.text.utf8.count }) <= maxBytes
        guard isNameFine, arePatternsFine else {
            throw EventLogError(
                .badGroup,
                "could not join group \(name.prefix(128)): a name has 1 to \(maxNameBytes) bytes without blanks, at most"
                    + " \(maxPatterns) patterns of \(maxBytes) bytes together")
        }
    }
}
