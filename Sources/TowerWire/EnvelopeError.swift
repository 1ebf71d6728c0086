/// Why one event was refused: what, where in its bytes, and what to do about it.
///
/// - Shape: `code` is stable and meant to be branched on; the text is for people and may get better.
/// - Source: the meaning of each code is data, `Code.all`; docs/formats/event-envelope.md is written from it.
public struct EnvelopeError: Error, Sendable, Hashable, CustomStringConvertible {
    public var code: Code
    /// The field it is about: an envelope field, or `payload.` and the flattened key. Empty when it is about no field.
    public var field: String
    /// Byte of the event at which it was noticed, counted from 1.
    public var column: Int
    /// What was found or expected there; one short clause.
    public var reason: String

    public init(_ code: Code, field: String = "", column: Int, reason: String) {
        self.code = code
        self.field = field
        self.column = column
        self.reason = reason
    }

    /// Field, column, reason and what to do, in one line.
    public var description: String {
        let hint = code.hint
        let number = String(column)
        // Pieced together in one allocation: among many bad lines an interpolation would cost more than reading the line.
        let capacity = field.utf8.count + reason.utf8.count + hint.utf8.count + 40
        return String(unsafeUninitializedCapacity: capacity) { room in
            var count = 0
            func put(_ text: String) { count += UnsafeMutableBufferPointer(rebasing: room[count...]).initialize(fromContentsOf: text.utf8) }
            if !field.isEmpty {
                put(field)
                put(", ")
            }
            put("column ")
            put(number)
            put(": ")
            put(reason)
            put(". ")
            put(hint)
            return count
        }
    }

    /// A stable name with its meaning. Add freely; never reuse a retired name.
    public enum Code: UInt8, Sendable, Hashable, CaseIterable {
        case empty, byteOrderMark, invalidUTF8, controlCharacter, badEscape, loneSurrogate, badNumber, numberOutOfRange
        case duplicateKey, tooDeep, syntax, truncated, trailingData, notAnObject, tooManyFields, keyTooLong
        case missingField, unknownField, wrongType, badUUID, badEventType, badTenantID, badSiteID, badTimestamp
        case timestampOutOfRange, badVersion, tenantMismatch
        case schemaMismatch
        case lineTooLong, batchFull, symbolsFull
        case missingAttribute, badAttribute, badSpecVersion

        /// `json.duplicate_key`: what clients, dead letters and metrics carry.
        public var name: String { definition.name }
        /// What it means, as a sentence.
        public var meaning: String { definition.meaning }
        /// What the sender can do, as a sentence.
        public var hint: String { definition.hint }
    }
}
