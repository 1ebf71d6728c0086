import TowerModel
package import TowerStreaming

extension LogPlace {
    /// What `init(_:)` reads, for messages.
    package static let forms =
        "beginning, end, a sequence number, a time such as 2026-01-15T21:00:00Z, or TOPIC@OFFSET"

    /// A place as people write it; `nil` for anything else.
    package init?(_ text: String) {
        switch text {
        case "beginning": self = .beginning
        case "end": self = .end
        default:
            if let sequence = Int64(text), sequence >= 0 {
                self = .sequence(sequence)
            } else if let time = Timestamp(text) {
                self = .time(time.milliseconds)
            } else if let at = text.lastIndex(of: "@"), let offset = Int64(text[text.index(after: at)...]), offset >= 0 {
                let topic = TopicName(String(text[..<at]))
                guard topic.isValid else { return nil }
                self = .offset(topic, offset)
            } else {
                return nil
            }
        }
    }
}
