import TowerEngine
import TowerModel

/// One anomaly as `towerco analyze --emit alerts` writes it: what public scorers of anomaly detection read.
struct AlertLine: Encodable {
    private let anomaly: Anomaly

    init(_ anomaly: Anomaly) { self.anomaly = anomaly }

    private enum CodingKeys: String, CodingKey {
        case alertID = "alert_id"
        case tenantID = "tenant_id"
        case siteID = "site_id"
        case managedObject = "managed_object"
        case metric, kind, timestamp
        /// Inclusive; absent for a single sample.
        case endTimestamp = "end_timestamp"
        case eventID = "event_id"
        case score, text
    }

    func encode(to encoder: any Encoder) throws {
        var line = encoder.container(keyedBy: CodingKeys.self)
        try line.encode(anomaly.alertID, forKey: .alertID)
        try line.encode(anomaly.tenantID, forKey: .tenantID)
        try line.encode(anomaly.siteID, forKey: .siteID)
        try line.encode(anomaly.managedObject, forKey: .managedObject)
        try line.encode(anomaly.metric, forKey: .metric)
        try line.encode(anomaly.kind.rawValue, forKey: .kind)
        try line.encode(anomaly.at, forKey: .timestamp)
        try line.encodeIfPresent(anomaly.endAt, forKey: .endTimestamp)
        try line.encode(anomaly.eventID, forKey: .eventID)
        try line.encode(anomaly.score, forKey: .score)
        try line.encode(anomaly.text, forKey: .text)
    }
}
