import Testing

/// The fuzz targets with a fixed number of inputs from seeds of their own: what `make test` runs of them.
@Suite struct FuzzTests {
    static let cloudEvent =
        #"{"specversion":"1.0","id":"A-1","source":"/gateways/7","type":"com.Example.t","subject":"SITE-1","time":"2026-01-02T03:04:05Z","tenantid":"acme","dataversion":"2.1","ext":true,"n":-7,"data":{"v":[1,{"a":"\u00e9"}]}}"#
    static let own =
        #"{"specversion":"1.0","id":"0f8fad5b-d9cb-469f-a165-70867728950e","source":"urn:towerco:tenant:acme","type":"t","subject":"SITE-1","time":"2026-01-02T03:04:05Z","datacontenttype":"application/json","tenantid":"acme","dataversion":"1.0","towercometadata":"{\"a\":1}","data":{"v":1}}"#
    static let restored = JSONCase.goodEvent.replacing(
        #""metadata":{}"#, with: #""metadata":{"cloudevents":{"source":"/g/7","subject":null,"ext":"x","payload_is":"absent"}}"#)
    static let zstd: [UInt8] = [
        0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38, 0x21, 0, 0, 1, 2, 3, 4, 0x5A, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 7,
    ]
    static let gzip: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0x5c,
        0x00, 0x3b, 0x7c, 0x8a, 0xdf, 0x12, 0x00, 0x00, 0x00,
    ]

    static func seeds(_ target: FuzzTarget) -> [[UInt8]] {
        let values = JSONCase.all.filter { !$0.isEvent && $0.bytes.count < 200 }.map(\.bytes)
        switch target {
        case .event: return values + [Array(JSONCase.goodEvent.utf8)]
        case .body:
            return [Array("[\(JSONCase.goodEvent),{\"a\":[1]}]".utf8), Array("{}\n{}\r\n\n[1]".utf8)] + values.map { [0x5B] + $0 }
        case .gzip: return [gzip]
        case .zstd: return [zstd]
        case .cloudevent: return [Array(cloudEvent.utf8), Array(own.utf8)]
        case .cloudevents: return [Array("[\(cloudEvent), \(own),{}]".utf8), Array("[]".utf8)]
        case .headers:
            return [Array("A-1\nx\nsubject\nS-1\n{\"v\":1}".utf8), Array("1\nx%20y\n\"q\"\nbody".utf8), Array("1".utf8)]
        case .export: return [Array(restored.utf8), Array(JSONCase.goodEvent.utf8)] + values
        case .segment, .groups: return [[UInt8](repeating: 0, count: 1100), Array("TWG1".utf8)]
        }
    }

    @Test("arbitrary bytes do no harm", arguments: FuzzTarget.allCases)
    func survives(_ target: FuzzTarget) {
        var generator = SeededGenerator(state: UInt64(target.rawValue.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
        let seeds = Self.seeds(target)
        var wrong: [String] = []
        for seed in seeds {
            if let found = target.run(seed) { wrong.append(found) }
        }
        for _ in 0..<500 {
            var bytes = seeds.randomElement(using: &generator) ?? []
            Grammar.damage(&bytes, using: &generator)
            if let found = target.run(bytes) { wrong.append("\(found) for \(bytes)") }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3).joined(separator: "\n"))")
    }
}
