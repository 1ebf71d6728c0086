/// Headers of the records in the topics of dead letters: what their writers say beside the original bytes.
public enum DeadLetterHeader {
    /// Stable name of why, `json.syntax`.
    public static let reasonCode = "reason_code"
    /// The same in words.
    public static let detail = "detail"
    /// The door's source (`http:KEY`) or the topic that a group read it from.
    public static let origin = "origin"
    /// Offset in that topic.
    public static let originOffset = "origin_offset"
    /// Key and headers that the record had there, so that it can be put back as it was.
    public static let originKey = "origin_key"
    public static let originHeaderPrefix = "origin."
    /// Times that it was tried when the letter was written.
    public static let attempts = "attempts"
    /// The group that could not read it; absent in letters of the door.
    public static let group = "group"
    /// Line of the request's body, or element of its array, from 1.
    public static let line = "line"
    /// Byte of the event at which the fault was noticed, from 1.
    public static let column = "column"
    /// The field that it is about.
    public static let field = "field"
    /// Length of the original where more than a letter may hold was sent.
    public static let bytes = "bytes"
    /// When the door had it.
    public static let receivedAt = "received_at"
    /// In records that come from a letter: which, `TOPIC@OFFSET`.
    public static let causation = "causation"
    /// In such a record that was put back into its topic: the attempts so far.
    public static let priorAttempts = "letter_attempts"
}
