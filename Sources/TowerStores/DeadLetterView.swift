public import TowerModel

/// A record set aside: original bytes, why, whence, and what became of it.
public struct DeadLetterView: Sendable, Codable, Hashable {
    /// Offset in the tenant's dead-letter topic: its identity.
    public var id: Int64
    public var reasonCode: String
    public var detail: String
    /// Topic or door it came from, and the offset there, if it had one.
    public var origin: String
    public var originOffset: Int64?
    /// Where its event belongs, as far as its bytes tell.
    public var topic: String?
    public var siteID: String?
    /// The consumer group that could not read it; absent when the door refused it.
    public var group: String?
    public var attempts: Int
    public var at: Timestamp
    /// `waiting`, `accepted`, `returned`, `discarded` or `expired`.
    public var state: String
    /// What was done last; also a retry that failed, which leaves the letter waiting.
    public var outcome: Outcome?
    /// Line of the request's body, from 1.
    public var line: Int?
    /// Byte of the bytes at which the fault was noticed, from 1.
    public var column: Int?
    /// The field that it is about.
    public var field: String?
    /// Length of what was sent.
    public var bytes: Int
    /// The letter holds less than was sent, so it cannot be sent again as it is.
    public var isCut: Bool
    /// Whether the bytes are UTF-8 without control characters, so that `text` is exact.
    public var isText: Bool
    /// Bytes as text, invalid UTF-8 shown as U+FFFD; `rawBase64` is exact. A list shows the beginning only.
    public var text: String
    public var rawBase64: String

    /// What somebody, or the platform, did with it.
    public struct Outcome: Sendable, Codable, Hashable {
        /// `accepted`, `rejected`, `returned`, `discarded` or `expired`.
        public var result: String
        /// User or key; empty for the platform itself.
        public var by: String
        public var at: Timestamp
        /// Reason code of a refusal.
        public var code: String?
        /// Why it was discarded, or refused again.
        public var why: String?
        /// Other bytes than the letter's own were sent.
        public var isEdited: Bool
        public init(result: String, by: String, at: Timestamp, code: String?, why: String?, isEdited: Bool) {
            self.result = result
            self.by = by
            self.at = at
            self.code = code
            self.why = why
            self.isEdited = isEdited
        }
        enum CodingKeys: String, CodingKey {
            case result, by, at, code, why
            case isEdited = "edited"
        }
    }

    public init(
        id: Int64, reasonCode: String, detail: String, origin: String, originOffset: Int64?, topic: String? = nil,
        siteID: String? = nil, group: String? = nil, attempts: Int, at: Timestamp, state: String, outcome: Outcome? = nil,
        line: Int? = nil, column: Int? = nil, field: String? = nil, bytes: Int, isCut: Bool, isText: Bool, text: String,
        rawBase64: String
    ) {
        self.id = id
        self.reasonCode = reasonCode
        self.detail = detail
        self.origin = origin
        self.originOffset = originOffset
        self.topic = topic
        self.siteID = siteID
        self.group = group
        self.attempts = attempts
        self.at = at
        self.state = state
        self.outcome = outcome
        self.line = line
        self.column = column
        self.field = field
        self.bytes = bytes
        self.isCut = isCut
        self.isText = isText
        self.text = text
        self.rawBase64 = rawBase64
    }
    enum CodingKeys: String, CodingKey {
        case id
        case reasonCode = "reason_code"
        case detail, origin
        case originOffset = "origin_offset"
        case topic
        case siteID = "site_id"
        case group, attempts, at, state, outcome, line, column, field, bytes
        case isCut = "is_cut"
        case isText = "is_text"
        case text
        case rawBase64 = "raw_base64"
    }
}
