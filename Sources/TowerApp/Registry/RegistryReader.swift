import TowerModel
import TowerRegistry
import TowerStreaming
import TowerWire

/// What the schemas in a log say of its old events, for commands that read the log without a server.
enum RegistryReader {
    /// - Parameter symbols: those of whoever decodes.
    static func upcaster(of log: any EventLog, symbols: SymbolTable) async throws -> @Sendable () -> EventUpcaster? {
        let registry = SchemaRegistry(log: log, writer: "reader")
        try await registry.catchUp()
        let upcaster = RegisteredPayloads(registry: registry, symbols: symbols).upcaster()
        return { upcaster }
    }
}
