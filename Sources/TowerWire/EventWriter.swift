public import TowerModel

/// Writes events that the platform or the simulator makes, fields in the contract's order, so that equal events are
/// equal bytes.
public enum EventWriter {
    /// - Parameters:
    ///   - payload: a JSON object, valid; written as it is.
    ///   - metadata: likewise; left out when `nil`.
    public static func event(
        id: EventID, type: String, tenant: TenantID, site: SiteID, timestamp: Timestamp, version: String = "1.0",
        payload: some Collection<UInt8>, metadata: [UInt8]? = nil
    ) -> [UInt8] {
        var json = JSONBuffer(capacity: 256 + payload.count + (metadata?.count ?? 0))
        json.beginObject()
        json.member("event_id", id.description)
        json.member("event_type", type)
        json.member("tenant_id", tenant.rawValue)
        json.member("site_id", site.rawValue)
        json.member("timestamp", timestamp.description)
        json.member("version", version)
        json.key("payload")
        json.raw(payload)
        if let metadata {
            json.key("metadata")
            json.raw(metadata)
        }
        json.endObject()
        return json.bytes
    }

    /// As above with the payload written in place.
    public static func event(
        id: EventID, type: String, tenant: TenantID, site: SiteID, timestamp: Timestamp, version: String = "1.0",
        metadata: [UInt8]? = nil, payload: (inout JSONBuffer) -> Void
    ) -> [UInt8] {
        var members = JSONBuffer()
        members.beginObject()
        payload(&members)
        members.endObject()
        return event(
            id: id, type: type, tenant: tenant, site: site, timestamp: timestamp, version: version, payload: members.bytes,
            metadata: metadata)
    }
}
