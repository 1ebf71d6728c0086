import Foundation
import TowerNotify

/// The key that routes' secrets are sealed with: `notify.key`, or a file of the data folder that is made at the first start.
enum NotificationKey {
    private static let bytes = 32
    private static let maxFileBytes = 4096

    static func secrets(_ configuration: Configuration, _ folder: DataFolder) throws -> SecretBox {
        let text = configuration.text("notify.key")
        if !text.isEmpty {
            guard let box = box(text) else {
                throw CommandFailure("notify.key is not \(bytes) bytes in base64. `openssl rand -base64 32` makes such a key.", isUsage: true)
            }
            return box
        }
        let path = folder.path + "/notify.key"
        do {
            // A file that is there is the key, or the start ends: a new one would lose every secret that is kept.
            if let known = try DurableFile.bytes(of: path, most: maxFileBytes) {
                guard let box = box(String(decoding: known, as: UTF8.self)) else {
                    throw CommandFailure("\(path) is no key. Put the file back from a backup; without it the routes' secrets cannot be read.")
                }
                return box
            }
            let made = Data(SystemSources.randomBytes(bytes)).base64EncodedString()
            guard let box = box(made) else { throw CommandFailure("Could not make a key of \(bytes) bytes for \(path).") }
            try DurableFile.put(Array((made + "\n").utf8), at: path, mode: 0o600)
            return box
        } catch let failure as DurableFile.Failure {
            throw CommandFailure(
                """
                The key of the routes' secrets: \(failure.description). Nothing was changed. Let this user read and write the file and its folder, put it \
                back from a backup, or give the key as notify.key.
                """)
        }
    }

    private static func box(_ text: String) -> SecretBox? {
        Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { SecretBox(key: [UInt8]($0)) }
    }
}
