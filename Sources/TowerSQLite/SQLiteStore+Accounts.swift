import GRDB
public import TowerModel
public import TowerStores

extension SQLiteStore {
    public func createTenant(_ tenant: TenantID, name: String, at: Timestamp) async throws {
        try await writeDurably("create the tenant \(tenant)") { db in
            try db.execute(
                sql: "INSERT INTO tenants(tenant, name, created_at) VALUES (?, ?, ?) ON CONFLICT(tenant) DO UPDATE SET name = excluded.name",
                arguments: [tenant.rawValue, name, at.microseconds])
        }
    }

    public func tenants() async throws -> [TenantID] {
        try await read("list tenants") { try String.fetchAll($0, sql: "SELECT tenant FROM tenants ORDER BY tenant").map { TenantID($0) } }
    }

    public func saveUser(tenant: TenantID, name: String, role: Role, passwordHash: String) async throws {
        try await writeDurably("save the user \(name)") { db in
            let owner = try String.fetchOne(db, sql: "SELECT tenant FROM users WHERE name = ?", arguments: [name])
            if let owner, owner != tenant.rawValue {
                throw StoreError(.conflict, "the user name \(name) is taken; choose another one")
            }
            try db.execute(
                sql: """
                    INSERT INTO users(name, tenant, role, password_hash) VALUES (?, ?, ?, ?)
                    ON CONFLICT(name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash
                    """, arguments: [name, tenant.rawValue, role.rawValue, passwordHash])
        }
    }

    public func user(name: String) async throws -> (principal: Principal, passwordHash: String)? {
        try await read("read a user") { db in
            let row = try Row.fetchOne(db, sql: "SELECT tenant, name, role, password_hash FROM users WHERE name = ?", arguments: [name])
            guard let row, let principal = Self.principal(row) else { return nil }
            return (principal, row[3])
        }
    }

    public func saveToken(hash tokenHash: String, principal: Principal, isSession: Bool, expiresAt: Timestamp?) async throws {
        try await writeDurably("save a token") { db in
            let owner = try String.fetchOne(db, sql: "SELECT tenant FROM tokens WHERE hash = ?", arguments: [tokenHash])
            if let owner, owner != principal.tenantID.rawValue {
                throw StoreError(.conflict, "that key belongs to another tenant; give each tenant its own")
            }
            try db.execute(
                sql: """
                    INSERT INTO tokens(hash, tenant, name, role, is_session, expires_at) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT(hash) DO UPDATE SET name = excluded.name, role = excluded.role, is_session = excluded.is_session,
                        expires_at = excluded.expires_at
                    """,
                arguments: [
                    tokenHash, principal.tenantID.rawValue, principal.name, principal.role.rawValue, isSession, expiresAt?.microseconds,
                ])
        }
    }

    public func principal(tokenHash: String, now: Timestamp) async throws -> Principal? {
        try await read("read a token") { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT tenant, name, role FROM tokens WHERE hash = ? AND (expires_at IS NULL OR expires_at > ?)",
                arguments: [tokenHash, now.microseconds])
            return row.flatMap(Self.principal)
        }
    }

    public func revokeToken(hash tokenHash: String) async throws {
        try await writeDurably("revoke a token") { try $0.execute(sql: "DELETE FROM tokens WHERE hash = ?", arguments: [tokenHash]) }
    }

    /// `nil` when the role is one that this version does not know: whoever it was may do nothing.
    private static func principal(_ row: Row) -> Principal? {
        Role(rawValue: row[2]).map { Principal(tenantID: TenantID(row[0] as String), name: row[1], role: $0) }
    }
}
