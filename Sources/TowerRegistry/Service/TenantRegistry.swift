public import TowerModel

/// The house's registry as one tenant's client sees it.
public struct TenantRegistry: SchemaRegistering {
    private let registry: SchemaRegistry
    private let tenant: TenantID

    public init(_ registry: SchemaRegistry, tenant: TenantID) {
        self.registry = registry
        self.tenant = tenant
    }

    public func schema(id: Int32) async throws -> SchemaContent { try await registry.schema(tenant, id: id) }
    public func register(subject: String, _ content: SchemaContent) async throws -> Int32 {
        try await registry.register(tenant, subject: subject, RegistrationRequest(content: content)).id
    }
    public func lookup(subject: String, _ content: SchemaContent) async throws -> RegistryVersion {
        try await registry.lookup(tenant, subject: subject, content)
    }
    public func latest(subject: String) async throws -> RegistryVersion {
        try await registry.version(tenant, subject: subject, .latest)
    }
    public func incompatibilities(subject: String, _ content: SchemaContent) async throws -> [String] {
        try await registry.incompatibilities(tenant, subject: subject, content, with: .latest)
    }
}
