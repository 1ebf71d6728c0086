import NIOCore
import TowerModel

/// The text frames a server sends.
enum LiveFrame {
    static func snapshot(sequence: Int64, items: [LiveItem], channels: Set<LiveChannel>) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeString("{\"type\":\"snapshot\",\"seq\":\(sequence)")
        for channel in LiveChannel.allCases where channels.contains(channel) {
            buffer.writeString(",\"\(channel.rawValue)\":[")
            var isFirst = true
            for item in items where item.key.channel == channel {
                if !isFirst { buffer.writeString(",") }
                isFirst = false
                buffer.writeImmutableBuffer(item.json)
            }
            buffer.writeString("]")
        }
        buffer.writeString("}")
        return buffer
    }

    static func delta(sequence: Int64, items: [LiveItem]) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeString("{\"type\":\"delta\",\"seq\":\(sequence),\"changes\":[")
        for (index, item) in items.enumerated() {
            buffer.writeString("\(index > 0 ? "," : ""){\"channel\":\"\(item.key.channel.rawValue)\",\"item\":")
            buffer.writeImmutableBuffer(item.json)
            buffer.writeString("}")
        }
        buffer.writeString("]}")
        return buffer
    }

    static func resumed(sequence: Int64) -> ByteBuffer { ByteBuffer(string: "{\"type\":\"resumed\",\"seq\":\(sequence)}") }

    static func heartbeat(sequence: Int64, at: Timestamp) -> ByteBuffer {
        ByteBuffer(string: "{\"type\":\"heartbeat\",\"seq\":\(sequence),\"at\":\"\(at)\"}")
    }

    private struct ErrorFrame: Encodable {
        var type = "error"
        var code: String
        var detail: String
    }
    static func error(code: String, detail: String) -> ByteBuffer { WireJSON.buffer(ErrorFrame(code: code, detail: detail)) }
}
