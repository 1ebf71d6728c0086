import Crypto
import Foundation

/// Seals the secrets of routes, because routes lie in the log and people may read the log.
///
/// - Form: `sealed:1:` and base64 of AES-256-GCM's nonce, text and tag; the route's id is authenticated with it, so that a
///   sealed secret is of no use in another route.
public struct SecretBox: Sendable {
    private let key: SymmetricKey
    private static let prefix = "sealed:1:"

    /// - Parameter key: 32 bytes; `nil` for any other number.
    public init?(key: [UInt8]) {
        guard key.count == 32 else { return nil }
        self.key = SymmetricKey(data: key)
    }

    public static func isSealed(_ text: String) -> Bool { text.hasPrefix(prefix) }

    /// - Errors: the library's, when there is no randomness.
    public func seal(_ secret: String, for owner: String) throws -> String {
        let box = try AES.GCM.seal(Data(secret.utf8), using: key, authenticating: Data(owner.utf8))
        guard let combined = box.combined else { throw RouteError("the secret could not be sealed") }
        return Self.prefix + combined.base64EncodedString()
    }

    /// `nil` when it was sealed with another key or for another route, or is no sealed secret.
    public func open(_ sealed: String, for owner: String) -> String? {
        guard Self.isSealed(sealed), let data = Data(base64Encoded: String(sealed.dropFirst(Self.prefix.count))),
            let box = try? AES.GCM.SealedBox(combined: data),
            let clear = try? AES.GCM.open(box, using: key, authenticating: Data(owner.utf8))
        else { return nil }
        return String(decoding: clear, as: UTF8.self)
    }
}
