import TowerModel
import TowerStreaming
@testable import TowerIngest

/// A door over a scripted log, and bodies to carry through it.
struct Fixture {
    let log: ScriptedLog
    let door: IngestDoor
    static let tenant = TenantID("acme")
    static let letters = Topic.deadLetters(tenant: "acme")

    init(log: ScriptedLog = ScriptedLog(), limits: IngestLimits = .standard) {
        self.log = log
        door = IngestDoor(log: log, symbols: SymbolTable(), limits: limits, clock: { Timestamp(milliseconds: 1_767_323_045_678) })
    }

    func ingest(_ body: String, type: String? = nil, encoding: String? = nil) async throws -> IngestReport {
        try await ingest(Array(body.utf8), type: type, encoding: encoding)
    }

    func ingest(_ body: [UInt8], type: String? = nil, encoding: String? = nil) async throws -> IngestReport {
        try await door.ingest(body: body, contentType: type, contentEncoding: encoding, tenant: Self.tenant, source: "test")
    }

    static func id(_ number: Int) -> String {
        EventID(high: 0x0F8F_AD5B_D9CB_469F, low: 0xA165_0000_0000_0000 + UInt64(number)).description
    }

    static func event(
        _ number: Int, site: String = "SITE-1", type: String = "battery.telemetry", payload: String = #"{"v":53.4}"#
    ) -> String {
        """
        {"event_id":"\(id(number))","event_type":"\(type)","tenant_id":"acme","site_id":"\(site)","timestamp":"2026-01-02T03:04:05.678Z",\
        "version":"1.0","payload":\(payload),"metadata":{}}
        """
    }
}

extension IngestDoor {
    /// A request from its parts.
    func ingest(body: [UInt8], contentType: String?, contentEncoding: String?, tenant: TenantID, source: String)
        async throws -> IngestReport
    {
        try await ingest(
            IngestRequest(body: body, contentType: contentType, contentEncoding: contentEncoding, tenant: tenant, source: source))
    }
}
