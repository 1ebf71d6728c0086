public import TowerModel
public import TowerStores

/// Creates tenants, users and keys: for the first start, for the demo and for sessions.
public struct Accounts: Sendable {
    let store: any AccountStore
    let clock: @Sendable () -> Timestamp
    let randomBytes: @Sendable (Int) -> [UInt8]
    let hasher: PasswordHasher

    public init(
        store: any AccountStore, clock: @escaping @Sendable () -> Timestamp, randomBytes: @escaping @Sendable (Int) -> [UInt8],
        passwordCost: PasswordHasher.Cost = .standard
    ) {
        self.store = store
        self.clock = clock
        self.randomBytes = randomBytes
        self.hasher = PasswordHasher(cost: passwordCost)
    }

    /// What was wrong with `TOWERCO_BOOTSTRAP_KEY`. Holds no secret.
    public struct BootstrapError: Error, CustomStringConvertible {
        public let description: String
    }

    /// Creates the tenants and admin keys of `tenant:key[,tenant:key…]`. Doing it again changes nothing.
    ///
    /// The key is what follows the last colon, since tenant ids may hold colons and keys may not.
    /// - Throws: `BootstrapError` before anything is created; `StoreError`.
    public func bootstrap(_ text: String) async throws {
        let pairs = try Self.pairs(ofBootstrap: text)
        for pair in pairs {
            try await ensureTenant(pair.tenant)
            let principal = Principal(tenantID: pair.tenant, name: "bootstrap", role: .admin)
            try await store.saveToken(hash: Secrets.hash(pair.key), principal: principal, isSession: false, expiresAt: nil)
        }
    }

    /// The tenant named first in `TOWERCO_BOOTSTRAP_KEY`; `nil` when there is something wrong with it.
    public static func firstTenant(ofBootstrap text: String) -> TenantID? { try? pairs(ofBootstrap: text).first?.tenant }

    private static func pairs(ofBootstrap text: String) throws -> [(tenant: TenantID, key: String)] {
        var pairs: [(tenant: TenantID, key: String)] = []
        for (index, part) in text.split(separator: ",").enumerated() {
            let entry = String(part).trimmingCharacters()
            guard let colon = entry.lastIndex(of: ":") else {
                throw BootstrapError(description: "entry \(index + 1) of TOWERCO_BOOTSTRAP_KEY is not tenant:key")
            }
            let tenant = String(entry[..<colon])
            let key = String(entry[entry.index(after: colon)...])
            guard Self.isIdentifier(tenant) else {
                throw BootstrapError(
                    description:
                        "entry \(index + 1) of TOWERCO_BOOTSTRAP_KEY: a tenant id is 1 to 128 of letters, digits, . _ : -")
            }
            guard (8...512).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw BootstrapError(
                    description: "entry \(index + 1) of TOWERCO_BOOTSTRAP_KEY: a key is 8 to 512 visible ASCII characters")
            }
            pairs.append((TenantID(tenant), key))
        }
        return pairs
    }

    /// Creates the tenant if there is none of that id.
    public func ensureTenant(_ tenant: TenantID, name: String? = nil) async throws {
        guard try await !store.tenants().contains(tenant) else { return }
        try await store.createTenant(tenant, name: name ?? tenant.rawValue, at: clock())
    }

    /// Creates a user, or gives an existing one this role and password.
    public func saveUser(tenant: TenantID, name: String, role: Role, password: String) async throws {
        try await ensureTenant(tenant)
        let hash = try await hasher.hash(password, salt: randomBytes(16))
        try await store.saveUser(tenant: tenant, name: name, role: role, passwordHash: hash)
    }

    /// A new API key. It is shown here once and stored only as a hash.
    public func createKey(tenant: TenantID, name: String, role: Role) async throws -> String {
        try await ensureTenant(tenant)
        let key = Secrets.token(prefix: "tk_", randomBytes: randomBytes)
        let principal = Principal(tenantID: tenant, name: name, role: role)
        try await store.saveToken(hash: Secrets.hash(key), principal: principal, isSession: false, expiresAt: nil)
        return key
    }

    static func isIdentifier(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D: true
                default: false
                }
            }
    }
}

extension String {
    /// Without spaces at both ends.
    fileprivate func trimmingCharacters() -> String {
        String(self.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
