import HTTPTypes
import Hummingbird
import Synchronization
import TowerStores
import TowerStreaming

/// A window of a topic as a stream of lines, for replays and exports: as fast as the caller reads, and no faster.
struct TopicRecordRoutes: Sendable {
    let services: Services
    private let streams = StreamSlots(max: 8)

    init(services: Services) { self.services = services }

    var routes: [Route] {
        [
            .signedIn(
                "GET", "/api/v1/topics/{topic}/records", "readTopicRecords", "A window of a topic, oldest first, as NDJSON", .read,
                query: ["from", "to", "form"], read)
        ]
    }

    private func read(_ call: Call, _ principal: Principal) async throws -> Response {
        let log = services.dependencies.log
        let topics = TenantTopics(tenant: principal.tenantID, store: services.store)
        let name = try call.parameter("topic")
        guard let patterns = try await topics.patterns(name) else {
            throw Problem.notFound("topic.not_found", "There is no topic \(name.prefix(128)).")
        }
        let form = try call.choice("form", RecordStream.Form.self, ["records", "values"]) ?? .records
        guard form == .records || name != topics.deadLetters.rawValue else {
            throw call.invalid("form", "records for dead letters, whose bytes are no lines")
        }
        let from = try await place("from", call, topics) ?? .start
        let end = await log.end()
        let to = min(try await place("to", call, topics) ?? end, end)
        guard let slot = streams.take() else {
            throw Problem(429, "topic.too_many_streams", "Too many windows are being read at once. Try again shortly.", retryAfterSeconds: 5)
        }
        let stream = RecordStream(
            log: log, patterns: patterns, tenant: principal.tenantID, form: form, deadLetters: topics.deadLetters, from: from,
            to: to)
        var headers: HTTPFields = [.contentType: "application/x-ndjson", .cacheControl: "no-store"]
        if let first = HTTPField.Name("Towerco-From-Sequence"), let last = HTTPField.Name("Towerco-To-Sequence") {
            headers[first] = String(from.sequence)
            headers[last] = String(to.sequence)
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                var stream = stream
                while let lines = try await stream.next() {
                    // Returns when the connection took it: that is the backpressure.
                    if lines.readableBytes > 0 { try await writer.write(lines) }
                }
                try await writer.finish(nil)
                slot.release()
            })
    }

    private func place(_ name: String, _ call: Call, _ topics: TenantTopics) async throws -> LogCursor? {
        guard let text = call.string(name) else { return nil }
        guard let place = LogPlace(text) else { throw call.invalid(name, LogPlace.forms) }
        if case .offset(let topic, _) = place, try await !topics.owns(topic) {
            throw Problem.notFound("topic.not_found", "There is no topic \(topic.rawValue.prefix(128)).")
        }
        return try await services.dependencies.log.cursor(of: place)
    }
}

/// A bound on how many streams are open at once.
final class StreamSlots: Sendable {
    private let free: Mutex<Int>

    init(max: Int) { free = Mutex(max) }

    /// `nil` when all are taken.
    func take() -> Slot? {
        let isFree = free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        return isFree ? Slot(owner: self) : nil
    }

    /// Given back when it is released or nobody holds it any more, whichever comes first: a caller may go away before the first line.
    final class Slot: Sendable {
        private let owner: Mutex<StreamSlots?>
        init(owner: StreamSlots) { self.owner = Mutex(owner) }
        deinit { release() }
        func release() {
            let owner = owner.withLock { owner in
                defer { owner = nil }
                return owner
            }
            owner?.free.withLock { $0 += 1 }
        }
    }
}
