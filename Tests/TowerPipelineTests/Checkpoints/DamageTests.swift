import Testing
import TowerModel
import TowerStreaming

@testable import TowerPipeline

/// Bytes that are not what was written are never taken for a state.
@Suite struct CheckpointDamageTests {
    private static let head = Checkpoint(
        group: "g", position: LogCursor(sequence: 77), settingsHash: 0xABCD,
        newest: .init(sequence: 76, timestampMs: 1_767_322_800_000))

    private static let whole = head.bytes { writer in
        writer.write("a name")
        for number in 0..<60 { writer.write(Double(number) * 1.5) }
    }

    private func read(_ bytes: [UInt8]) -> Result<Checkpoint, Checkpoint.Refusal> {
        do { return .success(try Checkpoint(reading: bytes, group: "g", settingsHash: 0xABCD)) } catch { return .failure(error) }
    }

    @Test func whatWasWrittenIsRead() throws {
        let checkpoint = try read(Self.whole).get()
        #expect(checkpoint.position.sequence == 77 && checkpoint.settingsHash == 0xABCD && checkpoint.group == "g")
        #expect(checkpoint.newest == Self.head.newest)
        var reader = StateReader(Self.whole, from: checkpoint.stateStart)
        #expect(try reader.name("name") == "a name")
    }

    /// The bytes of docs/formats/checkpoint.md.
    @Test func theBytesAreThoseOfTheFormat() {
        let head = Checkpoint(group: "ab", position: LogCursor(sequence: 5), settingsHash: 6, newest: nil)
        let empty = head.bytes { $0.write(byte: 9) }
        #expect(empty.count == 64 + 2 + 1)
        #expect(Array(empty[0..<8]) == Array("TOWERCKP".utf8))
        #expect(Array(empty[12..<32]) == [1, 0, 2, 0, 5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(empty[32..<48]) == [UInt8](repeating: 255, count: 16))
        #expect(Array(empty[48..<56]) == [1, 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(empty[64...]) == [0x61, 0x62, 9])
    }

    /// "123456789" is 0xE3069283 (RFC 3720, appendix B.4, gives the polynomial and vectors).
    @Test func theChecksumIsCastagnolis() {
        #expect(CRC32C.of(Array("123456789".utf8), in: 0..<9) == 0xE306_9283)
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32), in: 0..<32) == 0x8A91_36AA)
        #expect(CRC32C.of([UInt8](repeating: 255, count: 32), in: 0..<32) == 0x62A8_AB43)
    }

    @Test func tornAtEveryByteItIsRefused() {
        for end in 0..<Self.whole.count {
            #expect(throws: Checkpoint.Refusal.self, "cut at \(end)") { try read(Array(Self.whole[..<end])).get() }
        }
        #expect(throws: Checkpoint.Refusal.self) { try read(Self.whole + [0]).get() }
    }

    @Test func everyBitThatFlipsIsNoticed() {
        for bit in 0..<Self.whole.count * 8 {
            var bytes = Self.whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: Checkpoint.Refusal.self, "bit \(bit)") { try read(bytes).get() }
        }
    }

    @Test func anotherFormatIsRefusedByNumber() {
        var bytes = Self.whole
        bytes[12] = 3
        #expect(throws: Checkpoint.Refusal.format(3)) { try read(bytes).get() }
    }

    /// A place among partitions stands behind the name, and the version says so.
    @Test func aPlaceWithPartsIsWrittenWhole() throws {
        let position = LogCursor(parts: [LogPart(name: "towerco.sites.events/0", next: 70), LogPart(name: "towerco.sites.events/11", next: 7)])
        let bytes = Checkpoint(group: "g", position: position, settingsHash: 0xABCD, newest: nil).bytes { $0.write("a name") }
        #expect(Array(bytes[12..<16]) == [2, 0, 1, 0] && bytes[60] == UInt8(position.description.utf8.count))
        let checkpoint = try read(bytes).get()
        #expect(checkpoint.position == position)
        var reader = StateReader(bytes, from: checkpoint.stateStart)
        #expect(try reader.name("name") == "a name")
        for end in 0..<bytes.count { #expect(throws: Checkpoint.Refusal.self, "cut at \(end)") { try read(Array(bytes[..<end])).get() } }
        for bit in 0..<bytes.count * 8 {
            var harmed = bytes
            harmed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: Checkpoint.Refusal.self, "bit \(bit)") { try read(harmed).get() }
        }
    }

    @Test(arguments: [("h", UInt64(0xABCD)), ("g", 1)]) func anotherGroupOrOtherSettingsAreRefused(group: String, hash: UInt64) {
        #expect(throws: Checkpoint.Refusal.self) { _ = try Checkpoint(reading: Self.whole, group: group, settingsHash: hash) }
    }
}
