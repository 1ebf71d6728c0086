public import TowerModel
import TowerCausality
import TowerDetection
import TowerLearning

extension Engine {
    /// Version of the encoding of this room; those of the rooms inside are their own.
    public static let stateVersion: UInt64 = 6

    /// Says by what a state came about beside the events: settings, stories, rules and what is known of alarm types. A state of
    /// other settings is not the state that the same events would give.
    public var settingsHash: UInt64? {
        var writer = StateWriter()
        for version in [Self.stateVersion, Topology.stateVersion, DetectorBank.stateVersion, AlarmLearner.stateVersion] { writer.write(unsigned: version) }
        writer.write(fixed: StateHash.of(settings: configuration))
        writer.write(fixed: StateHash.of(settings: AlarmKnowledge.byType))
        writer.write(fixed: StateHash.of(settings: BatteryAutonomy.Settings.standard))
        return StateHash.of(writer.bytes)
    }

    /// Writes everything that later answers depend on. Equal states give equal bytes, whatever the symbol table.
    public func encode(into writer: inout StateWriter) {
        writer.write(unsigned: Self.stateVersion)
        writer.write(count: tenants.count)
        for (name, number) in numberOfTenant.sorted(by: { $0.key < $1.key }) {
            writer.write(text: name)
            writer.part { tenants[number].encode(into: &$0) }
        }
    }

    /// The engine as it was when `encode` was called; it goes on with any symbol table.
    public init(decoding reader: inout StateReader, configuration: EngineConfiguration = .init()) throws(StateError) {
        self.init(configuration: configuration)
        try reader.version(Self.stateVersion, "engine")
        for number in 0..<(try reader.count("engine.tenants")) {
            let name = try reader.text("engine.tenant")
            let part = try reader.enter("engine.tenant")
            tenants.append(try TenantEngine(decoding: &reader, tenantID: TenantID(name), configuration: configuration))
            try reader.leave(part, "engine.tenant")
            guard numberOfTenant.updateValue(number, forKey: name) == nil else { throw reader.outOfRange("engine.tenant") }
        }
    }

    /// Becomes the engine that was encoded.
    public mutating func restore(from reader: inout StateReader) throws(StateError) {
        self = try Engine(decoding: &reader, configuration: configuration)
    }

    /// A short name for each tenant's state, for comparing engines.
    public func stateHashes() -> [TenantID: UInt64] {
        var hashes: [TenantID: UInt64] = [:]
        for tenant in tenants {
            var writer = StateWriter()
            tenant.encode(into: &writer)
            hashes[tenant.tenantID] = StateHash.of(writer.bytes)
        }
        return hashes
    }
}
