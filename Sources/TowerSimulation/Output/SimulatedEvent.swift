public import TowerModel

/// One event as the platform's door sees it.
public struct SimulatedEvent: Sendable, Hashable {
    /// The whole envelope, one JSON object without newline.
    public var json: [UInt8]
    /// Event time as written in the envelope, clock skew included.
    public var timestamp: Timestamp
    /// When it reaches the door; never before it happened.
    public var arrival: Timestamp
    public init(json: [UInt8], timestamp: Timestamp, arrival: Timestamp) {
        self.json = json
        self.timestamp = timestamp
        self.arrival = arrival
    }
}

extension SimulatedEvent {
    /// Appends events as NDJSON.
    public static func appendLines(of events: [SimulatedEvent], to bytes: inout [UInt8]) {
        for event in events {
            bytes.append(contentsOf: event.json)
            bytes.append(0x0A)
        }
    }
}
