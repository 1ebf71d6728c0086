import Testing
import TowerModel

@testable import TowerDetection

@Suite struct DeadlineWheelTests {
    private typealias Entry = DeadlineWheel.Entry

    /// Seconds ahead, from what is late already to years: every list of the wheel is used.
    private static let spans: [Int64] = [-5_000, 0, 1, 60, 240, 4_000, 4_400, 90_000, 300_000, 40_000_000]

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func whatIsDueComesOutAndNothingElse(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var wheel = DeadlineWheel()
        var waiting: [Entry] = []
        var now = Int64(seed % 2) * 1_767_225_600_000_000 - 7_000_000_000
        for step in 0..<2_000 {
            for part in 0..<Int32.random(in: 0...3, using: &generator) {
                let span = Self.spans.randomElement(using: &generator)! * 1_000_000
                let entry = Entry(
                    time: now + span + Int64.random(in: 0..<70_000_000, using: &generator),
                    point: Int32.random(in: 0..<100, using: &generator), part: part)
                wheel.push(entry)
                waiting.append(entry)
            }
            if step == 1_000 {
                // As a checkpoint keeps it and gives it back.
                var again = DeadlineWheel(at: now)
                for entry in wheel.entries { again.push(entry) }
                wheel = again
            }
            now += Self.spans[Int.random(in: 1..<(step % 50 == 0 ? 9 : 5), using: &generator)] * 1_000_000
            var due: [Entry] = []
            wheel.takeDue(by: now, into: &due)
            let expected = waiting.filter { $0.time <= now }
            waiting.removeAll { $0.time <= now }
            #expect(due.sorted { $0.precedes($1) } == expected.sorted { $0.precedes($1) })
            #expect(wheel.count == waiting.count)
        }
        #expect(wheel.entries == waiting.sorted { $0.precedes($1) })
        #expect(!waiting.isEmpty)
    }

    @Test func anEarlierInstantTakesNothingOut() {
        var wheel = DeadlineWheel()
        var due: [Entry] = []
        wheel.takeDue(by: 60_000_000_000, into: &due)
        wheel.push(Entry(time: 1, point: 0, part: 0))
        wheel.takeDue(by: 2_000_000, into: &due)
        #expect(due.isEmpty)
        wheel.takeDue(by: 60_000_000_000, into: &due)
        #expect(due == [Entry(time: 1, point: 0, part: 0)])
    }
}
