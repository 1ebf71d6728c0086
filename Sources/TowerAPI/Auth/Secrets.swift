import Crypto
import Foundation

/// Random credentials and how they are stored: only their SHA-256, which is enough because they are random.
enum Secrets {
    /// `tk_` (API key) or `ts_` (session) and 32 random bytes in base64url.
    static func token(prefix: String, randomBytes: (Int) -> [UInt8]) -> String {
        prefix + base64URL(randomBytes(32))
    }

    /// Hexadecimal SHA-256, the form in which `AccountStore` keeps tokens.
    static func hash(_ token: String) -> String { hex(SHA256.hash(data: Data(token.utf8))) }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Compares without telling by its duration where the difference is.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
