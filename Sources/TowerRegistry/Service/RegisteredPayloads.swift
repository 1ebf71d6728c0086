public import TowerModel
import Synchronization
public import TowerWire

/// The registered schemas as the door and the pipeline use them: made anew when the registry has changed, else a look-up.
///
/// A tenant's subject `<event_type>-value` in JSON Schema is about the payload of that event type. An event's `version` names
/// the schema whose `x-version` it is, or whose number is its major part; one that names none is held to the newest.
/// - Concurrency: any thread.
public final class RegisteredPayloads: Sendable {
    /// Why an event's payload breaks the schema its version names; `nil` when it does not.
    public typealias Check = @Sendable (_ event: UnsafeRawBufferPointer, _ version: UInt32) -> String?

    struct Version: Sendable {
        var number: Int
        var id: Int32
        var label: UInt32
        var isDeleted: Bool
        var schema: JSONSchema
    }

    private struct Cache {
        var revision: UInt64?
        var checks: [TenantID: [Symbol: Check]] = [:]
        var upcaster: EventUpcaster?
        /// Compiled schemas by id; ids are never given twice.
        var compiled: [Int32: JSONSchema] = [:]
    }

    /// FNV-1a: an id says what the schema is, as it is never given twice.
    private struct Fingerprint {
        private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
        mutating func add(_ text: String) {
            for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
    }

    private let registry: SchemaRegistry
    private let symbols: SymbolTable
    private let cache = Mutex(Cache())
    private static let suffix = "-value"

    public init(registry: SchemaRegistry, symbols: SymbolTable) {
        self.registry = registry
        self.symbols = symbols
    }

    /// By event type what a tenant's payloads are held to; `nil` when it has registered nothing.
    public func checks(of tenant: TenantID) -> [Symbol: Check]? {
        cache.withLock { cache in
            refresh(&cache)
            return cache.checks[tenant]
        }
    }

    /// What reads old events as their newest version; `nil` when no schema says how.
    public func upcaster() -> EventUpcaster? {
        cache.withLock { cache in
            refresh(&cache)
            return cache.upcaster
        }
    }

    private func refresh(_ cache: inout Cache) {
        let revision = registry.revision
        guard cache.revision != revision else { return }
        let state = registry.state
        cache.revision = revision
        cache.checks = [:]
        var chains: [EventUpcaster.Key: EventUpcaster.Chain] = [:]
        var names = Fingerprint()
        for tenant in state.tenants where tenant != RegistryState.platform {
            let tenantSymbol = symbols.intern(tenant.rawValue)
            for subject in state.ownSubjectNames(tenant) where subject.hasSuffix(Self.suffix) {
                let versions = versions(of: subject, tenant, state, &cache.compiled)
                let type = symbols.intern(String(subject.dropLast(Self.suffix.count)))
                guard !versions.isEmpty, type != .none, tenantSymbol != .none else { continue }
                chains[.init(tenant: tenantSymbol, type: type)] = .init(
                    versions: versions.map(\.label), operations: versions.map(\.schema.operations))
                if versions.contains(where: { !$0.schema.operations.isEmpty }) {
                    names.add(
                        "\(tenant.rawValue)\n\(subject)\n\(versions.map { "\($0.label) \($0.id)" }.joined(separator: " "))\n")
                }
                let alive = versions.filter { !$0.isDeleted }
                if !alive.isEmpty { cache.checks[tenant, default: [:]][type] = Self.check(alive, subject) }
            }
        }
        let upcaster = EventUpcaster(chains, fingerprint: names.value)
        cache.upcaster = upcaster.isEmpty ? nil : upcaster
    }

    private func versions(
        of subject: String, _ tenant: TenantID, _ state: RegistryState, _ compiled: inout [Int32: JSONSchema]
    ) -> [Version] {
        state.ownVersions(tenant, subject).compactMap { version in
            guard version.content.type == .json else { return nil }
            if compiled[version.id] == nil, case .json(let schema)? = try? state.parse(tenant, version.content) {
                compiled[version.id] = schema
            }
            guard let schema = compiled[version.id] else { return nil }
            return Version(
                number: version.version, id: version.id, label: schema.label ?? UInt32(truncatingIfNeeded: version.version) << 16,
                isDeleted: version.isDeleted, schema: schema)
        }
    }

    private static func check(_ versions: [Version], _ subject: String) -> Check {
        { event, label in
            guard let version = versions.last(where: { $0.label == label }) ?? versions.last else { return nil }
            // The door has accepted the event, so it can be read and has a payload.
            guard let payload = (try? JSONTree.parse(Array(event), limits: limits))?["payload"] else { return nil }
            guard let violation = version.schema.violation(of: payload) else { return nil }
            return "payload\(violation.path) \(violation.reason); the schema is subject \(subject), version \(version.number)"
        }
    }

    private static let limits = JSONTree.Limits(maxBytes: 16 << 20, maxDepth: 64, maxNodes: 500_000)
}
