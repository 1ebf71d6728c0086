import ArgumentParser
import Foundation
import TowerApp

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the platform.",
        discussion: """
            Takes events in, keeps them, decides, and serves the API and the console on one port until SIGTERM or Ctrl-C.
              towerco serve --demo                         a simulated fleet and a login, printed here
              TOWERCO_BOOTSTRAP_KEY=acme:my-secret-key towerco serve --data /var/lib/towerco
            TOWERCO_BOOTSTRAP_KEY=<tenant>:<key>[,…] creates tenants and their admin keys at the first start.
            Settings come from flags, then TOWERCO_… variables, then --config, then defaults: docs/configuration.md.
            """)
    @Option(help: "Configuration file (YAML).") var config: String?
    @Option(help: "Data folder (data.directory).") var data: String?
    @Option(help: "Address to listen on (server.host).") var host: String?
    @Option(help: "Port to listen on, 0 for a free one (server.port).") var port: String?
    @Option(help: "Folder of the bundled console (console.directory).") var console: String?
    @Option(name: .customLong("role"), help: "Run only this role (server.roles); repeatable.") var roles: [String] = []
    @Option(name: .customLong("set"), help: "Any other setting as key=value; repeatable.") var settings: [String] = []
    @Flag(help: "Add a simulated fleet and a demo login.") var demo = false

    func run() async throws {
        var flags: [String: String] = [:]
        for pair in settings {
            guard let equals = pair.firstIndex(of: "=") else { throw CommandFailure("--set takes key=value, not `\(pair)`.", isUsage: true) }
            flags[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        flags["data.directory"] = data ?? flags["data.directory"]
        flags["server.host"] = host ?? flags["server.host"]
        flags["server.port"] = port ?? flags["server.port"]
        flags["console.directory"] = console ?? flags["console.directory"]
        if !roles.isEmpty { flags["server.roles"] = roles.joined(separator: ",") }
        let settled = try resolvedConfiguration(file: config, flags: flags)
        try await ServeJob(configuration: settled, isDemo: demo).run(announce: { mention($0) })
    }
}

/// The settings of flags, environment and the file at `path`.
func resolvedConfiguration(
    file path: String?, flags: [String: String] = [:], environment: [String: String] = ProcessInfo.processInfo.environment
) throws -> Configuration {
    let file = try path.map { path in
        do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw CommandFailure("Could not read the configuration file \(path): \(error.localizedDescription)", isUsage: true)
        }
    }
    return try Configuration(flags: flags, environment: environment, file: file, fileName: path ?? "configuration file")
}

/// The store that TOWERCO_STORE_… or the file at `path` names; no other setting matters to who asks.
func storeChoice(file path: String?) throws -> StoreChoice {
    let environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("TOWERCO_STORE_") }
    return StoreChoice(try resolvedConfiguration(file: path, environment: environment))
}
