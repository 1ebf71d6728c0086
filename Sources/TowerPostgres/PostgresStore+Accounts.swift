public import TowerModel
public import TowerStores

extension PostgresStore {
    public func createTenant(_ tenant: TenantID, name: String, at: Timestamp) async throws {
        try await write("create the tenant \(tenant)") { connection in
            _ = try connection.run(
                """
                INSERT INTO tenants(tenant, name, created_at) VALUES ($1, $2, $3) ON CONFLICT(tenant) DO UPDATE SET name = excluded.name
                """, .text(tenant.rawValue), .text(name), .int(at.microseconds))
        }
    }

    public func tenants() async throws -> [TenantID] {
        try await read("list tenants") { try $0.run("SELECT tenant FROM tenants ORDER BY tenant").map { TenantID($0.text(0)) } }
    }

    public func saveUser(tenant: TenantID, name: String, role: Role, passwordHash: String) async throws {
        try await write("save the user \(name)") { connection in
            // One statement, so that of two processes that save a name at once one sees the other's.
            let saved = try connection.run(
                """
                INSERT INTO users(name, tenant, role, password_hash) VALUES ($1, $2, $3, $4)
                ON CONFLICT(name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash
                WHERE users.tenant = excluded.tenant RETURNING 1
                """, .text(name), .text(tenant.rawValue), .text(role.rawValue), .text(passwordHash))
            guard saved.count == 1 else { throw StoreError(.conflict, "the user name \(name) is taken; choose another one") }
        }
    }

    public func user(name: String) async throws -> (principal: Principal, passwordHash: String)? {
        try await read("read a user") { connection in
            let rows = try connection.run("SELECT tenant, name, role, password_hash FROM users WHERE name = $1", .text(name))
            guard let row = rows.first, let principal = Self.principal(row) else { return nil }
            return (principal, row.text(3))
        }
    }

    public func saveToken(hash tokenHash: String, principal: Principal, isSession: Bool, expiresAt: Timestamp?) async throws {
        try await write("save a token") { connection in
            let saved = try connection.run(
                """
                INSERT INTO tokens(hash, tenant, name, role, is_session, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT(hash) DO UPDATE SET name = excluded.name, role = excluded.role, is_session = excluded.is_session,
                    expires_at = excluded.expires_at
                WHERE tokens.tenant = excluded.tenant RETURNING 1
                """, .text(tokenHash), .text(principal.tenantID.rawValue), .text(principal.name), .text(principal.role.rawValue),
                .bool(isSession), .int(expiresAt?.microseconds))
            guard saved.count == 1 else { throw StoreError(.conflict, "that key belongs to another tenant; give each tenant its own") }
        }
    }

    public func principal(tokenHash: String, now: Timestamp) async throws -> Principal? {
        try await read("read a token") { connection in
            let rows = try connection.run(
                "SELECT tenant, name, role FROM tokens WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2)", .text(tokenHash),
                .int(now.microseconds))
            return rows.first.flatMap(Self.principal)
        }
    }

    public func revokeToken(hash tokenHash: String) async throws {
        try await write("revoke a token") { _ = try $0.run("DELETE FROM tokens WHERE hash = $1", .text(tokenHash)) }
    }

    /// `nil` when the role is one that this version does not know: whoever it was may do nothing.
    private static func principal(_ row: PGRow) -> Principal? {
        Role(rawValue: row.text(2)).map { Principal(tenantID: TenantID(row.text(0)), name: row.text(1), role: $0) }
    }
}
