import Crypto
import Foundation

/// What a receiver checks: HMAC-SHA256 with the route's secret over the time of sending, a dot and the body.
public enum WebhookSignature {
    public static let timestampHeader = "X-Towerco-Timestamp"
    public static let header = "X-Towerco-Signature"

    /// - Parameter timestamp: seconds since 1970, in decimal, as the header of that name says it.
    /// - Returns: `sha256=` and the code in hexadecimal.
    public static func value(secret: String, timestamp: Int64, body: [UInt8]) -> String {
        var code = HMAC<SHA256>(key: SymmetricKey(data: Data(secret.utf8)))
        code.update(data: Data("\(timestamp).".utf8))
        code.update(data: body)
        return "sha256="
            + code.finalize().map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
    }
}
