public import TowerModel

/// Reads events of older schema versions as the newest: a table of steps, made from registered schemas.
///
/// - Ownership: a value; make a new one when a schema is registered.
/// - Cost: nothing for a type that is not in the table; else one look-up, and for an old event one rewriting.
public struct EventUpcaster: Sendable {
    public struct Key: Hashable, Sendable {
        public var tenant: Symbol
        public var type: Symbol
        public init(tenant: Symbol, type: Symbol) {
            self.tenant = tenant
            self.type = type
        }
    }

    /// The versions of a type, oldest first, each with the steps from the one before.
    public struct Chain: Sendable {
        /// As `EventBatch.versions`: `major << 16 | minor`.
        public var versions: [UInt32]
        public var operations: [[UpcastOperation]]
        public init(versions: [UInt32], operations: [[UpcastOperation]]) {
            self.versions = versions
            self.operations = operations
        }

        /// Where the steps for an event of that version begin; `nil` when there are none for it.
        func start(from version: UInt32) -> Int? {
            guard let index = versions.lastIndex(of: version), operations[(index + 1)...].contains(where: { !$0.isEmpty }) else {
                return nil
            }
            return index + 1
        }

        /// A payload of that version as the newest has it.
        public func upcast(_ payload: JSONTree, from version: UInt32) -> JSONTree {
            guard let start = start(from: version) else { return payload }
            var payload = payload
            for steps in operations[start...] { for step in steps { step.apply(to: &payload) } }
            return payload
        }
    }

    private let chains: [Key: Chain]
    /// The same for the same steps, in any process.
    public let fingerprint: UInt64

    public init(_ chains: [Key: Chain], fingerprint: UInt64) {
        self.fingerprint = fingerprint
        self.chains = chains.filter { $0.value.operations.contains { !$0.isEmpty } }
    }

    public var isEmpty: Bool { chains.isEmpty }

    public func isOld(tenant: Symbol, type: Symbol, version: UInt32) -> Bool {
        chains[Key(tenant: tenant, type: type)]?.start(from: version) != nil
    }

    /// The events of a batch that are written anew, rising.
    public func oldEvents(of batch: EventBatch) -> [Int] {
        guard !isEmpty else { return [] }
        return (0..<batch.count).filter { isOld(tenant: batch.tenants[$0], type: batch.types[$0], version: batch.versions[$0]) }
    }

    /// The event's JSON as its newest version; `nil` when it is the newest or cannot be read.
    public func rewritten(_ event: ArraySlice<UInt8>, tenant: Symbol, type: Symbol, version: UInt32) -> [UInt8]? {
        guard let chain = chains[Key(tenant: tenant, type: type)], chain.start(from: version) != nil,
            let newest = chain.versions.last,
            var tree = try? JSONTree.parse(Array(event), limits: Self.limits), let payload = tree["payload"]
        else { return nil }
        tree.set("payload", chain.upcast(payload, from: version))
        tree.set("version", .string("\(newest >> 16).\(newest & 0xFFFF)"))
        var json = JSONBuffer(capacity: event.count + 64)
        tree.write(to: &json)
        return json.bytes
    }

    /// An event of the log is at most 8 MiB.
    private static let limits = JSONTree.Limits(maxBytes: 8 << 20, maxDepth: 64, maxNodes: 500_000)
}
