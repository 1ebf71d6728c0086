import Foundation
import HTTPTypes
import Synchronization
import TowerModel
import TowerStores

/// Turns a bearer token into a verified caller. Tenants come from here and from nowhere else.
final class Authenticator: Sendable {
    private let accounts: any AccountStore
    private let clock: @Sendable () -> Timestamp
    private let cache: Mutex<TokenCache>

    init(accounts: any AccountStore, clock: @escaping @Sendable () -> Timestamp, configuration: APIConfiguration) {
        self.accounts = accounts
        self.clock = clock
        self.cache = Mutex(TokenCache(entriesMax: configuration.tokenCacheEntriesMax, seconds: configuration.tokenCacheSeconds))
    }

    /// - Throws: `Problem` 401 when there is no token or nobody it belongs to; `StoreError` when the store fails.
    func principal(token: String?) async throws -> Principal {
        guard let token else { throw Self.missing }
        guard (8...512).contains(token.utf8.count), let principal = try await principal(hash: Secrets.hash(token)) else {
            throw Self.unknown
        }
        return principal
    }

    /// Whom the token belongs to if that was asked lately; `nil` says nothing about the token.
    func rememberedPrincipal(token: String) -> Principal? {
        guard (8...512).contains(token.utf8.count) else { return nil }
        let hash = Secrets.hash(token)
        let now = clock()
        guard case .known(let principal) = cache.withLock({ $0.look(hash, now: now) }) else { return nil }
        return principal
    }

    /// Nothing remembered is believed from here on, even if the store is away and this throws; what was asked before and is
    /// answered meanwhile neither.
    func revoke(token: String) async throws {
        flush()
        try await accounts.revokeToken(hash: Secrets.hash(token))
        flush()
    }

    func flush() { cache.withLock { $0.flush() } }

    private func principal(hash: String) async throws -> Principal? {
        let now = clock()
        switch cache.withLock({ $0.look(hash, now: now) }) {
        case .known(let principal): return principal
        case .unknown: return nil
        case .ask(let epoch, let isBelieved):
            do {
                let principal = try await (isBelieved ? askedBriefly(hash, now) : accounts.principal(tokenHash: hash, now: now))
                cache.withLock { $0.store(hash, principal, now: now, epoch: epoch) }
                return principal
            } catch let error as StoreError where error.isRetriable {
                guard let known = cache.withLock({ $0.believe(hash, now: now, epoch: epoch) }) else { throw error }
                return known
            }
        }
    }

    /// Asks the store, which counts as away when it takes longer than a second.
    private func askedBriefly(_ hash: String, _ now: Timestamp) async throws -> Principal? {
        let accounts = accounts
        return try await withThrowingTaskGroup(of: Principal?.self) { group in
            group.addTask { try await accounts.principal(tokenHash: hash, now: now) }
            group.addTask {
                try await Task.sleep(for: .seconds(1))
                throw StoreError(.unavailable, "the store did not say within a second whom a token belongs to")
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() else { return nil }
            return answer
        }
    }

    /// The token of `Authorization: Bearer …`.
    static func bearerToken(_ header: String?) -> String? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].trimmingPrefix(while: { $0 == " " }).description
    }

    /// The key of `Authorization: Basic …`: its password; who signs in is known by the key, so any user name will do.
    ///
    /// Only the schema registry's clients come this way.
    static func basicPassword(_ header: String?) -> String? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "basic", let bytes = Data(base64Encoded: String(parts[1])) else {
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return String(text[text.index(after: colon)...])
    }

    static let missing = Problem(
        401, "auth.missing_credentials", "Send Authorization: Bearer with an API key or a session token.")
    static let unknown = Problem(401, "auth.invalid_credentials", "This token is unknown, revoked or expired. Sign in again.")
}
