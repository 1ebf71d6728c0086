import Foundation
import TowerNotify

/// The key that routes' secrets are sealed with: `notify.key`, or a file of the data folder that is made at the first start.
enum NotificationKey {
    private static let bytes = 32

    static func secrets(_ configuration: Configuration, _ folder: DataFolder) throws -> SecretBox {
        let text = configuration.text("notify.key")
        if !text.isEmpty {
            guard let box = box(text) else {
                throw CommandFailure("notify.key is not \(bytes) bytes in base64. `openssl rand -base64 32` makes such a key.", isUsage: true)
            }
            return box
        }
        let path = folder.path + "/notify.key"
        if let known = try? String(contentsOfFile: path, encoding: .utf8) {
            guard let box = box(known) else {
                throw CommandFailure("\(path) is no key. Put the file back from a backup; without it the routes' secrets cannot be read.")
            }
            return box
        }
        let made = Data(SystemSources.randomBytes(bytes)).base64EncodedString()
        guard FileManager.default.createFile(atPath: path, contents: Data((made + "\n").utf8), attributes: [.posixPermissions: 0o600]),
            let box = box(made)
        else { throw CommandFailure("Could not write \(path), the key of the routes' secrets.") }
        return box
    }

    private static func box(_ text: String) -> SecretBox? {
        Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { SecretBox(key: [UInt8]($0)) }
    }
}
