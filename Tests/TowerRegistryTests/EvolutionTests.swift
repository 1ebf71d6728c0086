import Testing
import TowerModel
import TowerStreaming
import TowerWire

@testable import TowerRegistry

/// Ten random changes of an event's schema, many times: what is accepted never costs a reader an old event.
@Suite struct EvolutionTests {
    static let tenant = TenantID("acme")
    static let subject = "battery.probe-value"

    struct Field {
        var name: String
        /// JSON type, or `enum`.
        var kind: String
        var isRequired: Bool
        var symbols = ["low", "ok", "high"]

        var schema: JSONTree {
            kind == "enum"
                ? .object([.init("enum", .array(symbols.map(JSONTree.string)))]) : .object([.init("type", .string(kind))])
        }
        func value(_ dice: inout Dice) -> JSONTree {
            switch kind {
            case "integer": .number(dice.roll(1000) - 500)
            case "number": .number(Double(dice.roll(10_000)) / 8 - 600)
            case "boolean": .bool(dice.roll(2) == 0)
            case "enum": .string(dice.pick(symbols))
            default: .string(dice.pick(["a:b", "x", "", "5.35:-4.01", "é\"\\:"]))
            }
        }
    }

    static func schema(_ fields: [Field], upcast: [String]) -> String {
        let properties = fields.map { JSONTree.Member($0.name, $0.schema) }
        let required = fields.filter(\.isRequired).map { JSONTree.string($0.name) }
        let text = JSONTree.object([
            .init("type", .string("object")), .init("properties", .object(properties)), .init("required", .array(required)),
            .init("additionalProperties", .bool(false)),
        ]).compact
        return upcast.isEmpty ? text : String(text.dropLast()) + #","x-upcast":["# + upcast.joined(separator: ",") + "]}"
    }

    enum Expectation { case accepted, refused }

    /// A change, the steps that go with it, and what the registry must say under BACKWARD_TRANSITIVE.
    static func change(_ fields: inout [Field], _ number: Int, _ dice: inout Dice) -> (steps: [String], expected: Expectation) {
        let index = dice.roll(fields.count)
        let name = fields[index].name
        switch dice.roll(13) {
        case 0:
            fields.append(Field(name: "opt\(number)", kind: dice.pick(["integer", "string", "boolean"]), isRequired: false))
            return ([], .accepted)
        case 1:
            fields.append(Field(name: "def\(number)", kind: "integer", isRequired: true))
            return ([#"{"op":"default","field":"def\#(number)","value":7}"#], .accepted)
        case 2:
            fields[index].name = "ren\(number)"
            return ([#"{"op":"rename","from":"\#(name)","to":"ren\#(number)"}"#], .accepted)
        case 3 where fields.count > 1:
            fields.remove(at: index)
            return ([#"{"op":"remove","field":"\#(name)"}"#], .accepted)
        case 4 where fields[index].kind == "string":
            fields.remove(at: index)
            fields += ["l\(number)", "r\(number)"].map { Field(name: $0, kind: "string", isRequired: false) }
            return ([#"{"op":"split","from":"\#(name)","to":["l\#(number)","r\#(number)"],"separator":":"}"#], .accepted)
        case 5 where ["integer", "number"].contains(fields[index].kind):
            fields[index].kind = "number"
            return ([#"{"op":"scale","field":"\#(name)","factor":0.001,"offset":1.5}"#], .accepted)
        case 6 where fields[index].kind == "enum" && fields[index].symbols.contains("low"):
            fields[index].symbols = fields[index].symbols.map { $0 == "low" ? "weak" : $0 }
            return ([#"{"op":"translate","field":"\#(name)","values":{"low":"weak"}}"#], .accepted)
        case 7 where fields[index].kind == "enum":
            fields[index].symbols.append("s\(number)")
            return ([], .accepted)
        case 8 where fields[index].isRequired:
            fields[index].isRequired = false
            return ([], .accepted)
        case 9 where fields.count > 1:
            fields.remove(at: index)
            return ([], .refused)
        case 10:
            fields.append(Field(name: "must\(number)", kind: "string", isRequired: true))
            return ([], .refused)
        case 11:
            fields[index].kind = fields[index].kind == "boolean" ? "string" : "boolean"
            return ([], .refused)
        case 12:
            fields[index].name = "lost\(number)"
            return ([], .refused)
        default:
            fields.append(Field(name: "more\(number)", kind: "number", isRequired: false))
            return ([], .accepted)
        }
    }

    @Test(arguments: 0..<200) func tenRandomEvolutionsLoseNoOldEvent(seed: UInt64) async throws {
        var dice = Dice(seed: seed)
        let log = InMemoryLog(clock: { 0 })
        let registry = SchemaRegistry(log: log, writer: "w")
        let symbols = SymbolTable()
        let payloads = RegisteredPayloads(registry: registry, symbols: symbols)
        try await registry.setLevel(Self.tenant, subject: Self.subject, .backwardTransitive)
        var fields = [
            Field(name: "soc", kind: "integer", isRequired: true), Field(name: "place", kind: "string", isRequired: false),
            Field(name: "state", kind: "enum", isRequired: true), Field(name: "volts", kind: "number", isRequired: false),
        ]
        var events: [(version: UInt32, json: [UInt8])] = []
        var accepted = 0
        var changes = 0
        var known = [Self.schema(fields, upcast: []): 1]
        _ = try await registry.register(Self.tenant, subject: Self.subject, try Self.request(Self.schema(fields, upcast: [])))
        while true {
            let label = UInt32(accepted + 1) << 16
            for _ in 0..<5 { events.append((label, Self.event(fields, version: accepted + 1, &dice))) }
            guard accepted < 10 else { break }
            var next = fields
            changes += 1
            let (steps, expected) = Self.change(&next, changes, &dice)
            let text = Self.schema(next, upcast: steps)
            let request = try Self.request(text)
            if let same = known[text] {
                // The change led back to a schema that is there: it keeps its number, and what is newest stays.
                #expect(try await registry.register(Self.tenant, subject: Self.subject, request).version == same)
                #expect(try await registry.version(Self.tenant, subject: Self.subject, .latest).version == accepted + 1)
                continue
            }
            switch expected {
            case .accepted:
                let version = try await registry.register(Self.tenant, subject: Self.subject, request)
                accepted += 1
                known[text] = accepted + 1
                #expect(version.version == accepted + 1)
                fields = next
            case .refused:
                let error = await #expect(throws: RegistryError.self, "\(changes)") {
                    try await registry.register(Self.tenant, subject: Self.subject, request)
                }
                #expect(error?.code == 409)
                #expect(
                    error?.message.contains("version \(accepted + 2)") == true && error?.message.contains("path:\"#/") == true)
            }
        }
        try Self.check(events, payloads, symbols, newest: accepted + 1)
    }

    static func request(_ text: String) throws -> RegistrationRequest {
        RegistrationRequest(content: try SchemaRegistry.content(type: .json, text: text))
    }

    static func event(_ fields: [Field], version: Int, _ dice: inout Dice) -> [UInt8] {
        var members: [JSONTree.Member] = []
        for field in fields where field.isRequired || dice.roll(2) == 0 { members.append(.init(field.name, field.value(&dice))) }
        let id = EventID(high: dice.next(), low: dice.next())
        return Array(
            #"{"event_id":"\#(id)","event_type":"battery.probe","tenant_id":"acme","site_id":"S","timestamp":"2026-01-02T03:04:05Z","version":"\#(version).0","payload":\#(JSONTree.object(members).compact)}"#
                .utf8)
    }

    /// Every event, of whatever version, passes its own schema, is read as the newest version, and then passes the newest schema.
    static func check(
        _ events: [(version: UInt32, json: [UInt8])], _ payloads: RegisteredPayloads, _ symbols: SymbolTable, newest: Int
    ) throws {
        let type = symbols.intern("battery.probe")
        let tenantSymbol = symbols.intern("acme")
        guard let check = payloads.checks(of: tenant)?[type] else {
            Issue.record("no schema is registered")
            return
        }
        let upcaster = payloads.upcaster()
        var decoder = EventDecoder(symbols: symbols)
        for event in events {
            #expect(event.json.withUnsafeBytes { check($0, event.version) } == nil)
            let rewritten =
                upcaster?.rewritten(event.json[...], tenant: tenantSymbol, type: type, version: event.version) ?? event.json
            #expect(
                rewritten.withUnsafeBytes { check($0, UInt32(newest) << 16) } == nil,
                "\(String(decoding: event.json, as: UTF8.self)) became \(String(decoding: rewritten, as: UTF8.self))")
            let batch = decoder.decode([rewritten])
            #expect(batch.count == 1 && decoder.undecodable.isEmpty)
        }
    }

    static let steps: [(String, String, String)] = [
        (#"{"op":"rename","from":"a","to":"b.c"}"#, #"{"a":1}"#, #"{"b":{"c":1}}"#),
        (#"{"op":"rename","from":"a","to":"b"}"#, #"{"b":2}"#, "{}"),
        (#"{"op":"default","field":"x.y","value":[1]}"#, "{}", #"{"x":{"y":[1]}}"#),
        (#"{"op":"default","field":"x","value":1}"#, #"{"x":null}"#, #"{"x":null}"#),
        (#"{"op":"remove","field":"x.y"}"#, #"{"x":{"y":1,"z":2}}"#, #"{"x":{"z":2}}"#),
        (#"{"op":"remove","field":"x.y"}"#, #"{"x":7}"#, #"{"x":7}"#),
        (
            #"{"op":"split","from":"p","to":["lat","lon"],"separator":",","as":"number"}"#, #"{"p":"5.35,-4.01"}"#,
            #"{"lat":5.35,"lon":-4.01}"#
        ),
        (#"{"op":"split","from":"p","to":["l","r"],"separator":"/"}"#, #"{"p":"a/b/c"}"#, #"{"l":"a","r":"b/c"}"#),
        (#"{"op":"split","from":"p","to":["l","r"],"separator":"/"}"#, #"{"p":"a"}"#, #"{"l":"a"}"#),
        (#"{"op":"scale","field":"v","factor":0.001}"#, #"{"v":53400}"#, #"{"v":53.4}"#),
        (#"{"op":"scale","field":"v","factor":1.8,"offset":32}"#, #"{"v":"x"}"#, #"{"v":"x"}"#),
        (#"{"op":"translate","field":"s","values":{"lo":"low"}}"#, #"{"s":"lo","t":1}"#, #"{"s":"low","t":1}"#),
    ]
    @Test(arguments: steps)
    func aStepChangesThePayload(step: String, before: String, after: String) throws {
        let operations = try UpcastOperation.list(JSONTree.parse("[\(step)]")).get()
        var payload = try JSONTree.parse(before)
        for operation in operations { operation.apply(to: &payload) }
        #expect(payload.compact == after)
    }

    @Test func aRenameIsRefusedWhereOldReadersMustGoOn() async throws {
        let registry = SchemaRegistry(log: InMemoryLog(clock: { 0 }), writer: "w")
        try await registry.setLevel(Self.tenant, subject: Self.subject, .full)
        _ = try await registry.register(
            Self.tenant, subject: Self.subject, Self.request(JSONSchemaTests.closed(#""a":{"type":"string"}"#)))
        let renamed = try Self.request(
            JSONSchemaTests.closed(#""b":{"type":"string"}"#, #","x-upcast":[{"op":"rename","from":"a","to":"b"}]"#))
        let error = await #expect(throws: RegistryError.self) {
            try await registry.register(Self.tenant, subject: Self.subject, renamed)
        }
        #expect(error?.code == 409 && error?.message.contains("version 1 cannot read what version 2 writes") == true)
        try await registry.setLevel(Self.tenant, subject: Self.subject, .backward)
        #expect(try await registry.register(Self.tenant, subject: Self.subject, renamed).version == 2)
    }

    @Test func usageIsCountedByVersionAndBounded() throws {
        let symbols = SymbolTable()
        let usage = SchemaUsage(symbols: symbols, maxEntries: 30, maxEntriesOfTenant: 20)
        var batch = EventBatch(symbols: symbols)
        var decoder = EventDecoder(symbols: symbols)
        var dice = Dice(seed: 3)
        for number in 0..<400 {
            var json = String(decoding: Self.event([], version: 1 + number % 2, &dice), as: UTF8.self)
            if number >= 200 { json = json.replacing("battery.probe", with: "made.up\(number)") }
            if number % 10 == 9 { json = json.replacing("acme", with: "rival") }
            #expect(Array(json.utf8).withUnsafeBytes { decoder.append($0, to: &batch) } == nil)
        }
        let events = Array(Int32(0)..<Int32(batch.count))
        usage.note(.producer, "http:key", batch, events.prefix(200), at: Timestamp(milliseconds: 1000))
        usage.note(.consumer, "aiops-engine", batch, events.prefix(200), at: Timestamp(milliseconds: 2000))
        usage.note(.producer, "http:key", batch, events.prefix(200), at: Timestamp(milliseconds: 3000))
        let mine = usage.entries(of: TenantID("acme"))
        #expect(
            mine.map { "\($0.version) \($0.side) \($0.who) \($0.events)" } == [
                "1.0 consumer aiops-engine 100", "1.0 producer http:key 200", "2.0 consumer aiops-engine 80",
                "2.0 producer http:key 160",
            ])
        #expect(mine[1].firstSeenAt == Timestamp(milliseconds: 1000) && mine[1].lastSeenAt == Timestamp(milliseconds: 3000))
        #expect(usage.versionsInUse(since: Timestamp(milliseconds: 2500)) == (3, 0))
        usage.note(.producer, "http:key", batch, events, at: Timestamp(milliseconds: 4000))
        #expect(usage.entries().count <= 30 && usage.entries(of: TenantID("acme")).count <= 20 && usage.droppedEvents > 0)
        #expect(usage.entries(of: TenantID("rival")).contains { $0.type == "battery.probe" })
    }
}
