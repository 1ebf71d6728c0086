/// Schema resolution (Avro 1.11, "Schema Resolution"): what of a writer's data a reader cannot read.
struct AvroCompatibility {
    private let reader: AvroSchema
    private let writer: AvroSchema
    private var differences: [SchemaDifference] = []
    /// Pairs that are known or being looked at: a type that holds itself is compared once.
    private var seen: Set<Pair> = []
    private var comparisons = 0

    private struct Pair: Hashable {
        var reader: Int
        var writer: Int
    }

    static func differences(reader: AvroSchema, writer: AvroSchema) -> [SchemaDifference] {
        var comparison = AvroCompatibility(reader: reader, writer: writer)
        comparison.compare(reader.root, writer.root, "#")
        return comparison.differences
    }

    private init(reader: AvroSchema, writer: AvroSchema) {
        self.reader = reader
        self.writer = writer
    }

    private mutating func add(_ kind: String, _ path: String, _ reason: String) {
        guard differences.count < SchemaLimits.maxDifferences else { return }
        differences.append(SchemaDifference(kind, path, reason))
    }

    /// Whether this pair alone is compatible, without keeping what was found.
    private mutating func isCompatible(_ read: Int, _ written: Int) -> Bool {
        let kept = differences
        let known = seen
        differences = []
        compare(read, written, "")
        let isCompatible = differences.isEmpty
        differences = kept
        if !isCompatible { seen = known }
        return isCompatible
    }

    private mutating func compare(_ read: Int, _ written: Int, _ path: String) {
        comparisons += 1
        guard comparisons <= SchemaLimits.maxComparisons else {
            if comparisons == SchemaLimits.maxComparisons + 1 {
                add("TOO_COMPLEX", path, "the schemas are too large to be compared")
            }
            return
        }
        guard seen.insert(Pair(reader: read, writer: written)).inserted else { return }
        switch (reader.nodes[read], writer.nodes[written]) {
        // Every branch that may be written must be readable.
        case (_, .union(let branches)):
            for branch in branches { compare(read, branch, path) }
        case (.union(let branches), _):
            for branch in branches where isCompatible(branch, written) { return }
            add(
                "MISSING_UNION_BRANCH", path,
                "the reader's union has no branch for \(writer.describe(written)); keep the branch or add one that it fits")
        case (.primitive(let read), .primitive(let written)):
            if !Self.promotes(written, to: read) {
                add("TYPE_MISMATCH", path, "the reader wants \(read.rawValue), the writer gives \(written.rawValue)")
            }
        case (.array(let read), .array(let written)): compare(read, written, path + "/items")
        case (.map(let read), .map(let written)): compare(read, written, path + "/values")
        case (.fixed(let readSize), .fixed(let writtenSize)):
            guard sameName(read, written, path) else { return }
            if readSize != writtenSize {
                add("FIXED_SIZE_MISMATCH", path + "/size", "the reader wants \(readSize) bytes, the writer gives \(writtenSize)")
            }
        case (.enumeration(let symbols, let fallback), .enumeration(let written_, _)):
            guard sameName(read, written, path) else { return }
            let missing = written_.filter { !symbols.contains($0) }
            if !missing.isEmpty, fallback == nil {
                add(
                    "MISSING_ENUM_SYMBOLS", path + "/symbols",
                    "the reader does not know \(missing.joined(separator: ", ")); keep the symbols or give the enum a default")
            }
        case (.record(let fields), .record(let written_)):
            guard sameName(read, written, path) else { return }
            compareFields(fields, written_, path)
        default:
            add("TYPE_MISMATCH", path, "the reader wants \(reader.describe(read)), the writer gives \(writer.describe(written))")
        }
    }

    private mutating func compareFields(_ fields: [AvroSchema.Field], _ written: [AvroSchema.Field], _ path: String) {
        for (number, field) in fields.enumerated() {
            let place = "\(path)/fields/\(number)"
            if let other = written.first(where: { $0.name == field.name })
                ?? written.first(where: { field.aliases.contains($0.name) })
            {
                compare(field.type, other.type, place + "/type")
            } else if field.fallback == nil {
                add(
                    "READER_FIELD_MISSING_DEFAULT_VALUE", place,
                    "field \(field.name) is not written and has no default; give it one, or an alias of the written field")
            }
        }
    }

    /// Names match without their namespace, or by an alias of the reader's.
    private mutating func sameName(_ read: Int, _ written: Int, _ path: String) -> Bool {
        guard let reader = reader.names[read], let writer = writer.names[written] else { return false }
        if reader.short == writer.short || reader.aliases.contains(writer.full) { return true }
        add(
            "NAME_MISMATCH", path + "/name",
            "the reader's type is \(reader.full), the writer's \(writer.full); an alias would join them")
        return false
    }

    private static func promotes(_ written: AvroSchema.Primitive, to read: AvroSchema.Primitive) -> Bool {
        if written == read { return true }
        return switch (written, read) {
        case (.int, .long), (.int, .float), (.int, .double), (.long, .float), (.long, .double), (.float, .double),
            (.string, .bytes),
            (.bytes, .string):
            true
        default: false
        }
    }
}
