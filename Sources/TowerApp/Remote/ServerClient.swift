import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// One page of any list.
private struct ListPage<Item: Decodable>: Decodable {
    var items: [Item]
    var nextCursor: String?
    enum CodingKeys: String, CodingKey {
        case items
        case nextCursor = "next_cursor"
    }
}

/// Calls a running server's API for the operations commands and for `simulate --to`.
public struct ServerClient: Sendable {
    public let base: String
    private let key: String?
    private let contact = Contact()

    /// Whether the server has answered this client before.
    private final class Contact: Sendable {
        let wasMade = Atomic(false)
    }

    /// Tells a refused connection at once, where the shared one asks again until the time is over.
    private static let prompt: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// - Parameter url: `http://host:port`, with or without a slash at the end.
    public init(url: String, key: String?) {
        self.base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.key = key
    }

    /// Where commands look when no `--url` is given: `TOWERCO_URL`, else the default address.
    public static func fromEnvironment(url: String?, key: String?) -> ServerClient {
        let environment = ProcessInfo.processInfo.environment
        return ServerClient(url: url ?? environment["TOWERCO_URL"] ?? "http://127.0.0.1:8080", key: key ?? environment["TOWERCO_KEY"])
    }

    public struct Answer: Sendable {
        public var status: Int
        public var body: [UInt8]
        /// What `Retry-After` says.
        public var retryAfterSeconds: Int?
    }

    public func get<Value: Decodable>(_ path: String, as: Value.Type) async throws -> Value {
        let answer = try await send("GET", path, body: nil, contentType: nil)
        do { return try JSONDecoder().decode(Value.self, from: Data(answer.body)) } catch {
            throw CommandFailure("\(base) answered \(path) in a way this version does not understand: \(error)")
        }
    }

    /// All pages of a list, to `most` items.
    public func list<Item: Decodable & Sendable>(_ path: String, of: Item.Type, most: Int = 10_000) async throws -> [Item] {
        var items: [Item] = []
        var cursor: String?
        repeat {
            let joiner = path.contains("?") ? "&" : "?"
            let page = try await get(path + (cursor.map { "\(joiner)cursor=\($0)" } ?? ""), as: ListPage<Item>.self)
            items += page.items
            cursor = page.nextCursor
        } while cursor != nil && items.count < most
        return items
    }

    @discardableResult
    public func send(_ method: String, _ path: String, body: [UInt8]?, contentType: String?) async throws -> Answer {
        let answer = try await exchange(method, path, body: body, contentType: contentType)
        guard answer.status < 400 else { throw Self.failure(answer, base + path) }
        return answer
    }

    /// The answer whatever its status; throws only when there is none.
    func exchange(_ method: String, _ path: String, body: [UInt8]?, contentType: String?) async throws -> Answer {
        var request = request(method, path)
        if let contentType { request.headers.add(name: "Content-Type", value: contentType) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response: HTTPClientResponse
        let answer: Answer
        // Nobody there at first means a wrong address; later it means a server that starts anew, which is worth waiting for.
        let client = contact.wasMade.load(ordering: .relaxed) ? HTTPClient.shared : Self.prompt
        do {
            response = try await client.execute(request, timeout: .seconds(60))
            contact.wasMade.store(true, ordering: .relaxed)
            let buffer = try await response.body.collect(upTo: 256 << 20)
            answer = Answer(
                status: Int(response.status.code), body: Array(buffer.readableBytesView),
                retryAfterSeconds: response.headers.first(name: "Retry-After").flatMap { Int($0) })
        } catch {
            throw noAnswer(error)
        }
        return answer
    }

    /// Opens an answer that is read piece by piece, for as long as it takes.
    func open(_ path: String, on client: HTTPClient) async throws -> HTTPClientResponse {
        let response: HTTPClientResponse
        do { response = try await client.execute(request("GET", path), timeout: .hours(24 * 365)) } catch { throw noAnswer(error) }
        guard response.status.code < 400 else {
            let body = try await response.body.collect(upTo: 1 << 20)
            throw Self.failure(Answer(status: Int(response.status.code), body: Array(body.readableBytesView)), base + path)
        }
        return response
    }

    private func request(_ method: String, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = .init(rawValue: method)
        if let key { request.headers.add(name: "Authorization", value: "Bearer \(key)") }
        return request
    }

    private func noAnswer(_ error: any Error) -> any Error {
        if error is CancellationError || Task.isCancelled { return CancellationError() }
        return CommandFailure(
            "No answer from \(base): \(error). Is `towerco serve` running there? --url or TOWERCO_URL names another address.")
    }

    static func failure(_ answer: Answer, _ url: String) -> CommandFailure {
        struct Problem: Decodable {
            var title: String?
            var detail: String?
            var code: String?
        }
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
        var text = "\(url) answered \(answer.status)"
        if let said = problem?.detail ?? problem?.title { text += ": \(said)" }
        if let code = problem?.code { text += " (\(code))" }
        if answer.status == 401 { text += " Give an API key with --key or TOWERCO_KEY." }
        return CommandFailure(text)
    }
}
