import Logging
import ServiceLifecycle
import TowerModel
import TowerRegistry
import TowerWire

/// Registers the catalogue's schemas in an external registry, so that consumers who know only that one can read our values.
///
/// Tries again until all are there; what the other registry refuses for good is logged once and left.
struct RegistryMirrorService: Service {
    let remote: any SchemaRegistering
    let logger: Logger
    private static let pause = Duration.seconds(30)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var left = EventCatalog.standard.types
            while !Task.isCancelled, !left.isEmpty {
                var failed: [EventTypeSpec] = []
                for type in left where !Task.isCancelled {
                    if await !register(type) { failed.append(type) }
                    // One that does not answer is not asked a hundred times more.
                    if failed.count > 3 { break }
                }
                left = failed.isEmpty ? [] : left
                if left.isEmpty { logger.info("the catalogue's schemas are in the external registry") }
                do { try await Task.sleep(for: Self.pause) } catch { return }
            }
            // A service that returns ends the server.
            while !Task.isCancelled { do { try await Task.sleep(for: .seconds(3600)) } catch { return } }
        }
    }

    /// - Returns: false when it is worth trying again.
    private func register(_ type: EventTypeSpec) async -> Bool {
        let subject = SchemaRegistry.subject(ofEventType: type.name)
        do {
            let content = try SchemaRegistry.content(type: .json, text: SchemaDocument.json(for: type))
            _ = try await remote.register(subject: subject, content)
            return true
        } catch let error as RegistryError where error.status < 500 {
            logger.warning("the external registry refuses a schema", metadata: ["subject": "\(subject)", "error": "\(error)"])
            return true
        } catch {
            if !Task.isCancelled {
                logger.warning("the external registry does not take schemas now", metadata: ["error": "\(error)"])
            }
            return false
        }
    }
}
