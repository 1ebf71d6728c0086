import Foundation
import TowerModel
import TowerRegistry

/// `towerco schemas`: what is registered and used, and registering from a file.
public struct SchemaOperations: Sendable {
    private let client: ServerClient
    private let registry: RemoteRegistry
    private let asJSON: Bool

    /// - Parameter registryURL: another registry for `check` and `register`; the server's own when absent.
    public init(client: ServerClient, key: String?, registryURL: String?, asJSON: Bool) {
        self.client = client
        self.asJSON = asJSON
        let key = key ?? ProcessInfo.processInfo.environment["TOWERCO_KEY"]
        registry = RemoteRegistry(url: registryURL ?? client.base + "/registry", key: key)
    }

    public func list() async throws -> String {
        let schemas = try await client.list("/api/v1/schemas?limit=1000", of: EventSchemaSummary.self)
        if asJSON { return try schemas.map(line).joined() }
        var table = TextTable(["event type", "origin", "versions", "produced", "read", "last seen"], numeric: [])
        table.rows = schemas.map { schema in
            func versions(_ side: String) -> String {
                let found = Set(schema.uses.filter { $0.side == side }.map(\.version)).sorted()
                return found.isEmpty ? "-" : found.joined(separator: " ")
            }
            return [
                schema.eventType, schema.origin, schema.versions.map(\.label).joined(separator: " "), versions("producer"),
                versions("consumer"), schema.uses.map(\.lastSeenAt).max()?.description ?? "-",
            ]
        }
        return table.render()
    }

    public func show(_ type: String) async throws -> String {
        guard let name = type.addingPercentEncoding(withAllowedCharacters: .alphanumerics), !name.isEmpty else {
            throw CommandFailure("An event type has a name; `towerco schemas list` shows them.", isUsage: true)
        }
        let schema = try await client.get("/api/v1/schemas/" + name, as: EventSchemaSummary.self)
        if asJSON { return try line(schema) }
        var text = "type           \(schema.eventType)\nsubject        \(schema.subject)\norigin         \(schema.origin)\n"
        text += "compatibility  \(schema.compatibility)\n"
        for version in schema.versions {
            text +=
                "version        \(version.version)  \(version.label)  id \(version.id)  \(version.schemaType)  \(version.upcastSteps) upcast steps\n"
        }
        for use in schema.uses {
            text +=
                "\(use.side.padding(toLength: 15, withPad: " ", startingAt: 0))\(use.version)  \(use.who)  \(grouped(Int(use.events))) events"
            text += "  \(use.firstSeenAt) to \(use.lastSeenAt)\(use.isRegistered ? "" : "  not registered")\n"
        }
        return text
    }

    /// Whether the schema of a file could follow the latest version.
    public func check(subject: String, file: String, type: String) async throws -> String {
        let content = try Self.content(file, type)
        let reasons: [String]
        do { reasons = try await registry.incompatibilities(subject: subject, content) } catch let error as RegistryError {
            throw CommandFailure("\(error.message) (\(error.code))")
        }
        guard reasons.isEmpty else {
            throw CommandFailure(
                "\(file) may not follow the latest version of \(subject):\n  " + reasons.joined(separator: "\n  "))
        }
        return "compatible\n"
    }

    public func register(subject: String, file: String, type: String) async throws -> String {
        let content = try Self.content(file, type)
        do {
            let id = try await registry.register(subject: subject, content)
            return "id \(id)\n"
        } catch let error as RegistryError {
            throw CommandFailure("\(error.message) (\(error.code))")
        }
    }

    private static func content(_ file: String, _ type: String) throws -> SchemaContent {
        guard let type = SchemaType(rawValue: type.uppercased()) else {
            throw CommandFailure("--type is json or avro.", isUsage: true)
        }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw CommandFailure("Could not read \(file). Name a file that holds one schema.")
        }
        do throws(RegistryError) {
            return try SchemaRegistry.content(type: type, text: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw CommandFailure("\(file): \(error.message)")
        }
    }

    private func line(_ schema: EventSchemaSummary) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(schema), as: UTF8.self) + "\n"
    }
}
