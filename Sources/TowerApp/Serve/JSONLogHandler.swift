import Foundation
import Logging
import TowerModel
import TowerWire

/// One JSON object a line: `ts`, `level`, `logger`, `message`, then the metadata, `trace_id` among it where a request is traced.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let clock: @Sendable () -> Timestamp
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: gets a whole line, its end included.
    init(
        label: String, clock: @escaping @Sendable () -> Timestamp,
        write: @escaping @Sendable ([UInt8]) -> Void = JSONLogHandler.toStandardError
    ) {
        self.label = label
        self.clock = clock
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var json = JSONBuffer(capacity: 256)
        json.beginObject()
        json.member("ts", clock().description)
        json.member("level", event.level.rawValue)
        json.member("logger", label)
        json.member("message", event.message.description)
        var all = metadataProvider?.get() ?? [:]
        all.merge(metadata) { $1 }
        all.merge(event.metadata ?? [:]) { $1 }
        if let error = event.error { all["error"] = "\(error)" }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) where !Self.reserved.contains(key) {
            json.key(key)
            Self.add(value, &json)
        }
        json.endObject()
        write(json.bytes + [0x0A])
    }

    private static let reserved: Set = ["ts", "level", "logger", "message"]

    private static func add(_ value: Logger.Metadata.Value, _ json: inout JSONBuffer) {
        switch value {
        case .string(let text): json.value(text)
        case .stringConvertible(let convertible): json.value(convertible.description)
        case .array(let values):
            json.beginArray()
            for value in values { add(value, &json) }
            json.endArray()
        case .dictionary(let members):
            json.beginObject()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                json.key(key)
                add(value, &json)
            }
            json.endObject()
        }
    }

    /// One write a line, so that lines of several threads do not mix.
    static let toStandardError: @Sendable ([UInt8]) -> Void = { line in
        line.withUnsafeBytes { bytes in _ = Foundation.write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }
}
