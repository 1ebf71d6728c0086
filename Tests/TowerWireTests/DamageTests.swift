import Glibc
import Testing
import TowerModel
@testable import TowerWire

/// Damaged events are refused, and no byte outside the event is ever read.
@Suite struct DamageTests {
    static let whole = Envelopes.json(
        ["version": "1"],
        payload:
            #"{"string_id":"S\u00e9\ud83d\ude00é😀","v":-53.4e+1,"cell_v":[2.1,{"x":null}],"alarm":{"state":"raised"},"ok":true,"no":false}"#
    )

    /// Memory whose end is the end of a page, with a page behind it that nobody may touch: reading past the end crashes.
    static func atPageEnd(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Void) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let room = (bytes.count + page - 1) / page * page + page
        guard let memory = mmap(nil, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else {
            Issue.record("no memory to map")
            return
        }
        defer { munmap(memory, room + page) }
        #expect(mprotect(memory + room, page, PROT_NONE) == 0)
        let start = memory + (room - bytes.count)
        bytes.withUnsafeBytes { if let source = $0.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) } }
        body(UnsafeRawBufferPointer(start: start, count: bytes.count))
    }

    @Test("every truncation is refused and nothing behind it is read")
    func refusesTruncations() {
        let bytes = Array(Self.whole.utf8)
        var decoder = EventDecoder(symbols: SymbolTable())
        for length in 0...bytes.count {
            Self.atPageEnd(Array(bytes[..<length])) { buffer in
                for _ in 0..<2 {
                    var batch = EventBatch(symbols: decoder.symbols)
                    let error = decoder.append(buffer, to: &batch)
                    #expect((error == nil) == (length == bytes.count))
                    #expect(
                        length == bytes.count || [.truncated, .empty, .invalidUTF8].contains(error?.code),
                        "\(length): \(String(describing: error))")
                }
            }
        }
    }

    @Test("20,000 damaged events never read past their end, and refused ones leave nothing")
    func survivesDamage() {
        var generator = SeededGenerator(state: 20_260_102)
        var decoder = EventDecoder(symbols: SymbolTable())
        let symbolsBefore = decoder.symbols.count
        let page = 1 << 14
        let bytes = Array(Self.whole.utf8)
        Self.atPageEnd([UInt8](repeating: 0, count: page)) { buffer in
            let memory = UnsafeMutableRawBufferPointer(mutating: buffer)
            for _ in 0..<20_000 {
                let damaged = ReferenceTests.mutate(bytes, &generator)
                let start = memory.count - damaged.count
                damaged.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: $0) }
                var batch = EventBatch(symbols: decoder.symbols)
                let error = decoder.append(UnsafeRawBufferPointer(rebasing: memory[start...]), to: &batch)
                #expect(batch.count == (error == nil ? 1 : 0) && batch.fieldStart.count == batch.count + 1)
                #expect(batch.fields.count == Int(batch.fieldStart.last ?? -1) && (error == nil || batch.bytes.isEmpty))
            }
        }
        #expect(decoder.symbols.count > symbolsBefore)
    }

    @Test("every single flipped bit is read or refused, never trapped on")
    func survivesBitFlips() {
        var decoder = EventDecoder(symbols: SymbolTable())
        var bytes = Array(Self.whole.utf8)
        var refused = 0
        for index in bytes.indices {
            for bit in 0..<8 {
                bytes[index] ^= 1 << UInt8(bit)
                var batch = EventBatch(symbols: decoder.symbols)
                if bytes.withUnsafeBytes({ decoder.append($0, to: &batch) }) != nil { refused += 1 }
                bytes[index] ^= 1 << UInt8(bit)
            }
        }
        #expect(refused > bytes.count)
    }
}
