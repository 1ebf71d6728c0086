import Testing
import TowerWire

@testable import TowerRegistry

@Suite struct JSONSchemaTests {
    static func kinds(from old: String, to new: String) throws -> [String] {
        try ParsedSchema.parse(.json, new).differences(reading: ParsedSchema.parse(.json, old)).map(\.kind)
    }

    static func closed(_ properties: String, _ more: String = "") -> String {
        #"{"type":"object","properties":{\#(properties)},"additionalProperties":false\#(more)}"#
    }
    static func open(_ properties: String, _ more: String = "") -> String {
        #"{"type":"object","properties":{\#(properties)}\#(more)}"#
    }

    static let changes: [(String, String, [String])] = [
        (#"{"type":"string"}"#, #"{"type":"string"}"#, []), (#"{"type":"integer"}"#, #"{"type":"number"}"#, []),
        (#"{"type":"number"}"#, #"{"type":"integer"}"#, ["TYPE_NARROWED"]),
        (#"{"type":"string"}"#, #"{"type":"number"}"#, ["TYPE_CHANGED"]),
        (#"{"type":"string"}"#, #"{"type":["string","null"]}"#, []),
        (#"{"type":["string","null"]}"#, #"{"type":"string"}"#, ["TYPE_NARROWED"]),
        (#"{"type":"string"}"#, "true", []), ("true", #"{"type":"string"}"#, ["TYPE_NARROWED"]),
        ("false", #"{"type":"string"}"#, []),
        (#"{"enum":["a"]}"#, #"{"enum":["a","b"]}"#, []), (#"{"enum":["a","b"]}"#, #"{"enum":["a"]}"#, ["ENUM_ARRAY_NARROWED"]),
        (#"{"const":1}"#, #"{"const":1.0}"#, []), (#"{"enum":["a"]}"#, #"{"type":"string"}"#, []),
        (#"{"type":"number","minimum":0}"#, #"{"type":"number","minimum":1}"#, ["MINIMUM_INCREASED"]),
        (#"{"type":"number","minimum":1}"#, #"{"type":"number","minimum":0}"#, []),
        (#"{"type":"number"}"#, #"{"type":"number","maximum":9}"#, ["MAXIMUM_ADDED"]),
        (#"{"type":"string","maxLength":9}"#, #"{"type":"string","maxLength":3}"#, ["MAX_LENGTH_DECREASED"]),
        (#"{"type":"string"}"#, #"{"type":"string","pattern":"^a"}"#, ["PATTERN_ADDED"]),
        (#"{"type":"string","pattern":"^a"}"#, #"{"type":"string"}"#, []),
        (#"{"type":"number","multipleOf":4}"#, #"{"type":"number","multipleOf":2}"#, []),
        (#"{"type":"number","multipleOf":2}"#, #"{"type":"number","multipleOf":4}"#, ["MULTIPLE_OF_CHANGED"]),
        (#"{"type":"array","items":{"type":"integer"}}"#, #"{"type":"array","items":{"type":"number"}}"#, []),
        (#"{"type":"array","items":{"type":"number"}}"#, #"{"type":"array","items":{"type":"string"}}"#, ["TYPE_CHANGED"]),
        (#"{"type":"array"}"#, #"{"type":"array","uniqueItems":true}"#, ["UNIQUE_ITEMS_ADDED"]),
        (#"{"type":"string"}"#, #"{"oneOf":[{"type":"string"},{"type":"number"}]}"#, []),
        (#"{"oneOf":[{"type":"string"},{"type":"number"}]}"#, #"{"type":"string"}"#, ["SUM_TYPE_NARROWED"]),
        (#"{"anyOf":[{"type":"string"},{"type":"number"}]}"#, #"{"anyOf":[{"type":"string"}]}"#, ["SUM_TYPE_NARROWED"]),
        (#"{"allOf":[{"type":"string"}]}"#, #"{"allOf":[{"type":"string"},{"maxLength":3}]}"#, ["PRODUCT_TYPE_EXTENDED"]),
        (#"{"allOf":[{"type":"string"},{"maxLength":3}]}"#, #"{"allOf":[{"type":"string"}]}"#, []),
        (#"{"type":"string"}"#, #"{"type":"string","not":{"const":"x"}}"#, ["NOT_TYPE_EXTENDED"]),
    ]
    @Test(arguments: changes)
    func valuesFollowTheRulesOfTheOtherRegistries(old: String, new: String, kinds: [String]) throws {
        #expect(try Self.kinds(from: old, to: new) == kinds)
    }

    static let contentModels: [(String, String, [String])] = [
        (closed(#""a":{"type":"string"}"#), closed(#""a":{"type":"string"},"b":{"type":"string"}"#), []),
        (
            open(#""a":{"type":"string"}"#), open(#""a":{"type":"string"},"b":{"type":"string"}"#),
            ["PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"]
        ),
        (open(#""a":{"type":"string"}"#), open(#""a":{"type":"string"},"b":{}"#), []),
        (open(#""a":{"type":"string"}"#), open(""), []),
        (closed(#""a":{"type":"string"}"#), closed(""), ["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"]),
        (closed(#""a":false"#), closed(""), []),
        (
            closed(""), closed(#""b":{"type":"string"}"#, #","required":["b"]"#),
            ["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"]
        ),
        (closed(""), closed(#""b":{"type":"string","default":""}"#, #","required":["b"]"#), []),
        (closed(#""a":{}"#), closed(#""a":{}"#, #","required":["a"]"#), ["REQUIRED_ATTRIBUTE_ADDED"]),
        (closed(#""a":{}"#, #","required":["a"]"#), closed(#""a":{}"#), []),
        (open(""), closed(""), ["ADDITIONAL_PROPERTIES_REMOVED"]), (closed(""), open(""), []),
        (open(""), open("", #","additionalProperties":{"type":"string"}"#), ["ADDITIONAL_PROPERTIES_NARROWED"]),
        (
            open("", #","additionalProperties":{"type":"string"}"#),
            open(#""a":{"type":"string"}"#, #","additionalProperties":{"type":"string"}"#),
            []
        ),
        (
            open("", #","additionalProperties":{"type":"string"}"#),
            open(#""a":{"type":"number"}"#, #","additionalProperties":{"type":"string"}"#),
            ["PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"]
        ),
    ]
    @Test(arguments: contentModels)
    func contentModelsAreOpenOrClosed(old: String, new: String, kinds: [String]) throws {
        #expect(try Self.kinds(from: old, to: new) == kinds)
    }

    @Test func aSchemaThatHoldsItselfIsComparedOnce() throws {
        let tree =
            ##"{"definitions":{"node":{"type":"object","properties":{"next":{"$ref":"#/definitions/node"},"v":{"type":"integer"}}}},"$ref":"#/definitions/node"}"##
        #expect(try Self.kinds(from: tree, to: tree) == [])
        #expect(try Self.kinds(from: tree, to: tree.replacing("integer", with: "string")) == ["TYPE_CHANGED"])
    }

    static let broken: [(String, String)] = [
        ("{", "not a JSON value"), ("7", "object, true or false"), (#"{"type":"tower"}"#, "no such type"),
        (#"{"required":"a"}"#, "list of names"),
        (#"{"minimum":"a"}"#, "number"), (#"{"maxLength":-1}"#, "from 0 on"), (#"{"multipleOf":0}"#, "above 0"),
        (#"{"allOf":[]}"#, "list of schemas"),
        (##"{"$ref":"#/nowhere"}"##, "nothing at"), (#"{"$ref":"other.json"}"#, "among the references"),
        (##"{"$ref":"#"}"##, "back to itself"),
        (##"{"allOf":[{"$ref":"#"}]}"##, "back to itself"), (#"{"x-upcast":[{"op":"explode"}]}"#, "not a step"),
        (#"{"x-version":"one"}"#, "x-version"),
        (#"{"type":"object","type":"object"}"#, "twice"),
    ]
    @Test(arguments: broken)
    func whatIsNoSchemaIsRefusedWithItsPlace(text: String, reason: String) {
        let fault = #expect(throws: SchemaFault.self) { try ParsedSchema.parse(.json, text) }
        #expect(fault?.description.contains(reason) == true, "\(String(describing: fault))")
    }

    @Test func referencesResolveByNameAndAnchor() throws {
        let schema =
            ##"{"properties":{"a":{"$ref":"site.json"},"b":{"$ref":"site.json#/$defs/x"},"c":{"$ref":"#here"}},"$defs":{"q":{"$anchor":"here","type":"null"}}}"##
        let parsed = try ParsedSchema.parse(
            .json, schema, references: [("site.json", #"{"type":"string","$defs":{"x":{"type":"integer"}}}"#)])
        guard case .json(let json) = parsed else { return }
        #expect(json.violation(of: try JSONTree.parse(#"{"a":"x","b":1,"c":null}"#)) == nil)
        #expect(json.violation(of: try JSONTree.parse(#"{"a":1}"#))?.path == "/a")
        #expect(json.violation(of: try JSONTree.parse(#"{"b":"x"}"#))?.path == "/b")
        #expect(json.violation(of: try JSONTree.parse(#"{"c":1}"#))?.path == "/c")
    }

    static let violations: [(String, String, String)] = [
        (#"{"type":"object","required":["a"]}"#, "{}", "/a is required and absent"),
        (#"{"type":"string"}"#, "1", "the whole must be string"),
        (#"{"properties":{"a":{"maximum":3}}}"#, #"{"a":4}"#, "/a must be at most 3.0"),
        (#"{"items":{"enum":["x"]}}"#, #"["x","y"]"#, "/1 must be \"x\""),
        (#"{"additionalProperties":false}"#, #"{"z":1}"#, "/z is not allowed by the schema"),
        (#"{"oneOf":[{"type":"integer"},{"type":"number"}]}"#, "1", "the whole fits 2 of the alternatives and must fit one"),
        (#"{"multipleOf":0.1}"#, "0.25", "the whole must be a multiple of 0.1"),
        (#"{"minLength":2}"#, #""é""#, "the whole must have at least 2 characters"),
    ]
    @Test(arguments: violations)
    func aValueThatDoesNotFitIsToldWhereAndWhy(schema: String, value: String, message: String) throws {
        guard case .json(let json) = try ParsedSchema.parse(.json, schema) else { return }
        #expect(json.violation(of: try JSONTree.parse(value))?.description == message)
    }

    /// Bodies that try to be deep, wide or circular end with an answer.
    @Test func hostileSchemasStayBounded() throws {
        let deep = String(repeating: #"{"not":"#, count: 5000) + "true" + String(repeating: "}", count: 5000)
        #expect(throws: SchemaFault.self) { try ParsedSchema.parse(.json, deep) }
        let wide = #"{"enum":["# + (0..<30_000).map(String.init).joined(separator: ",") + "]}"
        #expect(throws: SchemaFault.self) { try ParsedSchema.parse(.json, wide) }
        #expect(throws: SchemaFault.self) {
            try ParsedSchema.parse(.json, #"{"title":""# + String(repeating: "x", count: 300_000) + #""}"#)
        }
        // Each level refers twice to the next: two to the power of forty paths to one leaf.
        let levels = (0..<40).map { ##""l\##($0)":{"anyOf":[{"$ref":"#/$defs/l\##($0 + 1)"},{"$ref":"#/$defs/l\##($0 + 1)"}]}"## }
        let fan =
            ##"{"$schema":"2020-12","$ref":"#/$defs/l0","$defs":{"## + levels.joined(separator: ",")
            + #","l40":{"type":"integer"}}}"#
        guard case .json(let schema) = try ParsedSchema.parse(.json, fan) else { return }
        #expect(schema.violation(of: .string("x")) != nil)
        #expect(
            try !ParsedSchema.parse(.json, fan).differences(reading: ParsedSchema.parse(.json, #"{"type":"string"}"#)).isEmpty)
        let nested = String(repeating: #"{"type":"array","items":"#, count: 100) + #""int""# + String(repeating: "}", count: 100)
        #expect(throws: SchemaFault.self) { try ParsedSchema.parse(.avro, nested) }
    }

    /// Bytes at random, and schemas with one byte changed, never do more than refuse.
    @Test func damagedBodiesAreRefusedNotFatal() {
        let seeds = [
            Self.closed(
                #""a":{"type":["string","null"],"enum":["x"]}"#,
                ##","allOf":[{"$ref":"#/properties/a"}],"x-upcast":[{"op":"remove","field":"q"}]"##),
            AvroTests.record(#"{"name":"a","type":["null",{"type":"enum","name":"E","symbols":["A"]}],"default":null}"#),
        ]
        var dice = Dice(seed: 11)
        var understood = 0
        for round in 0..<4000 {
            var bytes = Array(seeds[round % 2].utf8)
            for _ in 0...dice.roll(3) { bytes[dice.roll(bytes.count)] = UInt8(dice.roll(256)) }
            let text = String(decoding: bytes, as: UTF8.self)
            for type in SchemaType.allCases where (try? ParsedSchema.parse(type, text)) != nil { understood += 1 }
        }
        #expect(understood > 0 && understood < 8000)
    }
}
