import Testing

@testable import TowerRegistry

@Suite struct AvroTests {
    static func record(_ fields: String, name: String = "R", more: String = "") -> String {
        #"{"type":"record","name":"\#(name)"\#(more),"fields":[\#(fields)]}"#
    }

    static func kinds(reader: String, writer: String) throws -> [String] {
        try ParsedSchema.parse(.avro, reader).differences(reading: ParsedSchema.parse(.avro, writer)).map(\.kind)
    }

    static let resolutions: [(String, String, [String])] = [
        (#""int""#, #""int""#, []), (#""long""#, #""int""#, []), (#""double""#, #""long""#, []), (#""string""#, #""bytes""#, []),
        (#""int""#, #""long""#, ["TYPE_MISMATCH"]), (#""boolean""#, #""int""#, ["TYPE_MISMATCH"]),
        (#""float""#, #""double""#, ["TYPE_MISMATCH"]),
        (#"["null","int"]"#, #""int""#, []), (#""int""#, #"["null","int"]"#, ["TYPE_MISMATCH"]),
        (#"["null","string"]"#, #""int""#, ["MISSING_UNION_BRANCH"]), (#"["null","long"]"#, #"["null","int"]"#, []),
        (#"{"type":"array","items":"long"}"#, #"{"type":"array","items":"int"}"#, []),
        (#"{"type":"map","values":"int"}"#, #"{"type":"map","values":"string"}"#, ["TYPE_MISMATCH"]),
        (#"{"type":"fixed","name":"F","size":4}"#, #"{"type":"fixed","name":"F","size":5}"#, ["FIXED_SIZE_MISMATCH"]),
        (#"{"type":"fixed","name":"G","size":4}"#, #"{"type":"fixed","name":"F","size":4}"#, ["NAME_MISMATCH"]),
        (#"{"type":"fixed","name":"G","size":4,"aliases":["F"]}"#, #"{"type":"fixed","name":"F","size":4}"#, []),
        (
            #"{"type":"enum","name":"E","symbols":["A"]}"#, #"{"type":"enum","name":"E","symbols":["A","B"]}"#,
            ["MISSING_ENUM_SYMBOLS"]
        ),
        (#"{"type":"enum","name":"E","symbols":["A"],"default":"A"}"#, #"{"type":"enum","name":"E","symbols":["A","B"]}"#, []),
        (#"{"type":"int","logicalType":"date"}"#, #""int""#, []),
    ]
    @Test(arguments: resolutions)
    func aReaderReadsWhatTheSpecificationSays(reader: String, writer: String, kinds: [String]) throws {
        #expect(try Self.kinds(reader: reader, writer: writer) == kinds)
    }

    static let records: [(String, String, [String])] = [
        (#"{"name":"a","type":"int"}"#, #"{"name":"a","type":"int"}"#, []),
        (#"{"name":"a","type":"int"},{"name":"b","type":"int","default":1}"#, #"{"name":"a","type":"int"}"#, []),
        (
            #"{"name":"a","type":"int"},{"name":"b","type":"int"}"#, #"{"name":"a","type":"int"}"#,
            ["READER_FIELD_MISSING_DEFAULT_VALUE"]
        ),
        ("", #"{"name":"a","type":"int"}"#, []),
        (#"{"name":"b","type":"int","aliases":["a"]}"#, #"{"name":"a","type":"int"}"#, []),
        (#"{"name":"a","type":["null","R"],"default":null}"#, #"{"name":"a","type":["null","R"],"default":null}"#, []),
    ]
    @Test(arguments: records)
    func recordsMatchByFieldAliasAndDefault(reader: String, writer: String, kinds: [String]) throws {
        #expect(try Self.kinds(reader: Self.record(reader), writer: Self.record(writer)) == kinds)
    }

    @Test func aDifferenceNamesItsPath() throws {
        let differences = try ParsedSchema.parse(.avro, Self.record(#"{"name":"a","type":{"type":"array","items":"int"}}"#))
            .differences(
                reading: ParsedSchema.parse(.avro, Self.record(#"{"name":"a","type":{"type":"array","items":"string"}}"#)))
        #expect(differences.map(\.path) == ["#/fields/0/type/items"])
        #expect(differences[0].reason.contains("int") && differences[0].reason.contains("string"))
    }

    @Test func namesHaveNamespacesThatNest() throws {
        let schema = #"""
            {"type":"record","name":"Outer","namespace":"a.b","fields":[
              {"name":"x","type":{"type":"enum","name":"Kind","symbols":["A"]}},{"name":"y","type":"Kind"},{"name":"z","type":"a.b.Outer"}]}
            """#
        guard case .avro(let parsed) = try ParsedSchema.parse(.avro, schema) else {
            Issue.record("not Avro")
            return
        }
        #expect(parsed.names.compactMap { $0?.full } == ["a.b.Outer", "a.b.Kind"])
    }

    static let broken: [String] = [
        "{}", "7", #"{"type":"record","name":"R"}"#, #"{"type":"record","fields":[]}"#,
        #"{"type":"enum","name":"E","symbols":["A","A"]}"#,
        #"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#, #"["int","int"]"#, #"[["int"],"string"]"#, #""nobody""#,
        #"{"type":"fixed","name":"F","size":-1}"#, #"{"type":"record","name":"1R","fields":[]}"#, #"{"type":"array"}"#,
        #"{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}"#,
        #"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
        #"{"type":"record","name":"R","fields":[{"name":"s","type":{"type":"record","name":"R","fields":[]}}]}"#,
    ]
    @Test(arguments: broken)
    func whatIsNoSchemaIsRefused(text: String) {
        #expect(throws: SchemaFault.self) { try ParsedSchema.parse(.avro, text) }
    }
}
