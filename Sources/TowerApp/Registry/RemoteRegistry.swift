import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
public import TowerRegistry
import TowerWire

/// A schema registry by its address: ours under `/registry`, or anybody's that speaks Confluent's contract.
///
/// - Bounds: every call ends within `timeoutSeconds`; answers above 4 MiB are refused. Schemas by id and ids by content are
///   remembered, 10,000 of each: neither ever changes.
/// - Errors: `RegistryError` as the registry said it; 50001 when there was no answer.
public final class RemoteRegistry: SchemaRegistering {
    private struct Registration: Hashable {
        var subject: String
        var content: SchemaContent
    }
    private struct Memory {
        var schemas: [Int32: SchemaContent] = [:]
        var ids: [Registration: Int32] = [:]
    }

    private let base: String
    private let key: String?
    private let timeout: TimeAmount
    private let memory = Mutex(Memory())
    private static let entriesMax = 10_000
    private static let mediaType = "application/vnd.schemaregistry.v1+json"

    /// - Parameters:
    ///   - url: with the path under which the contract begins.
    ///   - key: sent as the password of Basic credentials, the form that every registry takes.
    public init(url: String, key: String?, timeoutSeconds: Int = 10) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.key = key
        timeout = .seconds(Int64(timeoutSeconds))
    }

    public func schema(id: Int32) async throws -> SchemaContent {
        if let known = memory.withLock({ $0.schemas[id] }) { return known }
        let content = try Self.content(try await call("GET", "/schemas/ids/\(id)"))
        memory.withLock { memory in
            if memory.schemas.count >= Self.entriesMax { memory.schemas.removeAll() }
            memory.schemas[id] = content
        }
        return content
    }

    public func register(subject: String, _ content: SchemaContent) async throws -> Int32 {
        let registration = Registration(subject: subject, content: content)
        if let known = memory.withLock({ $0.ids[registration] }) { return known }
        let answer = try await call("POST", "/subjects/\(try Self.escaped(subject))/versions", Self.body(content))
        guard let id = answer["id"]?.integer.flatMap({ Int32(exactly: $0) }) else { throw Self.unreadable("no id") }
        memory.withLock { memory in
            if memory.ids.count >= Self.entriesMax { memory.ids.removeAll() }
            memory.ids[registration] = id
        }
        return id
    }

    public func lookup(subject: String, _ content: SchemaContent) async throws -> RegistryVersion {
        try Self.version(try await call("POST", "/subjects/\(try Self.escaped(subject))", Self.body(content)))
    }

    public func latest(subject: String) async throws -> RegistryVersion {
        try Self.version(try await call("GET", "/subjects/\(try Self.escaped(subject))/versions/latest"))
    }

    public func incompatibilities(subject: String, _ content: SchemaContent) async throws -> [String] {
        let path = "/compatibility/subjects/\(try Self.escaped(subject))/versions/latest?verbose=true"
        let answer = try await call("POST", path, Self.body(content))
        guard let isCompatible = answer["is_compatible"]?.flag else { throw Self.unreadable("no is_compatible") }
        if isCompatible { return [] }
        let messages = answer["messages"]?.items?.compactMap(\.text) ?? []
        return messages.isEmpty ? ["the registry gave no reason"] : messages
    }

    // MARK: Calling

    private func call(_ method: String, _ path: String, _ body: JSONTree? = nil) async throws -> JSONTree {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        request.headers.add(name: "Accept", value: Self.mediaType)
        if let key {
            request.headers.add(name: "Authorization", value: "Basic " + Data("towerco:\(key)".utf8).base64EncodedString())
        }
        if let body {
            request.headers.add(name: "Content-Type", value: Self.mediaType)
            request.body = .bytes(ByteBuffer(string: body.compact))
        }
        let status: UInt
        let bytes: [UInt8]
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: timeout)
            status = response.status.code
            let buffer = try await response.body.collect(upTo: 4 << 20)
            bytes = Array(buffer.readableBytesView)
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw RegistryError(50001, "No answer from the schema registry at \(base): \(error)")
        }
        let answer = try? JSONTree.parse(bytes, limits: .init(maxBytes: 4 << 20))
        guard status < 400 else {
            throw RegistryError(
                answer?["error_code"]?.integer ?? Int(status), answer?["message"]?.text ?? "The registry answered \(status)")
        }
        guard let answer else { throw Self.unreadable("no JSON") }
        return answer
    }

    private static func escaped(_ subject: String) throws -> String {
        guard let text = subject.addingPercentEncoding(withAllowedCharacters: .alphanumerics), !text.isEmpty else {
            throw RegistryError(40401, "A subject has a name")
        }
        return text
    }

    private static func unreadable(_ what: String) -> RegistryError {
        RegistryError(50001, "The schema registry's answer is not its contract's: \(what)")
    }

    private static func body(_ content: SchemaContent) -> JSONTree {
        var members: [JSONTree.Member] = [
            .init("schemaType", .string(content.type.rawValue)), .init("schema", .string(content.text)),
        ]
        if !content.references.isEmpty { members.append(.init("references", content.referencesTree)) }
        if let metadata = content.metadata.flatMap({ try? JSONTree.parse($0) }) { members.append(.init("metadata", metadata)) }
        return .object(members)
    }

    private static func content(_ tree: JSONTree) throws -> SchemaContent {
        guard let text = tree["schema"]?.text, let type = SchemaType(rawValue: tree["schemaType"]?.text ?? "AVRO"),
            let references = SchemaContent.references(tree["references"])
        else { throw unreadable("no schema of a language that is known here") }
        return SchemaContent(
            type: type, text: text, references: references,
            metadata: tree["metadata"].flatMap { $0 == .null ? nil : $0.canonical })
    }

    private static func version(_ tree: JSONTree) throws -> RegistryVersion {
        guard let subject = tree["subject"]?.text, let version = tree["version"]?.integer,
            let id = tree["id"]?.integer.flatMap({ Int32(exactly: $0) })
        else { throw unreadable("no subject, version or id") }
        return RegistryVersion(subject: subject, version: version, id: id, content: try content(tree))
    }
}
