import TowerModel

/// The catalogue, arranged for the decoder: what a payload key of a type must look like.
struct PayloadRules: Sendable {
    struct Rule: Sendable {
        var field: EventTypeSpec.Field
        /// Kind in the low bits, `hasValues` and `isRequired` as flags.
        var bits: UInt8
        var requiredBit: UInt8
    }

    static let kindMask: UInt8 = 0x0F
    static let hasValues: UInt8 = 0x40
    static let isRequired: UInt8 = 0x80
    static let anything: UInt8 = 0
    static let number: UInt8 = 1
    static let string: UInt8 = 2
    static let bool: UInt8 = 3
    static let object: UInt8 = 4
    static let array: UInt8 = 5

    private var typeIndex: [String: Int32] = [:]
    private var rules: [[String: Rule]] = []
    /// Required fields of each type: as bits, and their names by bit.
    private(set) var requiredMask: [UInt64] = []
    private(set) var requiredNames: [[String]] = []

    init(_ catalog: EventCatalog) {
        for (index, type) in catalog.types.enumerated() {
            typeIndex[type.name] = Int32(index)
            var table: [String: Rule] = [:]
            var required: [String] = []
            for field in EventCatalog.commonFields + type.fields {
                var bits = Self.bits(field.kind)
                var bit = 0
                if !field.allowedValues.isEmpty { bits |= Self.hasValues }
                if field.isRequired, required.count < 64 {
                    bits |= Self.isRequired
                    bit = required.count
                    required.append(field.name)
                }
                table[field.name] = Rule(field: field, bits: bits, requiredBit: UInt8(bit))
            }
            rules.append(table)
            requiredNames.append(required)
            requiredMask.append(required.count == 64 ? .max : (1 << UInt64(required.count)) - 1)
        }
    }

    private static func bits(_ kind: EventTypeSpec.Field.Kind) -> UInt8 {
        switch kind {
        case .number: number
        case .string: string
        case .bool: bool
        case .object: object
        case .array: array
        case .any: anything
        }
    }

    /// Place of a type in the catalogue; -1 when it is not there.
    func type(_ name: String) -> Int32 { typeIndex[name] ?? -1 }

    func rule(type: Int32, path: String) -> Rule? { type < 0 ? nil : rules[Int(type)][path] }
}
