import Hummingbird
import TowerModel
import TowerRegistry
import TowerWire

/// Levels and modes: of the tenant, and of one subject.
extension RegistryRoutes {
    var settingRoutes: [Route] {
        [
            route("GET", "/config", "getRegistryConfig", "The tenant's compatibility level", Self.reading) {
                _, tenant, registry in
                Self.level(registry.state.level(tenant, nil) ?? .backward)
            },
            route("PUT", "/config", "setRegistryConfig", "Set the tenant's compatibility level", Self.changing) {
                call, tenant, registry in
                try await setLevel(call, tenant, registry, subject: nil)
            },
            route("DELETE", "/config", "deleteRegistryConfig", "Back to the default level", Self.changing) {
                _, tenant, registry in
                let before = registry.state.level(tenant, nil)
                if before != nil { _ = try await registry.setLevel(tenant, subject: nil, nil) }
                return Self.level(before ?? .backward)
            },
            route(
                "GET", "/config/{subject}", "getRegistrySubjectConfig", "A subject's compatibility level", Self.reading,
                query: ["defaultToGlobal"]
            ) { call, tenant, registry in
                let subject = try Self.subject(call)
                let isDefaulting = Self.flag(call, "defaultToGlobal")
                guard
                    let level = registry.state.level(tenant, subject)
                        ?? (isDefaulting ? registry.state.effectiveLevel(tenant, subject) : nil)
                else { throw RegistryError(40408, "Subject '\(subject)' does not have subject-level compatibility configured") }
                return Self.level(level)
            },
            route("PUT", "/config/{subject}", "setRegistrySubjectConfig", "Set a subject's compatibility level", Self.changing) {
                call, tenant, registry in try await setLevel(call, tenant, registry, subject: try Self.subject(call))
            },
            route(
                "DELETE", "/config/{subject}", "deleteRegistrySubjectConfig", "A subject follows the tenant's level again",
                Self.changing
            ) {
                call, tenant, registry in
                Self.level(try await registry.setLevel(tenant, subject: try Self.subject(call), nil) ?? .backward)
            },
            route("GET", "/mode", "getRegistryMode", "The tenant's mode", Self.reading) { _, tenant, registry in
                Self.mode(registry.state.mode(tenant, nil) ?? .readWrite)
            },
            route("PUT", "/mode", "setRegistryMode", "Set the tenant's mode", Self.changing, query: ["force"]) {
                call, tenant, registry in
                try await setMode(call, tenant, registry, subject: nil)
            },
            route(
                "GET", "/mode/{subject}", "getRegistrySubjectMode", "A subject's mode", Self.reading, query: ["defaultToGlobal"]
            ) { call, tenant, registry in
                let subject = try Self.subject(call)
                let isDefaulting = Self.flag(call, "defaultToGlobal")
                guard
                    let mode = registry.state.mode(tenant, subject)
                        ?? (isDefaulting ? registry.state.effectiveMode(tenant, subject) : nil)
                else { throw RegistryError(40409, "Subject '\(subject)' does not have subject-level mode configured") }
                return Self.mode(mode)
            },
            route("PUT", "/mode/{subject}", "setRegistrySubjectMode", "Set a subject's mode", Self.changing, query: ["force"]) {
                call, tenant, registry in try await setMode(call, tenant, registry, subject: try Self.subject(call))
            },
            route(
                "DELETE", "/mode/{subject}", "deleteRegistrySubjectMode", "A subject follows the tenant's mode again",
                Self.changing
            ) {
                call, tenant, registry in
                Self.mode(try await registry.setMode(tenant, subject: try Self.subject(call), nil) ?? .readWrite)
            },
        ]
    }

    private static func level(_ level: CompatibilityLevel) -> Response {
        RegistryAnswer.json(.object([.init("compatibilityLevel", .string(level.rawValue))]))
    }

    private static func mode(_ mode: RegistryMode) -> Response {
        RegistryAnswer.json(.object([.init("mode", .string(mode.rawValue))]))
    }

    private func setLevel(_ call: Call, _ tenant: TenantID, _ registry: SchemaRegistry, subject: String?) async throws -> Response
    {
        let body = try await Self.body(call)
        for member in body.members ?? [] where member.name != "compatibility" && member.value != .null {
            throw RegistryError(422, "This registry does not know the setting \(member.name.prefix(64))")
        }
        guard let text = body["compatibility"]?.text, let level = CompatibilityLevel(rawValue: text.uppercased()) else {
            let names = CompatibilityLevel.allCases.map(\.rawValue).joined(separator: ", ")
            throw RegistryError(42203, "Invalid compatibility level. Valid values are \(names)")
        }
        _ = try await registry.setLevel(tenant, subject: subject, level)
        return RegistryAnswer.json(.object([.init("compatibility", .string(level.rawValue))]))
    }

    private func setMode(_ call: Call, _ tenant: TenantID, _ registry: SchemaRegistry, subject: String?) async throws -> Response
    {
        guard let text = try await Self.body(call)["mode"]?.text, let mode = RegistryMode(rawValue: text.uppercased()) else {
            let names = RegistryMode.allCases.map(\.rawValue).joined(separator: ", ")
            throw RegistryError(42204, "Invalid mode. Valid values are \(names)")
        }
        _ = try await registry.setMode(tenant, subject: subject, mode, isForced: Self.flag(call, "force"))
        return Self.mode(mode)
    }
}
