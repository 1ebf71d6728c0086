import Glibc
import Testing
import TowerModel

@testable import TowerDetection

@Suite struct WanderTests {
    /// Eight sensors: two that wander by themselves, six that only tremble; the third strays from row 600 on.
    private static func rows(_ count: Int, seed: UInt64, drift: Double = 0, returns: Int = .max) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        var walks = [0.0, 0.0]
        return (0..<count).map { index in
            (0..<8).map { sensor in
                if sensor < 2 {
                    walks[sensor] = 0.995 * walks[sensor] + 0.05 * generator.gaussian()
                    return 300 + walks[sensor] + 0.02 * generator.gaussian()
                }
                let strays = sensor == 2 && index >= 600 && index < returns
                return 10 * Double(sensor) + 0.1 * generator.gaussian() + (strays ? drift : 0)
            }
        }
    }

    private static func detector(sensors: Int = 8) -> WanderDetector {
        var detector = WanderDetector()
        for _ in 0..<sensors { _ = detector.addSensor() }
        return detector
    }

    private static func anomalous(_ rows: [[Double]], baseline: Int = 400) -> [Int] {
        var detector = detector()
        return rows.indices.filter { index in
            switch detector.observe(rows[index], isFaultFree: index < baseline) {
            case .raised, .anomalous: true
            case .none, .quiet, .cleared: false
            }
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func aSensorThatStraysIsToldAndItsReturnToo(seed: UInt64) {
        let places = Self.anomalous(Self.rows(1_000, seed: seed, drift: 1, returns: 800))
        #expect(places.count { (620..<800).contains($0) } >= 170)
        #expect(places.count { $0 < 600 || $0 > 840 } <= 40)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func whatWandersByItselfIsSeldomTold(seed: UInt64) {
        #expect(Self.anomalous(Self.rows(1_200, seed: seed)).count <= 120)
    }

    @Test func unitsDoNotMatter() {
        let rows = Self.rows(1_000, seed: 6, drift: 1)
        let other = rows.map { $0.enumerated().map { ($1 + 512) * ($0 % 2 == 0 ? 8 : -0.25) } }
        let (left, right) = (Self.anomalous(rows), Self.anomalous(other))
        // Single precision while it learns: a row or two on an edge may fall to the other side.
        #expect(abs(left.count - right.count) <= 4)
        #expect(!left.isEmpty)
    }

    @Test func nothingIsJudgedWithoutABaseline() {
        #expect(Self.anomalous(Self.rows(900, seed: 1, drift: 50), baseline: 0).isEmpty)
        #expect(Self.anomalous(Self.rows(900, seed: 1, drift: 50), baseline: 59).isEmpty)
        #expect(!Self.anomalous(Self.rows(900, seed: 1, drift: 50), baseline: 60).isEmpty)
    }

    @Test func aSensorThatIsAbsentStaysWhereItWas() {
        var rows = Self.rows(1_000, seed: 2, drift: 1)
        for index in 500..<1_000 { rows[index][2] = .nan }
        #expect(Self.anomalous(rows).count <= 60)
        rows = rows.map { Array($0.prefix(2)) }
        #expect(Self.anomalous(rows).count <= 60)
    }

    @Test func aSensorThatNeverMovedTellsWhenItDoes() {
        let rows = (0..<700).map { index in [Double](repeating: index < 500 ? 5 : 9, count: 8) }
        #expect(Self.anomalous(rows).count > 150)
    }

    @Test func faultFreeRowsBeginAnew() {
        var detector = Self.detector()
        let rows = Self.rows(1_000, seed: 3, drift: 2)
        for index in 0..<700 { _ = detector.observe(rows[index], isFaultFree: index < 400) }
        #expect(detector.isAnomalous)
        #expect(detector.observe(rows[700], isFaultFree: true) == .cleared)
        for index in 701..<900 { #expect(detector.observe(rows[index], isFaultFree: true) == .none) }
        // What was a fault is now declared normal.
        for index in 900..<1_000 { _ = detector.observe(rows[index], isFaultFree: false) }
        #expect(!detector.isAnomalous)
        #expect(detector.elapsed == 100)
    }

    @Test(arguments: [1, 59, 60, 399, 400, 401, 620, 999]) func aDetectorThatWasKeptGoesOn(cut: Int) throws {
        let rows = Self.rows(1_000, seed: 4, drift: 1)
        var whole = Self.detector()
        var kept = Self.detector()
        for (index, row) in rows.enumerated() {
            if index == cut {
                var writer = StateWriter()
                kept.encode(into: &writer)
                var reader = StateReader(writer.bytes)
                kept = try WanderDetector(decoding: &reader, configuration: .standard)
                #expect(reader.isAtEnd)
            }
            #expect(whole.observe(row, isFaultFree: index < 400) == kept.observe(row, isFaultFree: index < 400))
        }
        var left = StateWriter()
        var right = StateWriter()
        whole.encode(into: &left)
        kept.encode(into: &right)
        #expect(left.bytes == right.bytes)
    }

    @Test func sensorsAreBounded() {
        var detector = WanderDetector()
        for number in 0..<64 { #expect(detector.addSensor() == number) }
        #expect(detector.addSensor() == nil)
    }
}
