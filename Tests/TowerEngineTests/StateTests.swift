import Testing
import TowerCausality
import TowerModel

@testable import TowerEngine

/// What the encoding of an engine holds, and what it refuses.
@Suite struct StateTests {
    static func bytes(_ engine: Engine) -> [UInt8] {
        var writer = StateWriter()
        engine.encode(into: &writer)
        return writer.bytes
    }

    /// An engine in the middle of a story.
    static func engine(_ index: Int) -> Engine {
        var engine = Engine()
        let script = EventScript(PropertyTests.scripts[index])
        _ = engine.process(script.reordered(Array(0..<script.batch.count * 3 / 4)), arrivedAt: nil)
        return engine
    }

    /// Everything a value holds, by reflection; tables of one process left out, hashed tables sorted.
    static func everything(_ value: Any, _ path: String = "") -> String {
        let mirror = Mirror(reflecting: value)
        let processLocal: Set = [
            "siteOfSymbol", "symbols", "types", "tenantOfSymbol", "pointOfSeries", "layouts", "namedSeries", "configuration",
            // What was worked out from links; and tables numbered in the order of coming, whose content the bytes below hold.
            "reach", "reachVersion", "newest", "readings", "readingList",
        ]
        guard !mirror.children.isEmpty else { return String(describing: value) }
        var parts = mirror.children.compactMap { child -> String? in
            if let label = child.label, processLocal.contains(label) { return nil }
            return (child.label ?? "") + "=" + everything(child.value)
        }
        if mirror.displayStyle == .dictionary || mirror.displayStyle == .set { parts.sort() }
        return "\(mirror.subjectType)(" + parts.joined(separator: ",") + ")"
    }

    /// A field that is added to the engine and not to its encoding makes this fail.
    @Test(arguments: PropertyTests.scripts.indices) func nothingOfAnEngineIsLeftOut(_ index: Int) throws {
        let engine = Self.engine(index)
        let kept = Self.bytes(engine)
        var reader = StateReader(kept)
        let restored = try Engine(decoding: &reader)
        #expect(reader.isAtEnd)
        #expect(Self.everything(restored) == Self.everything(engine))
        #expect(Self.bytes(restored) == kept)
        #expect(restored.stateHashes() == engine.stateHashes() && !engine.stateHashes().isEmpty)
    }

    @Test(arguments: PropertyTests.scripts.indices.prefix(11)) func aStateThatEndsTooEarlyIsRefusedWithItsField(_ index: Int) {
        let kept = Self.bytes(Self.engine(index))
        for end in stride(from: 0, to: kept.count, by: max(1, kept.count / 300)) {
            var reader = StateReader(Array(kept[..<end]))
            #expect(throws: StateError.self, "cut at \(end)") { _ = try Engine(decoding: &reader) }
        }
    }

    @Test func anotherVersionIsRefusedByNumber() {
        var kept = Self.bytes(Self.engine(0))
        kept[0] = 9
        var reader = StateReader(kept)
        #expect(throws: StateError(.version(9), field: "engine", position: 0)) { _ = try Engine(decoding: &reader) }
    }

    @Test func aByteThatWasChangedNeverCrashesTheReader() {
        let kept = Self.bytes(Self.engine(3))
        var state: UInt64 = 5
        var refused = 0
        for _ in 0..<400 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var bytes = kept
            bytes[Int(state >> 33) % bytes.count] ^= UInt8(truncatingIfNeeded: state >> 20) | 1
            var reader = StateReader(bytes)
            if (try? Engine(decoding: &reader)) == nil { refused += 1 }
        }
        #expect(refused > 20)
    }

    @Test func settingsTellStatesApart() {
        var configuration = EngineConfiguration()
        let standard = Engine().settingsHash
        #expect(Engine().settingsHash == standard)
        configuration.feederWindow += 1
        #expect(Engine(configuration: configuration).settingsHash != standard)
        configuration = EngineConfiguration()
        configuration.templates.templates[0].nodes[0].probability = 0.123
        #expect(Engine(configuration: configuration).settingsHash != standard)
        #expect(StateHash.of(settings: Set(["a", "b", "c", "d"])) == StateHash.of(settings: Set(["d", "c", "b", "a", "a"])))
    }
}
