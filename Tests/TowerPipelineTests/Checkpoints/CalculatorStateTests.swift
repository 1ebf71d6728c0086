import Testing
import TowerModel
import TowerPipeline
import TowerStreaming

/// What the encoding of a calculator holds, and what it refuses.
@Suite struct CalculatorStateTests {
    /// Everything a value holds, by reflection; numbers of one process left out, what has no order of its own sorted.
    static func everything(_ value: Any, label: String = "") -> String {
        let mirror = Mirror(reflecting: value)
        let processLocal: Set = [
            "symbols", "numberOfTenant", "numberOfSymbol", "telemetry", "places", "siteOfPlace", "metrics", "inventory", "site",
            "siteOrder", "siteIndex", "alarmCodec", "configuration",
        ]
        guard !mirror.children.isEmpty else { return String(describing: value) }
        var parts = mirror.children.compactMap { child -> String? in
            if let label = child.label, processLocal.contains(label) { return nil }
            return (child.label ?? "") + "=" + everything(child.value, label: child.label ?? "")
        }
        let isUnordered = mirror.displayStyle == .dictionary || mirror.displayStyle == .set
        if isUnordered || label == "sites" || label == "tenants" { parts.sort() }
        return "\(mirror.subjectType)(" + parts.joined(separator: ",") + ")"
    }

    static func calculator() async throws -> (KPICalculator, SymbolTable) {
        let fleet = try await FleetLog(seed: 9, sites: 3, hours: 4, noise: "late=0.3,duplicates=0.1")
        var reader = StageReader(log: fleet.log)
        var stage = StateEqualityTests.calculator(reader.symbols)
        _ = try await reader.readOn(&stage)
        let core = Mirror(reflecting: stage).children.first { $0.label == "calculator" }?.value as? KPICalculator
        return (try #require(core), reader.symbols)
    }

    /// A field that is added to the calculator and not to its encoding makes this fail.
    @Test func nothingOfACalculatorIsLeftOut() async throws {
        let (calculator, _) = try await Self.calculator()
        let kept = calculator.stateBytes
        var restored = KPICalculator(symbols: SymbolTable())
        var reader = StateReader(kept)
        try restored.restore(from: &reader)
        #expect(reader.isAtEnd && restored.stateBytes == kept)
        let text = Self.everything(calculator)
        #expect(text.contains("SampleHour") && text.contains("ProcessHour"))
        #expect(Self.everything(restored) == text)
    }

    @Test func aStateThatEndsTooEarlyIsRefusedAndChangesNothing() async throws {
        let (calculator, _) = try await Self.calculator()
        let kept = calculator.stateBytes
        for end in stride(from: 0, to: kept.count, by: max(1, kept.count / 200)) {
            var restored = KPICalculator(symbols: SymbolTable())
            var reader = StateReader(Array(kept[..<end]))
            #expect(throws: StateError.self, "cut at \(end)") { try restored.restore(from: &reader) }
            #expect(restored.stateBytes == KPICalculator(symbols: SymbolTable()).stateBytes)
        }
    }
}
