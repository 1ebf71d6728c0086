import Testing
import TowerModel
import TowerStreaming

@testable import TowerIngest

@Suite struct PayloadGuardTests {
    static func door(_ log: ScriptedLog, _ symbols: SymbolTable, refusing word: String) -> IngestDoor {
        let type = symbols.intern("battery.probe")
        let canary = symbols.intern("platform.canary")
        let check: PayloadGuard.Check = { event, version in
            String(decoding: event, as: UTF8.self).contains(word) ? "payload has \(word) in version \(version >> 16)" : nil
        }
        let wide = PayloadGuard([type: check, canary: { _, _ in "no canary fits" }])
        return IngestDoor(
            log: log, symbols: symbols, clock: { Timestamp(milliseconds: 1_767_323_045_678) },
            guarding: { $0 == Fixture.tenant ? wide : nil })
    }

    static func take(_ door: IngestDoor, _ lines: [String], isCanary: Bool = false) async throws -> IngestReport {
        var request = IngestRequest(
            body: Array(lines.joined(separator: "\n").utf8), contentType: nil, contentEncoding: nil, tenant: Fixture.tenant,
            source: "test")
        request.isCanary = isCanary
        return try await door.ingest(request)
    }

    @Test func whatIsRefusedLeavesTheOthersWhole() async throws {
        let log = ScriptedLog()
        let door = Self.door(log, SymbolTable(), refusing: "bad")
        let lines = (0..<30).map { number in
            Fixture.event(
                number, site: "SITE-\(number % 3)", type: number % 5 == 4 ? "grid.fault" : "battery.probe",
                payload: number % 3 == 0 ? #"{"text":"bad","n":[1,2]}"# : "{\"soc\":\(number),\"text\":\"ok\"}")
        }
        let refused = (0..<30).filter { $0 % 3 == 0 && $0 % 5 != 4 }
        let report = try await Self.take(door, lines)
        #expect(report.accepted == 30 - refused.count)
        #expect(report.rejected.map(\.line) == refused.map { $0 + 1 })
        #expect(report.rejected.allSatisfy { $0.code == "schema.violation" && $0.detail == "payload has bad in version 1" })
        let letters = log.records(in: Fixture.letters)
        #expect(letters.map { String(decoding: $0.value, as: UTF8.self) } == refused.map { lines[$0] })
        for site in 0..<3 {
            let expected = (0..<30).filter { $0 % 3 == site && !refused.contains($0) }.map { lines[$0] }
            #expect(log.values(in: Topic.siteEvents(site: "SITE-\(site)")) == expected)
        }
        // What was refused is not remembered as seen: mended, it is taken.
        let mended = try await Self.take(door, [lines[0].replacing("bad", with: "fine")])
        #expect(mended.accepted == 1 && mended.duplicates == 0)
    }

    @Test func aTenantsSchemaDoesNotStopTheProbe() async throws {
        let log = ScriptedLog()
        let door = Self.door(log, SymbolTable(), refusing: "bad")
        let canary = Fixture.event(1, site: "towerco.canary", type: "platform.canary", payload: "{}")
        #expect(try await Self.take(door, [canary], isCanary: true).accepted == 1)
        #expect(log.records(in: Topic.canary).count == 1)
        let posed = Fixture.event(2, site: "towerco.canary", type: "platform.canary", payload: "{}")
        #expect(try await Self.take(door, [posed]).rejected.map(\.code) == ["schema.violation"])
    }
}
