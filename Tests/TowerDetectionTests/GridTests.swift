import Glibc
import Testing
import TowerModel

@testable import TowerDetection

@Suite struct GridTests {
    private static let only: DetectionConfiguration = .only(.novelty)

    private static func findings(_ values: [Double], cut: Int? = nil) throws -> [Finding] {
        var bank = DetectorBank(configuration: only)
        let point = bank.point(metric: "m", managedObject: "")
        bank.expectAnything(point)
        var findings: [Finding] = []
        for (index, value) in values.enumerated() {
            if index == cut {
                var writer = StateWriter()
                bank.encode(into: &writer)
                let bytes = writer.bytes
                var reader = StateReader(bytes)
                bank = try DetectorBank(decoding: &reader, configuration: only)
                var again = StateWriter()
                bank.encode(into: &again)
                #expect(again.bytes == bytes)
            }
            bank.observe(point, at: start.adding(seconds: 60 * Double(index)), value: value, into: &findings)
        }
        return findings
    }

    private static func noise(_ count: Int, seed: UInt64, _ change: (Int, Double) -> Double) -> [Double] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { change($0, generator.gaussian()) }
    }

    @Test func aConstantSeriesHasNoGrid() throws {
        var bank = DetectorBank(configuration: Self.only)
        let point = bank.point(metric: "m", managedObject: "")
        var findings: [Finding] = []
        for index in 0..<1_000 { bank.observe(point, at: start.adding(seconds: Double(index)), value: 4.5, into: &findings) }
        #expect(findings.isEmpty)
        #expect(bank.gridCount == 0)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func aValueFarFromAllOthersIsTold(seed: UInt64) throws {
        let findings = try Self.findings(Self.noise(3_000, seed: seed) { $0 == 2_500 ? 40 : $1 })
        #expect(findings.contains { $0.state == .raised && $0.at == start.adding(seconds: 60 * 2_500) })
        #expect(findings.count { $0.state == .raised } <= 8)
    }

    @Test func scaleAndOriginDoNotMatter() throws {
        let values = Self.noise(3_000, seed: 8) { ($0 == 2_500 ? 400 : 8 * $1).rounded() }
        func places(_ values: [Double]) throws -> [Timestamp] { try Self.findings(values).map(\.at) }
        let expected = try places(values)
        #expect(try places(values.map { $0 * 4_096 }) == expected)
        #expect(try places(values.map { $0 + 65_536 }) == expected)
        #expect(!expected.isEmpty)
    }

    @Test func aGridThatWasKeptGoesOn() throws {
        let values = Self.noise(3_000, seed: 3) { $0 % 700 == 600 ? Double($0) : $1 }
        let whole = try Self.findings(values)
        for cut in [0, 1, 2, 150, 601, 1_999, 2_999] { #expect(try Self.findings(values, cut: cut) == whole) }
        #expect(!whole.isEmpty)
    }

    @Test func noNumberIsTooLargeOrTooSmall() throws {
        var values: [Double] = []
        for number in [0, Double.leastNonzeroMagnitude, 1, -1, 1e-300, 1e300, -1e300, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 3] {
            values += [Double](repeating: number, count: 60) + [number / 3]
        }
        let findings = try Self.findings(values)
        #expect(findings.allSatisfy { $0.score >= 0 && $0.score <= 1 })
    }
}
