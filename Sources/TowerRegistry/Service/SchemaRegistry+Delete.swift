public import TowerModel

extension SchemaRegistry {
    /// Deletes a version: softly at first, for good when it is deleted softly already and `isPermanent`.
    ///
    /// - Throws: 40401, 40402, 40406 (deleted softly already), 40407 (not deleted softly yet), 42205, 42206 (referred to).
    public func deleteVersion(
        _ tenant: TenantID, subject: String, _ selector: VersionSelector, isPermanent: Bool
    ) async throws(RegistryError) -> Int {
        try await change { (_, state) throws(RegistryError) in
            let own = state.ownVersions(tenant, subject)
            try Self.checkChangeable(tenant, subject, own, state)
            let alive = own.filter { !$0.isDeleted }
            let found: RegisteredVersion?
            switch selector {
            case .latest: found = isPermanent ? own.last : alive.last
            case .number(let number): found = own.first { $0.version == number }
            }
            guard let found else {
                if case .number(let number) = selector { throw .versionNotFound(number) }
                throw .subjectNotFound(subject)
            }
            if isPermanent, !found.isDeleted {
                throw RegistryError(
                    40407, "Subject '\(subject)' Version \(found.version) was not deleted first before being permanently deleted")
            }
            if !isPermanent, found.isDeleted {
                throw RegistryError(
                    40406,
                    "Subject '\(subject)' Version \(found.version) was soft deleted. Set permanent=true to delete permanently")
            }
            try Self.checkUnreferred(tenant, [found], state)
            return (Self.deletion([found], isPermanent: isPermanent, state), found.version)
        }
    }

    /// Deletes all versions of a subject.
    ///
    /// - Throws: 40401, 40404 (deleted softly already), 40405 (not deleted softly yet), 42205, 42206.
    public func deleteSubject(_ tenant: TenantID, subject: String, isPermanent: Bool) async throws(RegistryError) -> [Int] {
        try await change { (_, state) throws(RegistryError) in
            let own = state.ownVersions(tenant, subject)
            try Self.checkChangeable(tenant, subject, own, state)
            let alive = own.filter { !$0.isDeleted }
            if isPermanent, !alive.isEmpty {
                throw RegistryError(40405, "Subject '\(subject)' was not deleted first before being permanently deleted")
            }
            if !isPermanent, alive.isEmpty {
                throw RegistryError(40404, "Subject '\(subject)' was soft deleted. Set permanent=true to delete permanently")
            }
            let doomed = isPermanent ? own : alive
            try Self.checkUnreferred(tenant, doomed, state)
            var records = Self.deletion(doomed, isPermanent: isPermanent, state)
            if isPermanent {
                if state.level(tenant, subject) != nil { records.append(.compatibility(tenant: tenant, subject: subject, nil)) }
                if state.mode(tenant, subject) != nil { records.append(.mode(tenant: tenant, subject: subject, nil)) }
            }
            return (records, doomed.map(\.version))
        }
    }

    private static func checkChangeable(
        _ tenant: TenantID, _ subject: String, _ own: [RegisteredVersion], _ state: RegistryState
    ) throws(RegistryError) {
        guard !own.isEmpty else {
            guard state.versions(tenant, subject).isEmpty else {
                throw RegistryError(
                    42205, "Subject \(subject) is the platform's and cannot be changed; register your own under the same name")
            }
            throw .subjectNotFound(subject)
        }
        guard state.effectiveMode(tenant, subject) != .readOnly else { throw .readOnly(subject) }
    }

    private static func checkUnreferred(_ tenant: TenantID, _ doomed: [RegisteredVersion], _ state: RegistryState)
        throws(RegistryError)
    {
        for version in doomed {
            guard
                let other = state.referrers(tenant, subject: version.subject, version: version.version).first(where: {
                    !doomed.contains($0)
                })
            else { continue }
            throw RegistryError(
                42206,
                "One or more references exist to the schema {subject=\(version.subject),version=\(version.version)}: "
                    + "\(other.subject) version \(other.version)")
        }
    }

    private static func deletion(_ doomed: [RegisteredVersion], isPermanent: Bool, _ state: RegistryState) -> [RegistryRecord] {
        guard isPermanent else {
            return doomed.map { version in
                var version = version
                version.isDeleted = true
                return .version(version)
            }
        }
        return [.lastID(state.lastID)]
            + doomed.map { .versionGone(tenant: $0.tenant, subject: $0.subject, version: $0.version, writer: $0.writer) }
    }
}
