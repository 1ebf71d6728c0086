import TowerAPI
import TowerModel
import TowerStores

/// The login that `--demo` makes anew at each start and prints once.
struct DemoLogin: Sendable {
    static let tenant = TenantID("demo")
    let user: String
    let password: String

    static func create(_ accounts: Accounts) async throws -> DemoLogin {
        let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")
        let password = String(SystemSources.randomBytes(12).map { alphabet[Int($0) % alphabet.count] })
        try await accounts.saveUser(tenant: tenant, name: "demo", role: .operator, password: password)
        return DemoLogin(user: "demo", password: password)
    }
}
