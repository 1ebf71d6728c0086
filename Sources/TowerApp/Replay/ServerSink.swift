import Foundation
import TowerPipeline
import TowerStreaming

/// Posts the records' values through a server's door, in batches; waits and tries again when it is told to.
struct ServerSink: ReplaySink {
    private let client: ServerClient
    private let time: PipelineTime
    private let tell: @Sendable (String) -> Void
    private var body: [UInt8] = []
    private var lines = 0
    private var accepted = 0
    private var duplicates = 0
    private var rejected: [String: Int] = [:]
    private static let maxLines = 2000
    private static let maxBytes = 2 << 20
    private static let maxAttempts = 20
    private static let maxWaitSeconds = 30

    init(client: ServerClient, time: PipelineTime, tell: @escaping @Sendable (String) -> Void) {
        self.client = client
        self.time = time
        self.tell = tell
    }

    mutating func take(_ block: LogBlock, _ range: Range<Int>) async throws {
        for index in range {
            let value = block.value(index)
            if lines >= Self.maxLines || body.count + value.count > Self.maxBytes { try await flush() }
            let start = body.count
            body.append(contentsOf: value)
            for at in start..<body.count where body[at] == 0x0A || body[at] == 0x0D { body[at] = 0x20 }
            body.append(0x0A)
            lines += 1
        }
    }

    private struct Report: Decodable {
        struct Line: Decodable { var code: String }
        var accepted: Int
        var duplicates: Int
        var rejected: [Line]
    }

    mutating func flush() async throws {
        guard lines > 0 else { return }
        for attempt in 1... {
            let answer = try await client.exchange("POST", "/api/v1/events", body: body, contentType: "application/x-ndjson")
            if answer.status == 429 || answer.status == 503, attempt < Self.maxAttempts {
                let seconds = min(max(answer.retryAfterSeconds ?? 1, 1), Self.maxWaitSeconds)
                tell("\(client.base) asks to wait \(seconds) s")
                try await time.sleep(.seconds(seconds))
                continue
            }
            // A body of which no line was taken is a 400 with a report all the same.
            guard let report = try? JSONDecoder().decode(Report.self, from: Data(answer.body)) else {
                throw ServerClient.failure(answer, client.base + "/api/v1/events")
            }
            accepted += report.accepted
            duplicates += report.duplicates
            for line in report.rejected { rejected[line.code, default: 0] += 1 }
            break
        }
        body.removeAll(keepingCapacity: true)
        lines = 0
    }

    var report: String {
        let refused = rejected.sorted { $0.key < $1.key }.map { ", \(grouped($0.value)) refused as \($0.key)" }.joined()
        return "\(grouped(accepted)) accepted, \(grouped(duplicates)) known already\(refused)"
    }
}
