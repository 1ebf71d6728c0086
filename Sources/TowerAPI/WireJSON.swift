import Foundation
import NIOCore

/// JSON of control-plane objects: keys sorted, so that equal values are equal bytes.
enum WireJSON {
    static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return encoder
    }()

    static func bytes(_ value: some Encodable) -> [UInt8] {
        // Views are plain values and the encoder takes every float: the one thing that could throw is ruled out above.
        (try? encoder.encode(value)).map { [UInt8]($0) } ?? Array("null".utf8)
    }

    static func buffer(_ value: some Encodable) -> ByteBuffer { ByteBuffer(bytes: bytes(value)) }
}
