import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TowerStreaming

/// A running server: its window of a topic as a stream of lines, read as fast as they are used.
struct ServerSource: ReplaySource {
    let window: Range<Int64>
    private let client: HTTPClient
    private var body: HTTPClientResponse.Body.AsyncIterator
    private var rest = ByteBuffer()
    private var position: Int64
    private var isDone = false
    private static let maxLineBytes = 64 << 20

    init(server: ServerClient, client: HTTPClient, topic: String, from: String?, to: String?) async throws {
        var path = URLComponents()
        path.path = "/api/v1/topics/" + topic + "/records"
        path.queryItems = [from.map { URLQueryItem(name: "from", value: $0) }, to.map { URLQueryItem(name: "to", value: $0) }]
            .compactMap { $0 }
        // A plus would be read as a blank.
        let query = path.percentEncodedQuery.map { $0.isEmpty ? "" : "?" + $0.replacing("+", with: "%2B") } ?? ""
        let response = try await server.open(path.percentEncodedPath + query, on: client)
        guard let first = response.headers.first(name: "Towerco-From-Sequence").flatMap({ Int64($0) }),
            let last = response.headers.first(name: "Towerco-To-Sequence").flatMap({ Int64($0) })
        else { throw CommandFailure("\(server.base) does not say which window it sends; its version is another one.") }
        window = first..<max(first, last)
        position = first
        self.client = client
        body = response.body.makeAsyncIterator()
    }

    mutating func next() async throws -> LogBlock? {
        guard !isDone else { return nil }
        var block = LogBlock(next: LogCursor(sequence: position))
        var numbers: [String: Int32] = [:]
        while block.isEmpty {
            let piece: ByteBuffer?
            do { piece = try await body.next() } catch {
                if Task.isCancelled { throw CancellationError() }
                throw CommandFailure("The server's stream broke off: \(error).")
            }
            guard var piece else {
                isDone = true
                guard rest.readableBytes == 0 else { throw CommandFailure("The server's stream ended inside a line.") }
                block.next = LogCursor(sequence: window.upperBound)
                return block
            }
            rest.writeBuffer(&piece)
            try take(&block, &numbers)
            guard rest.readableBytes <= Self.maxLineBytes else {
                throw CommandFailure("The server sent a line longer than \(Self.maxLineBytes) bytes.")
            }
        }
        return block
    }

    private mutating func take(_ block: inout LogBlock, _ numbers: inout [String: Int32]) throws {
        while let end = rest.readableBytesView.firstIndex(of: 0x0A) {
            let start = rest.readableBytesView.startIndex
            guard let bytes = rest.readBytes(length: end - start) else { return }
            rest.moveReaderIndex(forwardBy: 1)
            let line = try RecordLine(bytes)
            let number = numbers[line.topic] ?? Int32(block.topics.count)
            if number == block.topics.count {
                numbers[line.topic] = number
                block.topics.append(TopicName(line.topic))
            }
            let record = Record(topic: TopicName(line.topic), key: nil, value: line.value)
            block.append(
                StoredRecord(record: record, offset: line.offset, sequence: line.sequence, timestampMs: line.timestampMs), topic: number)
            position = line.sequence + 1
        }
        rest.discardReadBytes()
        block.next = LogCursor(sequence: position)
    }
}
