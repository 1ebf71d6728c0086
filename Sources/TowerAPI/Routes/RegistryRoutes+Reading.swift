import Hummingbird
import TowerModel
import TowerRegistry
import TowerStores
import TowerWire

/// What requests say, and how answers look.
extension RegistryRoutes {
    typealias Handler = @Sendable (Call, TenantID, SchemaRegistry) async throws -> Response

    /// A route of the contract: what the registry refuses is told in the contract's words.
    func route(
        _ method: String, _ path: String, _ operationID: String, _ summary: String, _ access: Route.Access, query: [String] = [],
        _ handler: @escaping Handler
    ) -> Route {
        .signedIn(method, RegistryAnswer.basePath + path, operationID, summary, access, query: query) {
            [services] call, principal in
            do {
                return try await handler(call, principal.tenantID, services.dependencies.registry)
            } catch let error as RegistryError {
                return RegistryAnswer.error(error)
            }
        }
    }

    static func body(_ call: Call) async throws -> JSONTree {
        let bytes = try await call.bytes(upTo: bodyBytesMax)
        let tree: JSONTree
        do throws(JSONTree.Fault) {
            tree = try JSONTree.parse(bytes, limits: .init(maxBytes: bodyBytesMax, maxDepth: 64, maxNodes: 50_000))
        } catch {
            throw RegistryError(400, "The body is not a JSON value: \(error)")
        }
        guard tree.members != nil else { throw RegistryError(400, "The body must be one JSON object") }
        return tree
    }

    /// A schema as the contract hands it in; members that say nothing may be null.
    static func registration(_ call: Call) async throws -> RegistrationRequest {
        let body = try await body(call)
        guard let text = body["schema"]?.text else {
            throw RegistryError(42201, "Empty schema: member `schema` must hold it as a text")
        }
        let typeName = body["schemaType"]?.text ?? SchemaType.avro.rawValue
        guard let type = SchemaType(rawValue: typeName) else {
            throw RegistryError(42201, "Invalid schema type \(typeName.prefix(32)). Supported are JSON and AVRO")
        }
        if let rules = body["ruleSet"], rules != .null {
            throw RegistryError(422, "This registry does not run rules: leave ruleSet out")
        }
        guard let references = SchemaContent.references(body["references"]) else {
            throw RegistryError(42201, "References are a list of objects with name, subject and version")
        }
        let metadata = body["metadata"].flatMap { $0 == .null ? nil : $0.canonical }
        let content = try SchemaRegistry.content(
            type: type, text: text, references: references, metadata: metadata, isNormalized: flag(call, "normalize"))
        func number(_ name: String) throws -> Int? {
            guard let value = body[name], value != .null else { return nil }
            guard let number = value.integer, number > 0 || number == -1, number <= Int(Int32.max) else {
                throw RegistryError(42202, "Member \(name) must be a whole number from 1 on")
            }
            return number == -1 ? nil : number
        }
        return RegistrationRequest(
            content: content, id: try number("id").flatMap { Int32(exactly: $0) }, version: try number("version"))
    }

    static func subject(_ call: Call) throws -> String { try call.parameter("subject") }

    static func id(_ call: Call) throws -> Int32 {
        guard let id = Int32(try call.parameter("id")), id > 0 else {
            throw RegistryError(40403, "Schema not found: an id is a whole number")
        }
        return id
    }

    /// `true` in any case of letters; clients write it as their language does.
    static func flag(_ call: Call, _ name: String) -> Bool { call.string(name)?.lowercased() == "true" }

    static func page<Item>(_ call: Call, _ items: [Item]) throws -> [Item] {
        let offset = try call.integer("offset", in: 0...Int(Int32.max), default: 0)
        let limit = try call.integer("limit", in: -1...Int(Int32.max), default: -1)
        let rest = items.dropFirst(offset)
        return Array(limit < 0 ? rest : rest.prefix(limit))
    }

    // MARK: Answers

    static func members(_ content: SchemaContent) -> [JSONTree.Member] {
        var members: [JSONTree.Member] = [.init("schemaType", .string(content.type.rawValue))]
        if !content.references.isEmpty { members.append(.init("references", content.referencesTree)) }
        if let metadata = content.metadata, let tree = try? JSONTree.parse(metadata) { members.append(.init("metadata", tree)) }
        return members + [.init("schema", .string(content.text))]
    }

    static func tree(_ version: RegistryVersion) -> JSONTree {
        .object(
            [
                .init("subject", .string(version.subject)), .init("id", .number(Int(version.id))),
                .init("version", .number(version.version)),
            ] + members(version.content))
    }

    static func tree(_ text: String) throws -> JSONTree { try JSONTree.parse(text) }
}
