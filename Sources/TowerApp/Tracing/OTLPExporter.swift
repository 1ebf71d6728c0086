import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Sends spans to an OpenTelemetry collector, in batches, by OTLP over HTTP. What the collector does not take is given up and
/// counted: tracing must not cost a request its time or the process its memory.
struct OTLPExporter: Service {
    let queue: SpanQueue
    /// Base address; `/v1/traces` is added unless it is there.
    let endpoint: String
    let resource: [(String, String)]
    let logger: Logger

    private static let batchMax = 512
    private static let period = Duration.seconds(1)
    private static let timeout = TimeAmount.seconds(5)

    init(queue: SpanQueue, endpoint: String, resource: [(String, String)], logger: Logger) {
        self.queue = queue
        let base = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        self.endpoint = base.hasSuffix("/v1/traces") ? base : base + "/v1/traces"
        self.resource = resource
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var wasRefused = false
            while !Task.isCancelled {
                wasRefused = await flush(wasRefused)
                do { try await Task.sleep(for: Self.period) } catch { break }
            }
        }
        // What the last second left; one attempt.
        _ = await flush(true)
    }

    /// Sends everything that waits now. Answers whether the collector refused; it is logged when that changes.
    private func flush(_ wasRefused: Bool) async -> Bool {
        var isRefused = wasRefused
        while true {
            let spans = queue.take(max: Self.batchMax)
            guard !spans.isEmpty else { return isRefused }
            if let refusal = await send(spans) {
                queue.refused(spans.count)
                if !isRefused {
                    logger.warning(
                        "the trace collector takes no spans; they are dropped until it does",
                        metadata: ["endpoint": "\(endpoint)", "error": "\(refusal)"])
                }
                isRefused = true
                // The next batch would meet the same; it waits for the next round, where the queue's bound holds.
                return isRefused
            }
            queue.exported(spans.count)
            isRefused = false
        }
    }

    /// `nil` when they were taken, else why not.
    private func send(_ spans: [Span]) async -> String? {
        var request = HTTPClientRequest(url: endpoint)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: OTLPDocument.json(spans, resource: resource)))
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: Self.timeout)
            _ = try await response.body.collect(upTo: 1 << 20)
            return (200..<300).contains(Int(response.status.code)) ? nil : "status \(response.status.code)"
        } catch {
            return "\(error)"
        }
    }
}
