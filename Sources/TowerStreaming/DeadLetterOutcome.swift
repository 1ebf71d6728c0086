/// What became of a dead letter: a record beside the letters, because a log only grows.
///
/// - Shape: keyed by the letters' topic; what is said lies in headers, the value holds the bytes that were sent instead of the
///   letter's own, if any were.
/// - `rejected` leaves the letter where it is, with one attempt more; everything else treats it, once and for all.
public struct DeadLetterOutcome: Sendable, Hashable {
    public enum Result: String, Sendable, CaseIterable {
        /// Its bytes, or better ones, went through the door.
        case accepted
        /// The door refused them again.
        case rejected
        /// The record was put back into the topic that a group read it from.
        case returned
        /// Somebody said that it is worth nothing.
        case discarded
        /// Too old: all letters before an offset that nobody had treated.
        case expired

        public var treats: Bool { self != .rejected }
    }
    /// The letter's place; of `expired` the offset before which letters lie.
    public var topic: TopicName
    public var offset: Int64
    public var result: Result
    /// User or key; the platform itself when it is empty.
    public var by: String
    /// Why it was discarded, or refused again.
    public var why: String
    /// Reason code of a refusal.
    public var code: String
    /// The bytes sent were not the letter's own.
    public var isEdited: Bool
    /// How many letters an `expired` is about.
    public var count: Int
    /// When, milliseconds since the epoch; 0 before the log has it.
    public var atMs: Int64 = 0

    private static let head = "towerco.dead-letters."
    /// Longest `why`, bytes.
    public static let maxWhyBytes = 1000
    private enum Header {
        static let offset = "letter_offset"
        static let before = "letters_before"
        static let result = "result"
        static let by = "by"
        static let why = "why"
        static let code = "code"
        static let edited = "edited"
        static let count = "count"
    }

    public init(
        topic: TopicName, offset: Int64, result: Result, by: String, why: String = "", code: String = "", isEdited: Bool = false,
        count: Int = 1
    ) {
        self.topic = topic
        self.offset = offset
        self.result = result
        self.by = by
        self.why = why
        self.code = code
        self.isEdited = isEdited
        self.count = count
    }

    /// `nil` for a record that says nothing of a letter.
    public init?(_ stored: StoredRecord) {
        let record = stored.record
        let result = record.header(Header.result).flatMap(Result.init(rawValue:)) ?? .accepted
        let place = result == .expired ? Header.before : Header.offset
        guard let offset = record.header(place).flatMap({ Int64($0) }), let key = record.key else { return nil }
        self.init(
            topic: TopicName(String(decoding: key, as: UTF8.self)), offset: offset, result: result, by: record.header(Header.by) ?? "",
            why: record.header(Header.why) ?? "", code: record.header(Header.code) ?? "",
            isEdited: record.header(Header.edited) != nil, count: record.header(Header.count).flatMap { Int($0) } ?? 1)
        atMs = stored.timestampMs
    }

    /// The record for the topic of outcomes of the letter's tenant; `nil` where the topic holds no letters.
    ///
    /// - Parameter sent: the bytes that took the place of the letter's own.
    public func record(sent: [UInt8] = []) -> Record? {
        guard topic.rawValue.hasPrefix(Self.head) else { return nil }
        var headers = [
            Record.Header(result == .expired ? Header.before : Header.offset, "\(offset)"),
            Record.Header(Header.result, result.rawValue), Record.Header(Header.by, by),
        ]
        if !why.isEmpty { headers.append(Record.Header(Header.why, Array(why.utf8.prefix(Self.maxWhyBytes)))) }
        if !code.isEmpty { headers.append(Record.Header(Header.code, code)) }
        if isEdited { headers.append(Record.Header(Header.edited, "true")) }
        if count != 1 { headers.append(Record.Header(Header.count, "\(count)")) }
        return Record(
            topic: Topic.deadLetterOutcomes(tenant: String(topic.rawValue.dropFirst(Self.head.count))), key: Array(topic.rawValue.utf8),
            value: sent, headers: headers)
    }
}
