import TowerModel
import TowerStreaming

/// What all events share that the platform derives.
enum DerivedEvent {
    /// Header with the event's id, so that a reader recognises a copy without reading the value.
    static let idHeader = "event_id"

    /// The envelope asks for a site; what belongs to none says so.
    static func site(_ site: SiteID) -> SiteID { site.rawValue.isEmpty ? SiteID("-") : site }

    static func record(_ topic: TopicName, key: String, value: [UInt8], eventID: EventID) -> Record {
        Record(topic: topic, key: Array(key.utf8), value: value, headers: [Record.Header(idHeader, eventID.description)])
    }

    static func id(of record: Record) -> EventID? { record.header(idHeader).flatMap { EventID($0) } }
}
