import Hummingbird
public import TowerStores

/// One thing that can be asked of the server. What is not a `Route` in the `RouteTable` cannot be served.
public struct Route: Sendable {
    /// Who may ask.
    public enum Access: Sendable, Hashable {
        /// Anybody, without credentials.
        case open
        /// A verified caller with one of these roles.
        case signedIn(Set<Role>)
        /// Likewise, of the tenant that runs the platform: what it does touches every tenant.
        case ofPlatform(Set<Role>)

        func admits(_ role: Role) -> Bool {
            switch self {
            case .open: true
            case .signedIn(let roles), .ofPlatform(let roles): roles.contains(role)
            }
        }

        static let any = Access.signedIn(Set(Role.allCases))
        static let read = Access.signedIn([.admin, .operator, .viewer])
        static let command = Access.signedIn([.admin, .operator])
        static let administer = Access.signedIn([.admin])
        static let ingest = Access.signedIn([.admin, .operator, .ingest])
        static let platform = Access.ofPlatform([.admin])
    }

    /// A member of a command's JSON body: a string, a list of strings, or an object of strings.
    public struct BodyField: Sendable, Hashable {
        public enum Kind: Sendable, Hashable {
            case text
            /// At most so many strings.
            case list(itemsMax: Int)
            /// An object with these members, all of them strings.
            case object([String])
        }
        public var name: String
        public var isRequired: Bool
        /// In UTF-8 bytes; of each string, where there are several.
        public var bytesMax: Int
        public var kind = Kind.text
    }

    enum Handler: Sendable {
        case open(@Sendable (Call) async throws -> Response)
        case signedIn(@Sendable (Call, Principal) async throws -> Response)
    }

    /// `GET`, `POST`, `PUT`, `DELETE`.
    public let method: String
    /// From the root, with `{name}` for a captured segment.
    public let path: String
    public let operationID: String
    public let summary: String
    public let access: Access
    /// Query parameters it knows; any other is refused by name.
    public let query: [String]
    /// Members of its JSON body; `nil` when the body is not a JSON object of ours.
    public let body: [BodyField]?
    let handler: Handler

    /// A route that needs no credentials.
    static func open(
        _ method: String, _ path: String, _ operationID: String, _ summary: String, query: [String] = [],
        body: [BodyField]? = nil,
        _ handler: @escaping @Sendable (Call) async throws -> Response
    ) -> Route {
        Route(
            method: method, path: path, operationID: operationID, summary: summary, access: .open, query: query, body: body,
            handler: .open(handler))
    }

    /// A route whose handler receives the verified caller: its tenant is the only one the handler can name.
    static func signedIn(
        _ method: String, _ path: String, _ operationID: String, _ summary: String, _ access: Access, query: [String] = [],
        body: [BodyField]? = nil, _ handler: @escaping @Sendable (Call, Principal) async throws -> Response
    ) -> Route {
        Route(
            method: method, path: path, operationID: operationID, summary: summary, access: access, query: query, body: body,
            handler: .signedIn(handler))
    }

    /// Whether a request path (already split at `/`) has this route's form.
    func matches(segments: [Substring]) -> Bool {
        let own = path.split(separator: "/")
        return own.count == segments.count && zip(own, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
