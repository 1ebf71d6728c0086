import Testing
import TowerModel

@testable import TowerCausality

@Suite struct LagTests {
    @Test(arguments: [Lag.uniform(10, 20), .logNormal(median: 3_600, p90: 21_600)])
    func sharesGrowFromNoneToAll(_ lag: Lag) {
        var last = 0.0
        for step in 0...400 {
            let share = lag.cumulative(Double(step) * 300)
            #expect(share >= last && share <= 1)
            last = share
        }
        #expect(lag.cumulative(0) == 0)
        #expect(lag.cumulative(.infinity) == 1)
        #expect(abs(lag.cumulative(lag.quantile(0.5)) - 0.5) < 0.001)
        #expect(abs(lag.cumulative(lag.quantile(0.9)) - 0.9) < 0.001)
    }

    @Test func aLagThatFitsSpeaksForAndOneThatDoesNotAgainst() {
        let lag = Lag.uniform(1, 5)
        #expect(lag.logRatio(3, tolerance: 10) > 1)
        #expect(lag.logRatio(40_000, tolerance: 10) < -3)
    }
}

@Suite struct TemplateTests {
    @Test func everyStoryIsSound() {
        for template in TemplateLibrary.standard.templates {
            for (index, node) in template.nodes.enumerated() {
                #expect((0...1).contains(node.probability) && (0...1).contains(node.reported), "\(template.name)")
                if let after = node.after { #expect(after < index && after >= 0, "\(template.name) node \(index)") }
            }
            #expect(template.prior > 0 && template.prior < 1)
            #expect(template.anchor == .feeder || template.index(of: template.root) != nil, "\(template.name) lacks its root")
        }
    }

    @Test func theEndOfABatteryHangsOnItsOwnSteps() throws {
        for template in TemplateLibrary.standard.templates {
            guard
                let second = template.nodes.first(where: {
                    $0.condition == .lvd2Open && $0.after != nil && template.anchor == .site
                })
            else { continue }
            #expect(template.nodes[second.after!].condition == .lvd1Open, "\(template.name)")
            let dark = try #require(template.nodes.last { $0.condition == .siteDark })
            #expect(template.nodes[dark.after!].condition == .lvd2Open, "\(template.name)")
        }
    }
}

@Suite struct DeadlineQueueTests {
    @Test func comesOutByInstantAndThenByOrder() {
        var queue = DeadlineQueue<Int>()
        let instants: [Int64] = [5, 1, 3, 1, 5, 2]
        for (number, instant) in instants.enumerated() { queue.schedule(number, at: Timestamp(microseconds: instant)) }
        var order: [Int] = []
        while let due = queue.popDue(by: Timestamp(microseconds: 4)) { order.append(due.element) }
        #expect(order == [1, 3, 5, 2])
        #expect(queue.count == 2)
    }
}

@Suite struct BurstTests {
    static let start = Timestamp("2026-01-15T00:00:00Z")!

    private func raise(_ device: Int32, _ type: Int32, _ second: Double) -> BurstGrouper.Raise {
        .init(
            device: device, type: type, at: Self.start.adding(seconds: second),
            eventID: EventID(high: UInt64(device), low: UInt64(second * 10)),
            slot: 0, severity: .indeterminate)
    }

    @Test func linkedDevicesWithinTheGapAreOneGroupAndOthersAreNot() {
        var grouper = BurstGrouper()
        let first = grouper.take(raise(1, 1, 0), neighbours: [2], now: Self.start)
        let linked = grouper.take(raise(2, 1, 30), neighbours: [1], now: Self.start)
        let stranger = grouper.take(raise(9, 1, 31), neighbours: [], now: Self.start)
        let tooLate = grouper.take(raise(3, 1, 200), neighbours: [2], now: Self.start)
        #expect(linked.group == first.group)
        #expect(stranger.group != first.group)
        #expect(tooLate.group != first.group)
    }

    @Test func anAlarmBetweenTwoGroupsJoinsThem() {
        var grouper = BurstGrouper()
        let left = grouper.take(raise(1, 1, 0), neighbours: [2], now: Self.start)
        let right = grouper.take(raise(3, 1, 5), neighbours: [2], now: Self.start)
        _ = grouper.take(raise(1, 2, 6), neighbours: [2], now: Self.start)
        let middle = grouper.take(raise(2, 1, 8), neighbours: [1, 3], now: Self.start)
        let again = grouper.take(raise(2, 2, 9), neighbours: [1, 3], now: Self.start)
        #expect(left.group != right.group)
        #expect([left.group, right.group].contains(middle.group))
        #expect(again.merged == right.group)
        #expect(grouper.group(left.group)?.members.count == 5)
    }

    @Test func aGroupEndsWhenItIsQuietAndNotBefore() {
        var grouper = BurstGrouper()
        let group = grouper.take(raise(1, 1, 0), neighbours: [], now: Self.start).group
        #expect(grouper.advance(to: Self.start.adding(seconds: 500)).isEmpty)
        _ = grouper.take(raise(1, 1, 500), neighbours: [], now: Self.start.adding(seconds: 500))
        #expect(grouper.advance(to: Self.start.adding(seconds: 1_000)).isEmpty)
        #expect(grouper.advance(to: Self.start.adding(seconds: 1_101)) == [group])
    }

    @Test func whatOpensBurstsIsLearnedFromThePastOnly() {
        var statistics = OpenerStatistics()
        let burst: [(type: Int32, first: Int64)] = [(type: 4, first: 100), (type: 2, first: 101), (type: 7, first: 103)]
        let before = statistics.probabilities(burst)
        #expect(before.unknown > 0.4)
        for round in 0..<40 {
            statistics.learn([(type: 2, first: Int64(round) * 100), (type: 4, first: Int64(round) * 100 + 3)])
        }
        let after = statistics.probabilities(burst)
        #expect(after.types[1] > after.types[0])
        #expect(after.unknown < before.unknown)
        #expect(abs(after.types.reduce(0, +) + after.unknown - 1) < 1e-9)
    }

    @Test func openersThatShareASecondShareTheCredit() {
        var statistics = OpenerStatistics()
        for round in 0..<10 { statistics.learn([(type: 1, first: Int64(round)), (type: 2, first: Int64(round))]) }
        let scores = statistics.scores([(type: 1, first: 0), (type: 2, first: 0)])
        #expect(scores[0] == scores[1])
    }
}
