/// What became of a dead letter: somebody sent its bytes again. A record beside the letters, because a log only grows.
public struct DeadLetterOutcome: Sendable, Hashable {
    /// The letter's place.
    public var topic: TopicName
    public var offset: Int64

    private static let head = "towerco.dead-letters."
    private static let offsetHeader = "letter_offset"

    public init(topic: TopicName, offset: Int64) {
        self.topic = topic
        self.offset = offset
    }

    /// `nil` for a record that says nothing of a letter.
    public init?(_ record: Record) {
        guard let offset = record.header(Self.offsetHeader).flatMap({ Int64($0) }), let key = record.key else { return nil }
        self.init(topic: TopicName(String(decoding: key, as: UTF8.self)), offset: offset)
    }

    /// The record for the topic of outcomes of the letter's tenant; `nil` where the topic holds no letters.
    public func record(result: String) -> Record? {
        guard topic.rawValue.hasPrefix(Self.head) else { return nil }
        return Record(
            topic: Topic.deadLetterOutcomes(tenant: String(topic.rawValue.dropFirst(Self.head.count))), key: Array(topic.rawValue.utf8),
            value: [], headers: [Record.Header(Self.offsetHeader, "\(offset)"), Record.Header("result", result)])
    }
}
