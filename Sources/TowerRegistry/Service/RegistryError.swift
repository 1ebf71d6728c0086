/// What the registry's contract answers instead of a result: `code` is its `error_code`.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    public var code: Int
    public var message: String
    public init(_ code: Int, _ message: String) {
        self.code = code
        self.message = message
    }
    /// HTTP status: the first three digits.
    public var status: Int { code > 999 ? code / 100 : code }
    public var description: String { "\(message) (\(code))" }

    static func subjectNotFound(_ subject: String) -> RegistryError {
        RegistryError(40401, "Subject '\(subject.prefix(255))' not found.")
    }
    static func versionNotFound(_ version: Int) -> RegistryError { RegistryError(40402, "Version \(version) not found.") }
    static let schemaNotFound = RegistryError(40403, "Schema not found")
    static func invalidSchema(_ reason: String) -> RegistryError { RegistryError(42201, "Invalid schema: \(reason)") }
    static func invalidVersion(_ text: String) -> RegistryError {
        RegistryError(
            42202,
            "The specified version '\(text.prefix(32))' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
        )
    }
    static func readOnly(_ subject: String) -> RegistryError {
        RegistryError(42205, "Subject \(subject.prefix(255)) is in read-only mode; set its mode to READWRITE to change it")
    }
    static func tooMany(_ what: String) -> RegistryError {
        RegistryError(42205, "No room: \(what). Delete what is not used any more, with permanent=true")
    }
    static func backend(_ reason: String) -> RegistryError {
        RegistryError(50001, "The registry's log did not take the record: \(reason). Send it again shortly")
    }
}
