/// What a command on several dead letters did: a result for each.
public struct DeadLetterReport: Sendable, Codable, Hashable {
    public struct Item: Sendable, Codable, Hashable {
        public var id: Int64
        /// `accepted`, `returned`, `discarded`, `rejected` (it stays), `skipped` (not to be done, see the code), or `would` in a
        /// dry run.
        public var result: String
        public var code: String?
        public var detail: String?
        public init(id: Int64, result: String, code: String? = nil, detail: String? = nil) {
            self.id = id
            self.result = result
            self.code = code
            self.detail = detail
        }
    }
    /// Waiting letters under the filter before the command.
    public var matched: Int
    public var results: [Item]
    /// To go on with; absent when no letter is left that this command has not tried.
    public var nextCursor: String?
    public init(matched: Int, results: [Item], nextCursor: String?) {
        self.matched = matched
        self.results = results
        self.nextCursor = nextCursor
    }
    enum CodingKeys: String, CodingKey {
        case matched, results
        case nextCursor = "next_cursor"
    }
}
