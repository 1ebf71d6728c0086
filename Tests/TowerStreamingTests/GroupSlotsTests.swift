import Testing
import TowerTestKit

@testable import TowerStreaming

@Suite struct GroupSlotsTests {
    /// The numbers are on disk: a topic must stay in its slot.
    @Test(arguments: [
        ("towerco.sites.SITE-000001.events", 15), ("towerco.sites.SITE-000002.events", 9), ("towerco.platform.audit", 8), ("a", 0),
    ])
    func aTopicKeepsItsSlot(topic: String, slot: Int) {
        #expect(GroupSlots.slot(of: TopicName(topic)) == slot)
    }

    @Test func topicsSpreadOverTheSlots() {
        var counts = [Int](repeating: 0, count: GroupSlots.count)
        for site in 0..<32_000 { counts[GroupSlots.slot(of: Topic.siteEvents(site: "SITE-\(site)"))] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
    }

    /// Even, complete, and never moving a slot that could stay: over random comings and goings.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func slotsAreDealtEvenlyAndMoveAsLittleAsCanBe(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var members: [Int64] = []
        var owners = [Int64](repeating: 0, count: GroupSlots.count)
        for epoch in 1...60 as ClosedRange<Int64> {
            if members.isEmpty || Int.random(in: 0..<5, using: &generator) < 3 {
                members.append(epoch)
            } else {
                members.remove(at: Int.random(in: 0..<members.count, using: &generator))
            }
            let dealt = GroupSlots.deal(owners, to: members)
            #expect(GroupSlots.deal(owners, to: members) == dealt)
            guard !members.isEmpty else {
                #expect(dealt.allSatisfy { $0 == 0 })
                owners = dealt
                continue
            }
            let shares = members.map { member in dealt.filter { $0 == member }.count }
            #expect(shares.reduce(0, +) == GroupSlots.count && (shares.max() ?? 0) - (shares.min() ?? 0) <= 1)
            // The least that must move: what has no owner any more, and what lies above the shares.
            let held = members.map { member in owners.filter { $0 == member }.count }.sorted(by: >)
            let base = GroupSlots.count / members.count
            let larger = GroupSlots.count % members.count
            let stays = held.enumerated().reduce(0) { $0 + min($1.element, $1.offset < larger ? base + 1 : base) }
            #expect(zip(owners, dealt).filter { $0 == $1 }.count == stays)
            owners = dealt
        }
    }
}

@Suite struct GroupTableTests {
    private func slots(_ assignment: GroupAssignment, at position: Int64) -> [GroupSlot] {
        assignment.slots.map { GroupSlot(slot: $0.slot, since: $0.since, next: LogCursor(sequence: position)) }
    }

    /// A slot that went away and came back is not committed under its old right.
    @Test func aSlotThatCameBackHasANewRight() throws {
        var table = GroupTable()
        let one = try table.join("g", patterns: [.siteEvents], member: "one", sessionMs: 1000, nowMs: 0).0
        let before = try table.assignment(of: one, nowMs: 0).0
        let two = try table.join("g", patterns: [.siteEvents], member: "two", sessionMs: 1000, nowMs: 0).0
        let ofTwo = try table.assignment(of: two, nowMs: 0).0
        _ = try table.commit(two, slots: slots(ofTwo, at: 5), end: 100, nowMs: 0)
        _ = table.leave(two)
        let (after, group) = try table.commit(one, slots: slots(before, at: 50), end: 100, nowMs: 0)
        let returned = Set(ofTwo.slots.map(\.slot))
        #expect(after.slots.map(\.next.sequence) == after.slots.map { returned.contains($0.slot) ? 5 : 50 })
        #expect(group.committed.sequence == 5)
    }

    @Test func positionsNeverGoBackAndNeverPassTheEnd() throws {
        var table = GroupTable()
        let one = try table.join("g", patterns: [.siteEvents], member: "one", sessionMs: 1000, nowMs: 0).0
        let assignment = try table.assignment(of: one, nowMs: 0).0
        for (position, expected) in [(8, 8), (3, 8), (1000, 20), (-1, 20)] as [(Int64, Int64)] {
            let after = try table.commit(one, slots: slots(assignment, at: position), end: 20, nowMs: 0).0
            #expect(after.slots.allSatisfy { $0.next.sequence == expected })
        }
    }

    @Test func aDistanceThatTheFormatCannotSayIsSetBack() {
        var group = GroupTable.Group(name: "g", patterns: [], committed: .start, epoch: 1)
        var positions = [Int64](repeating: 10, count: GroupSlots.count)
        positions[3] = .max
        group.set(positions)
        #expect(group.position(3) == 10 + GroupTable.Group.maxAhead && group.position(4) == 10)
        #expect(group.furthest == group.position(3))
    }

    @Test func revisionsRiseWithEveryChange() throws {
        var table = GroupTable()
        let first = try table.join("g", patterns: [])
        let second = try table.join("h", patterns: [])
        let third = try #require(try table.setPaused("g", true))
        #expect(first.revision < second.revision && second.revision < third.revision)
        #expect(try table.setPaused("g", true) == nil)
    }
}
