public import TowerModel
import TowerWire

extension SchemaRegistry {
    /// The schema's text in the form that is kept: without white space; members by name when `isNormalized`.
    public static func content(
        type: SchemaType, text: String, references: [SchemaReference] = [], metadata: String? = nil, isNormalized: Bool = false
    ) throws(RegistryError) -> SchemaContent {
        let tree: JSONTree
        do throws(JSONTree.Fault) {
            tree = try JSONTree.parse(text, limits: SchemaLimits.text)
        } catch {
            // A bare name is an Avro schema that many write without its quotes.
            guard type == .avro, AvroSchema.Primitive(rawValue: text) != nil else {
                throw .invalidSchema("not a JSON value: \(error)")
            }
            tree = .string(text)
        }
        guard references.count <= SchemaLimits.maxReferences else {
            throw .invalidSchema("more references than a schema may have")
        }
        let kept =
            isNormalized
            ? references.sorted { ($0.name, $0.subject, $0.version) < ($1.name, $1.subject, $1.version) } : references
        return SchemaContent(type: type, text: isNormalized ? tree.canonical : tree.compact, references: kept, metadata: metadata)
    }

    /// Registers a schema under a subject, or finds that it is registered.
    ///
    /// - Throws: 42201 for what is no schema, 409 for what is incompatible (naming path, reason and both versions), 42205 in a mode
    ///   that forbids it, 50001.
    public func register(_ tenant: TenantID, subject: String, _ request: RegistrationRequest) async throws(RegistryError)
        -> RegistryVersion
    {
        try Self.check(subject)
        return try await change { (registry, state) throws(RegistryError) in
            let mode = state.effectiveMode(tenant, subject)
            let own = state.ownVersions(tenant, subject)
            if let known = own.first(where: {
                !$0.isDeleted && $0.content == request.content && (request.version ?? $0.version) == $0.version
            }) {
                guard request.id == nil || request.id == known.id else { throw Self.idTaken(request.id ?? 0) }
                return ([], RegistryVersion(known))
            }
            guard mode != .readOnly else { throw .readOnly(subject) }
            guard mode == .importing || (request.id == nil && request.version == nil) else {
                throw RegistryError(42205, "Subject \(subject) is not in import mode: an id or version may not be given")
            }
            let schema = try registry.parse(tenant, request.content, in: state)
            if mode != .importing {
                try registry.check(tenant, subject, schema, after: own, next: (own.last?.version ?? 0) + 1, in: state)
            }
            let version = try Self.version(request, own, state, tenant: tenant, subject: subject, writer: registry.writer)
            return ([.version(version)], RegistryVersion(version))
        }
    }

    private static func version(
        _ request: RegistrationRequest, _ own: [RegisteredVersion], _ state: RegistryState, tenant: TenantID, subject: String,
        writer: String
    ) throws(RegistryError) -> RegisteredVersion {
        guard own.count < SchemaLimits.maxVersions else { throw .tooMany("subject \(subject) has \(own.count) versions") }
        guard !own.isEmpty || state.ownSubjects(tenant) < SchemaLimits.maxSubjects else {
            throw .tooMany("there are \(SchemaLimits.maxSubjects) subjects")
        }
        let known = state.id(tenant, of: request.content)
        let number = request.version ?? (own.last?.version ?? 0) + 1
        guard number > 0, number <= Int(Int32.max) else { throw .invalidVersion(String(number)) }
        guard !own.contains(where: { $0.version == number }) else {
            throw RegistryError(42205, "Version \(number) of subject \(subject) is another schema already")
        }
        if let given = request.id, given != known {
            guard given > 0, state.contents[given] == nil, known == nil else { throw idTaken(given) }
        }
        guard let id = request.id ?? known ?? state.nextID else { throw .tooMany("every id is taken") }
        return RegisteredVersion(
            tenant: tenant, subject: subject, version: number, id: id, content: request.content, isDeleted: false, writer: writer,
            isImported: request.id != nil)
    }

    private static func idTaken(_ id: Int32) -> RegistryError {
        RegistryError(42205, "Id \(id) belongs to another schema, or the schema has another id; it may not be overwritten")
    }

    static func check(_ subject: String) throws(RegistryError) {
        guard !subject.isEmpty, subject.utf8.count <= SchemaLimits.maxSubjectBytes,
            !subject.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
        else {
            throw RegistryError(
                42208, "A subject's name is 1 to \(SchemaLimits.maxSubjectBytes) bytes without control characters")
        }
    }

    /// - Throws: 409 with every difference.
    private func check(
        _ tenant: TenantID, _ subject: String, _ schema: ParsedSchema, after history: [RegisteredVersion], next: Int,
        in state: RegistryState
    ) throws(RegistryError) {
        let level = state.effectiveLevel(tenant, subject)
        let alive = history.filter { !$0.isDeleted }
        let refusals = try refusals(
            tenant, schema, named: "version \(next)", after: history, against: level.isTransitive ? alive : alive.suffix(1),
            level: level, in: state)
        guard refusals.isEmpty else {
            throw RegistryError(
                409,
                "Schema being registered is incompatible with an earlier schema for subject \"\(subject)\", details: "
                    + "[\(refusals.joined(separator: ", ")), {compatibility: '\(level.rawValue)'}]")
        }
    }

    /// Differences from some of the versions before.
    ///
    /// - Parameters:
    ///   - history: versions whose steps lie between those and the new one, by rising number, softly deleted ones included.
    ///   - compared: a part of `history`.
    func refusals(
        _ tenant: TenantID, _ schema: ParsedSchema, named name: String, after history: [RegisteredVersion],
        against compared: [RegisteredVersion],
        level: CompatibilityLevel, in state: RegistryState
    ) throws(RegistryError) -> [String] {
        guard level != .none, !compared.isEmpty else { return [] }
        var refusals: [String] = []
        // Steps of the versions between an old one and the new, the new one's own last.
        var steps = schema.operations
        for old in history.reversed() {
            let other = try parse(tenant, old.content, in: state)
            defer { steps = other.operations + steps }
            guard compared.contains(old) else { continue }
            var upcast: ParsedSchema?
            if !steps.isEmpty {
                do throws(RegistryError) {
                    upcast = try state.parse(tenant, old.content, upcastBy: steps)
                } catch {
                    refusals.append(
                        "{errorType:\"UPCAST_NOT_APPLICABLE\", path:\"#/x-upcast\", reason:\"\(name) after version \(old.version): \(error.message)\"}"
                    )
                    continue
                }
            }
            refusals += level.refusals(new: schema, named: name, old: other, named: "version \(old.version)", upcast: upcast)
            if refusals.count >= SchemaLimits.maxDifferences { break }
        }
        return Array(refusals.prefix(SchemaLimits.maxDifferences))
    }
}

extension RegistryVersion {
    public init(_ version: RegisteredVersion) {
        self.init(subject: version.subject, version: version.version, id: version.id, content: version.content)
    }
}
