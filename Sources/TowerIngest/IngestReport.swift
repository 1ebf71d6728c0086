/// What became of a request's events; the answer of `POST /events`.
public struct IngestReport: Sendable, Codable, Hashable {
    /// Durable now, for the first time.
    public var accepted: Int
    /// Known already, durable as well.
    public var duplicates: Int
    /// By rising line.
    public var rejected: [Rejection]
    /// Accepted events whose type the catalogue does not know. Not part of the answer.
    public var flagged: Int

    public struct Rejection: Sendable, Codable, Hashable {
        /// Line of the body, or element of its array, counted from 1.
        public var line: Int
        /// Stable name, for instance `json.duplicate_key`.
        public var code: String
        public var detail: String
        public init(line: Int, code: String, detail: String) {
            self.line = line
            self.code = code
            self.detail = detail
        }
    }

    public init(accepted: Int = 0, duplicates: Int = 0, rejected: [Rejection] = [], flagged: Int = 0) {
        self.accepted = accepted
        self.duplicates = duplicates
        self.rejected = rejected
        self.flagged = flagged
    }

    enum CodingKeys: String, CodingKey { case accepted, duplicates, rejected }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        accepted = try container.decode(Int.self, forKey: .accepted)
        duplicates = try container.decode(Int.self, forKey: .duplicates)
        rejected = try container.decode([Rejection].self, forKey: .rejected)
        flagged = 0
    }
}
