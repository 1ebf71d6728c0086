import Hummingbird
import TowerModel
import TowerRegistry
import TowerStores
import TowerWire

/// The schema registry's contract under `/registry`, so that other people's serializers work unmodified.
///
/// A caller sees the subjects of its tenant and the platform's; what it writes is its tenant's.
struct RegistryRoutes: Sendable {
    let services: Services

    static let reading = Route.Access.any
    /// Producers register what they write.
    static let registering = Route.Access.signedIn([.admin, .ingest])
    static let changing = Route.Access.signedIn([.admin])
    static let bodyBytesMax = 1 << 20

    var routes: [Route] { schemaRoutes + subjectRoutes + compatibilityRoutes + settingRoutes + deletionRoutes }

    private var schemaRoutes: [Route] {
        [
            route("GET", "", "getRegistry", "Whether the registry answers", Self.reading) { _, _, _ in
                RegistryAnswer.json(.object([]))
            },
            route("GET", "/contexts", "listRegistryContexts", "Contexts; there is one", Self.reading) { _, _, _ in
                RegistryAnswer.json(.array([.string(".")]))
            },
            route("GET", "/schemas/types", "listRegistrySchemaTypes", "Languages of schemas", Self.reading) { _, _, _ in
                RegistryAnswer.json(.array([.string("JSON"), .string("AVRO")]))
            },
            route(
                "GET", "/schemas", "listRegistrySchemas", "Schemas of all subjects", Self.reading,
                query: ["subjectPrefix", "deleted", "latestOnly", "offset", "limit"], listSchemas),
            route(
                "GET", "/schemas/ids/{id}", "getRegistrySchema", "A schema by its id", Self.reading,
                query: ["subject", "format", "fetchMaxId", "referenceFormat"]
            ) { call, tenant, registry in
                RegistryAnswer.json(.object(Self.members(try await registry.schema(tenant, id: try Self.id(call)))))
            },
            route(
                "GET", "/schemas/ids/{id}/schema", "getRegistrySchemaText", "A schema alone", Self.reading,
                query: ["subject", "format"]
            ) { call, tenant, registry in
                RegistryAnswer.json(try Self.tree(try await registry.schema(tenant, id: try Self.id(call)).text))
            },
            route(
                "GET", "/schemas/ids/{id}/subjects", "listRegistrySchemaSubjects", "Subjects that use a schema", Self.reading,
                query: ["subject", "deleted"]
            ) { call, tenant, registry in
                let uses = try await uses(call, tenant, registry)
                return RegistryAnswer.json(.array(Set(uses.map(\.subject)).sorted().map(JSONTree.string)))
            },
            route(
                "GET", "/schemas/ids/{id}/versions", "listRegistrySchemaVersions", "Versions that use a schema", Self.reading,
                query: ["subject", "deleted"]
            ) { call, tenant, registry in
                RegistryAnswer.json(
                    .array(
                        try await uses(call, tenant, registry).map {
                            .object([.init("subject", .string($0.subject)), .init("version", .number($0.version))])
                        }))
            },
        ]
    }

    private var subjectRoutes: [Route] {
        [
            route(
                "GET", "/subjects", "listRegistrySubjects", "Subjects", Self.reading,
                query: ["subjectPrefix", "deleted", "deletedOnly", "offset", "limit"]
            ) { call, tenant, registry in
                let prefix = call.string("subjectPrefix") ?? ""
                let names = registry.state.subjectNames(
                    tenant, withDeleted: Self.flag(call, "deleted"), onlyDeleted: Self.flag(call, "deletedOnly")
                ).filter { prefix.isEmpty || prefix == ":*:" || $0.hasPrefix(prefix) }
                return RegistryAnswer.json(.array(try Self.page(call, names).map(JSONTree.string)))
            },
            route(
                "POST", "/subjects/{subject}", "lookUpRegistrySchema", "The version that has this schema", Self.reading,
                query: ["normalize", "deleted"]
            ) { call, tenant, registry in
                let request = try await Self.registration(call)
                let found = try await registry.lookup(
                    tenant, subject: try Self.subject(call), request.content, withDeleted: Self.flag(call, "deleted"))
                return RegistryAnswer.json(Self.tree(found))
            },
            route(
                "GET", "/subjects/{subject}/versions", "listRegistryVersions", "Versions of a subject", Self.reading,
                query: ["deleted", "deletedOnly", "offset", "limit"], listVersions),
            route(
                "POST", "/subjects/{subject}/versions", "registerRegistrySchema", "Register a schema", Self.registering,
                query: ["normalize"]
            ) { call, tenant, registry in
                let version = try await registry.register(
                    tenant, subject: try Self.subject(call), try await Self.registration(call))
                return RegistryAnswer.json(Self.tree(version))
            },
            route(
                "GET", "/subjects/{subject}/versions/{version}", "getRegistryVersion", "A version of a subject", Self.reading,
                query: ["deleted", "format"]
            ) { call, tenant, registry in RegistryAnswer.json(Self.tree(try await version(call, tenant, registry))) },
            route(
                "GET", "/subjects/{subject}/versions/{version}/schema", "getRegistryVersionText", "A version's schema alone",
                Self.reading,
                query: ["deleted", "format"]
            ) { call, tenant, registry in
                RegistryAnswer.json(try Self.tree(try await version(call, tenant, registry).content.text))
            },
            route(
                "GET", "/subjects/{subject}/versions/{version}/referencedby", "listRegistryReferrers",
                "Ids of schemas that refer to it",
                Self.reading
            ) { call, tenant, registry in
                let version = try await version(call, tenant, registry)
                let ids = Set(registry.state.referrers(tenant, subject: version.subject, version: version.version).map(\.id))
                return RegistryAnswer.json(.array(ids.sorted().map { .number(Int($0)) }))
            },
        ]
    }

    private var compatibilityRoutes: [Route] {
        [
            route(
                "POST", "/compatibility/subjects/{subject}/versions/{version}", "testRegistryCompatibility",
                "Whether a schema could follow a version", Self.reading, query: ["verbose", "normalize"]
            ) { call, tenant, registry in
                try await compatibility(call, tenant, registry, with: try VersionSelector(try call.parameter("version")))
            },
            route(
                "POST", "/compatibility/subjects/{subject}/versions", "testRegistryCompatibilityWithAll",
                "Whether a schema could be registered next", Self.reading, query: ["verbose", "normalize"]
            ) { call, tenant, registry in try await compatibility(call, tenant, registry, with: nil) },
        ]
    }

    private var deletionRoutes: [Route] {
        [
            route(
                "DELETE", "/subjects/{subject}/versions/{version}", "deleteRegistryVersion",
                "Delete a version, softly or for good",
                Self.changing, query: ["permanent"]
            ) { call, tenant, registry in
                let version = try await registry.deleteVersion(
                    tenant, subject: try Self.subject(call), try VersionSelector(try call.parameter("version")),
                    isPermanent: Self.flag(call, "permanent"))
                return RegistryAnswer.json(.number(version))
            },
            route(
                "DELETE", "/subjects/{subject}", "deleteRegistrySubject", "Delete a subject, softly or for good", Self.changing,
                query: ["permanent"]
            ) { call, tenant, registry in
                let versions = try await registry.deleteSubject(
                    tenant, subject: try Self.subject(call), isPermanent: Self.flag(call, "permanent"))
                return RegistryAnswer.json(.array(versions.map { .number($0) }))
            },
        ]
    }

    // MARK: Handlers

    private func listSchemas(_ call: Call, _ tenant: TenantID, _ registry: SchemaRegistry) async throws -> Response {
        let prefix = call.string("subjectPrefix") ?? ""
        var versions = registry.state.allVersions(tenant, withDeleted: Self.flag(call, "deleted")).filter {
            prefix.isEmpty || $0.subject.hasPrefix(prefix)
        }
        if Self.flag(call, "latestOnly") {
            versions = zip(versions, versions.dropFirst().map { Optional($0) } + [nil]).filter { $0.subject != $1?.subject }.map(
                \.0)
        }
        return RegistryAnswer.json(.array(try Self.page(call, versions).map { Self.tree(RegistryVersion($0)) }))
    }

    private func listVersions(_ call: Call, _ tenant: TenantID, _ registry: SchemaRegistry) async throws -> Response {
        let subject = try Self.subject(call)
        let onlyDeleted = Self.flag(call, "deletedOnly")
        let versions = registry.state.versions(tenant, subject, withDeleted: onlyDeleted || Self.flag(call, "deleted")).filter {
            !onlyDeleted || $0.isDeleted
        }
        guard !versions.isEmpty else { throw RegistryError(40401, "Subject '\(subject)' not found.") }
        return RegistryAnswer.json(.array(try Self.page(call, versions).map { .number($0.version) }))
    }

    private func uses(_ call: Call, _ tenant: TenantID, _ registry: SchemaRegistry) async throws -> [RegisteredVersion] {
        let id = try Self.id(call)
        _ = try await registry.schema(tenant, id: id)
        return registry.state.uses(tenant, id: id, withDeleted: Self.flag(call, "deleted"))
    }

    private func version(_ call: Call, _ tenant: TenantID, _ registry: SchemaRegistry) async throws -> RegistryVersion {
        try await registry.version(
            tenant, subject: try Self.subject(call), try VersionSelector(try call.parameter("version")),
            withDeleted: Self.flag(call, "deleted"))
    }

    private func compatibility(
        _ call: Call, _ tenant: TenantID, _ registry: SchemaRegistry, with selector: VersionSelector?
    ) async throws -> Response {
        let request = try await Self.registration(call)
        let messages = try await registry.incompatibilities(
            tenant, subject: try Self.subject(call), request.content, with: selector)
        var members: [JSONTree.Member] = [.init("is_compatible", .bool(messages.isEmpty))]
        if Self.flag(call, "verbose") { members.append(.init("messages", .array(messages.map(JSONTree.string)))) }
        return RegistryAnswer.json(.object(members))
    }
}
