public import TowerModel

extension SchemaRegistry {
    /// Sets or, with `nil`, removes the level of a subject or, without one, the tenant's default.
    ///
    /// - Returns: the level that was set before.
    @discardableResult
    public func setLevel(_ tenant: TenantID, subject: String?, _ level: CompatibilityLevel?) async throws(RegistryError)
        -> CompatibilityLevel?
    {
        if let subject { try Self.check(subject) }
        return try await change { (_, state) throws(RegistryError) in
            let before = state.level(tenant, subject)
            if level == nil, before == nil {
                throw RegistryError(40408, "Subject '\(subject ?? "")' does not have subject-level compatibility configured")
            }
            guard state.settings(of: tenant) < 2 * SchemaLimits.maxSubjects else { throw .tooMany("there are too many settings") }
            return (before == level ? [] : [.compatibility(tenant: tenant, subject: subject, level)], before)
        }
    }

    /// The same for the mode. IMPORT wants a subject without versions, unless `isForced`.
    @discardableResult
    public func setMode(
        _ tenant: TenantID, subject: String?, _ mode: RegistryMode?, isForced: Bool = false
    ) async throws(RegistryError) -> RegistryMode? {
        if let subject { try Self.check(subject) }
        return try await change { (_, state) throws(RegistryError) in
            let before = state.mode(tenant, subject)
            if mode == nil, before == nil {
                throw RegistryError(40409, "Subject '\(subject ?? "")' does not have subject-level mode configured")
            }
            if mode == .importing, !isForced {
                let isEmpty =
                    subject.map { state.ownVersions(tenant, $0).allSatisfy(\.isDeleted) } ?? (state.ownSubjects(tenant) == 0)
                guard isEmpty else {
                    throw RegistryError(42205, "Cannot import since found existing subjects; delete them, or say force=true")
                }
            }
            guard state.settings(of: tenant) < 2 * SchemaLimits.maxSubjects else { throw .tooMany("there are too many settings") }
            return (before == mode ? [] : [.mode(tenant: tenant, subject: subject, mode)], before)
        }
    }
}

extension RegistryState {
    func settings(of tenant: TenantID) -> Int {
        levels.keys.count { $0.tenant == tenant } + modes.keys.count { $0.tenant == tenant }
    }
}
