import CryptoExtras
import Foundation
import NIOPosix

/// Passwords as scrypt hashes (RFC 7914), written `scrypt$ln$r$p$salt$hash`, so that the cost can rise later.
///
/// Deriving takes about a tenth of a second and 32 MiB by design. It runs on NIO's thread pool and not on an event loop;
/// whoever lets strangers ask for it bounds how many do at once (`SessionRoutes`).
public struct PasswordHasher: Sendable {
    public struct Cost: Sendable, Hashable {
        /// log2 of the number of rounds.
        public var roundsLog2: Int
        public var blockSize: Int
        public var parallelism: Int
        public init(roundsLog2: Int, blockSize: Int, parallelism: Int) {
            self.roundsLog2 = roundsLog2
            self.blockSize = blockSize
            self.parallelism = parallelism
        }
        /// 32 MiB, about 100 ms on one core.
        public static let standard = Cost(roundsLog2: 15, blockSize: 8, parallelism: 1)
    }

    let cost: Cost

    public init(cost: Cost = .standard) { self.cost = cost }

    public func hash(_ password: String, salt: [UInt8]) async throws -> String {
        let key = try await derive(password, salt: salt, cost: cost)
        return "scrypt$\(cost.roundsLog2)$\(cost.blockSize)$\(cost.parallelism)$\(Secrets.hex(salt))$\(Secrets.hex(key))"
    }

    /// False also for a stored text that is no hash of ours.
    public func verify(_ password: String, against stored: String) async throws -> Bool {
        let parts = stored.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", let rounds = Int(parts[1]), (1...20).contains(rounds),
            let block = Int(parts[2]),
            (1...32).contains(block), let parallelism = Int(parts[3]), (1...16).contains(parallelism),
            let salt = Self.unhex(parts[4]),
            let expected = Self.unhex(parts[5])
        else { return false }
        let cost = Cost(roundsLog2: rounds, blockSize: block, parallelism: parallelism)
        return Secrets.areEqual(try await derive(password, salt: salt, cost: cost), expected)
    }

    private func derive(_ password: String, salt: [UInt8], cost: Cost) async throws -> [UInt8] {
        try await NIOThreadPool.singleton.runIfActive {
            let key = try KDF.Scrypt.deriveKey(
                from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.roundsLog2,
                blockSize: cost.blockSize,
                parallelism: cost.parallelism)
            return key.withUnsafeBytes { Array($0) }
        }
    }

    private static func unhex(_ text: Substring) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
