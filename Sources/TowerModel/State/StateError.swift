/// Why bytes are not the state they should be: which field, where, and what is wrong with it.
public struct StateError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        /// The bytes end inside the field.
        case short
        /// A number outside of what the field can be.
        case range
        /// Written by another version of the encoding.
        case version(UInt64)
        /// Bytes are left over where a part should end.
        case excess
    }
    public var reason: Reason
    public var field: String
    /// Byte at which the field begins.
    public var position: Int

    public init(_ reason: Reason, field: String, position: Int) {
        self.reason = reason
        self.field = field
        self.position = position
    }

    public var description: String {
        let what =
            switch reason {
            case .short: "ends too early"
            case .range: "is out of range"
            case .version(let number): "has version \(number), which this program does not read"
            case .excess: "is followed by bytes that belong to nothing"
            }
        return "\(field) at byte \(position) \(what)"
    }
}
