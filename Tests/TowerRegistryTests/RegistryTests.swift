import Testing
import TowerModel
import TowerStreaming
import TowerWire

@testable import TowerRegistry

@Suite struct RegistryTests {
    static let acme = TenantID("acme")
    static let rival = TenantID("rival")

    static func log() -> InMemoryLog { InMemoryLog(clock: { 0 }) }
    static func avro(_ fields: String...) throws -> RegistrationRequest {
        let list = fields.map { #"{"name":"\#($0)","type":"int","default":0}"# }.joined(separator: ",")
        return RegistrationRequest(
            content: try SchemaRegistry.content(type: .avro, text: #"{"type":"record","name":"R","fields":[\#(list)]}"#))
    }

    @Test func equalContentHasOneIDWithinATenantAndNeverAcross() async throws {
        let registry = SchemaRegistry(log: Self.log(), writer: "a")
        let first = try await registry.register(Self.acme, subject: "s1", Self.avro("a"))
        let again = try await registry.register(Self.acme, subject: "s1", Self.avro("a"))
        let elsewhere = try await registry.register(Self.acme, subject: "s2", Self.avro("a"))
        let theirs = try await registry.register(Self.rival, subject: "s1", Self.avro("a"))
        #expect(again == first && elsewhere.id == first.id && elsewhere.version == 1)
        #expect(theirs.id != first.id && theirs.version == 1)
        await #expect(throws: RegistryError(40403, "Schema not found")) { try await registry.schema(Self.rival, id: first.id) }
    }

    @Test func stateIsAFoldOfTheTopic() async throws {
        let log = Self.log()
        let registry = SchemaRegistry(log: log, writer: "a")
        try await registry.registerPlatform()
        for number in 0..<20 { _ = try await registry.register(Self.acme, subject: "s\(number % 4)", Self.avro("f\(number)")) }
        try await registry.setLevel(Self.acme, subject: "s1", .fullTransitive)
        try await registry.setMode(Self.acme, subject: nil, .readOnly)
        try await registry.setMode(Self.acme, subject: nil, nil)
        _ = try await registry.deleteVersion(Self.acme, subject: "s2", .latest, isPermanent: false)
        _ = try await registry.deleteSubject(Self.acme, subject: "s3", isPermanent: false)
        _ = try await registry.deleteSubject(Self.acme, subject: "s3", isPermanent: true)
        let other = SchemaRegistry(log: log, writer: "b")
        try await other.catchUp()
        for tenant in [Self.acme, RegistryState.platform] {
            #expect(other.state.allVersions(tenant, withDeleted: true) == registry.state.allVersions(tenant, withDeleted: true))
        }
        #expect(other.state.lastID == registry.state.lastID && other.state.level(Self.acme, "s1") == .fullTransitive)
        #expect(try await other.registerPlatform() == 0)
        // What compaction leaves says the same.
        let records = try await log.fetch(topic: RegistryRecord.topic, from: 0, maxBytes: 1 << 30)
        var newest: [[UInt8]: Int64] = [:]
        for record in records { newest[record.record.key ?? []] = record.offset }
        var compacted = RegistryState()
        for record in records where newest[record.record.key ?? []] == record.offset && !record.record.value.isEmpty {
            if let record = RegistryRecord(record.record) { #expect(compacted.apply(record) == .applied) }
        }
        #expect(compacted.allVersions(Self.acme, withDeleted: true) == registry.state.allVersions(Self.acme, withDeleted: true))
        #expect(compacted.lastID == registry.state.lastID)
    }

    @Test func recordsReadBackAsTheyWereWritten() throws {
        let content = SchemaContent(
            type: .json, text: #"{"title":"\"é\n"}"#, references: [.init(name: "n", subject: "s", version: 3)],
            metadata: #"{"a":1}"#)
        let version = RegisteredVersion(
            tenant: Self.acme, subject: "a/b \"c\"", version: 7, id: .max, content: content, isDeleted: true, writer: "w",
            isImported: true)
        let records: [RegistryRecord] = [
            .version(version), .versionGone(tenant: Self.acme, subject: "s", version: 1, writer: "w"),
            .compatibility(tenant: Self.acme, subject: nil, .full), .compatibility(tenant: Self.acme, subject: "s", nil),
            .mode(tenant: Self.acme, subject: "s", .importing), .mode(tenant: Self.acme, subject: nil, nil), .lastID(99),
        ]
        for record in records { #expect(RegistryRecord(record.record) == record) }
        for value in ["", "{}", "7", #"{"keytype":"SCHEMA"}"#, #"{"keytype":"NEWER"}"#] {
            #expect(RegistryRecord(Record(topic: RegistryRecord.topic, key: Array(value.utf8), value: Array("{}".utf8))) == nil)
        }
    }

    /// Two processes with one log, each writing without waiting for the other: ids are unique, and both end with the same.
    @Test(arguments: 0..<20) func twoProcessesAgree(seed: UInt64) async throws {
        let log = Self.log()
        let registries = [SchemaRegistry(log: log, writer: "a"), SchemaRegistry(log: log, writer: "b")]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, registry) in registries.enumerated() {
                group.addTask {
                    var dice = Dice(seed: seed &* 2 &+ UInt64(number))
                    for _ in 0..<15 {
                        let subject = "s\(dice.roll(3))"
                        _ = try await registry.register(
                            dice.roll(2) == 0 ? Self.acme : Self.rival, subject: subject, Self.avro("f\(dice.roll(8))"))
                    }
                }
            }
            try await group.waitForAll()
        }
        for registry in registries { try await registry.catchUp() }
        for tenant in [Self.acme, Self.rival] {
            let versions = registries[0].state.allVersions(tenant)
            #expect(versions == registries[1].state.allVersions(tenant))
            for (subject, own) in Dictionary(grouping: versions, by: \.subject) {
                #expect(own.map(\.version) == Array(1...own.count), "\(subject)")
                #expect(Set(own.map(\.content)).count == own.count)
            }
            for same in Dictionary(grouping: versions, by: \.content).values { #expect(Set(same.map(\.id)).count == 1) }
        }
        let mine = Set(registries[0].state.allVersions(Self.acme).map(\.id))
        #expect(mine.isDisjoint(with: registries[0].state.allVersions(Self.rival).map(\.id)))
    }

    /// The record of a process that was second for a place does not count, whoever reads it and whenever.
    @Test func theFirstRecordForAPlaceCounts() {
        func version(_ writer: String, _ text: String, id: Int32) -> RegistryRecord {
            .version(
                RegisteredVersion(
                    tenant: Self.acme, subject: "s", version: 1, id: id, content: .init(type: .avro, text: text),
                    isDeleted: false, writer: writer))
        }
        var state = RegistryState()
        #expect(state.apply(version("a", "\"int\"", id: 1)) == .applied)
        #expect(state.apply(version("b", "\"long\"", id: 1)) == .lost)
        #expect(state.apply(version("b", "\"long\"", id: 2)) == .lost)
        #expect(state.apply(.versionGone(tenant: Self.acme, subject: "s", version: 1, writer: "b")) == .lost)
        #expect(state.versions(Self.acme, "s").map(\.content.text) == ["\"int\""])
    }

    @Test(arguments: CompatibilityLevel.allCases) func levelsSayWhoMustReadWhom(level: CompatibilityLevel) async throws {
        let registry = SchemaRegistry(log: Self.log(), writer: "a")
        func field(_ name: String, _ more: String = "") -> String { #"{"name":"\#(name)","type":"int"\#(more)}"# }
        func request(_ fields: String...) throws -> RegistrationRequest {
            RegistrationRequest(
                content: try SchemaRegistry.content(type: .avro, text: AvroTests.record(fields.joined(separator: ","))))
        }
        try await registry.setLevel(Self.acme, subject: "s", CompatibilityLevel.none)
        _ = try await registry.register(Self.acme, subject: "s", request(field("a"), field("b")))
        _ = try await registry.register(Self.acme, subject: "s", request(field("a"), field("b", #","default":1"#)))
        try await registry.setLevel(Self.acme, subject: "s", level)
        // Reads both; version 2 could read it, version 1 lacks b.
        let dropsB = try await registry.incompatibilities(Self.acme, subject: "s", request(field("a")).content, with: nil)
        #expect(dropsB.isEmpty == ![.forwardTransitive, .fullTransitive].contains(level), "\(dropsB)")
        // Cannot read either; both could read it.
        let addsC = try await registry.incompatibilities(
            Self.acme, subject: "s", request(field("a"), field("b"), field("c")).content, with: nil)
        #expect(addsC.isEmpty == [.none, .forward, .forwardTransitive].contains(level), "\(addsC)")
        if !addsC.isEmpty {
            #expect(addsC[0].contains("#/fields/2") && addsC[0].contains("version 2") && addsC[0].contains("the new schema"))
        }
    }

    @Test func framesAreReadAndPlainValuesPass() {
        #expect(SchemaFraming.framed([7, 8], id: 258) == [0, 0, 0, 1, 2, 7, 8])
        for id in [Int32(1), 255, 65_536, .max] {
            let (found, value) = SchemaFraming.unframed(SchemaFraming.framed(Array("{}".utf8), id: id)[...])
            #expect(found == id && Array(value) == Array("{}".utf8))
        }
        for plain in ["", "{}", #"{"a":1}"#] {
            let (id, value) = SchemaFraming.unframed(Array(plain.utf8)[...])
            #expect(id == nil && Array(value) == Array(plain.utf8))
        }
        #expect(SchemaFraming.unframed([0, 0, 0][...]).id == nil)
    }

    @Test func platformSubjectsAreReadByAllAndChangedByNone() async throws {
        let registry = SchemaRegistry(log: Self.log(), writer: "a")
        #expect(try await registry.registerPlatform() == EventCatalog.standard.types.count)
        let outage = try await registry.version(Self.acme, subject: "power.grid.outage-value", .latest)
        #expect(try await registry.schema(Self.rival, id: outage.id) == outage.content)
        await #expect(throws: RegistryError.self) {
            try await registry.deleteSubject(Self.acme, subject: "power.grid.outage-value", isPermanent: false)
        }
        let own = try await registry.register(
            Self.acme, subject: "power.grid.outage-value",
            RegistrationRequest(content: SchemaRegistry.content(type: .json, text: "{}")))
        #expect(own.version == 1)
        #expect(try await registry.version(Self.rival, subject: "power.grid.outage-value", .latest) == outage)
        #expect(registry.state.subjectNames(Self.acme).count == EventCatalog.standard.types.count)
    }
}
