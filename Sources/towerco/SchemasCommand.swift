import ArgumentParser
import TowerApp

struct SchemasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schemas", abstract: "Schemas of event payloads: versions, who uses which, and registering new ones.",
        discussion: """
            Reads a running server. `check` and `register` speak the contract of Confluent's registry, so that --registry may name
            anybody's; without it they speak to the server's own.
              towerco schemas
              towerco schemas show battery.telemetry
              towerco schemas check battery.probe-value probe.json
              towerco schemas register battery.probe-value probe.json
            """,
        subcommands: [List.self, Show.self, Check.self, Register.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Event types, their versions, and those in use.")
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.schemas().list()) }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "One event type: versions, producers, consumers.")
        @Argument(help: "Its name, for instance battery.telemetry.") var type: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.schemas().show(type)) }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Whether a file's schema may follow the latest version.")
        @Argument(help: "Its subject, for instance battery.probe-value.") var subject: String
        @Argument(help: "A file with one schema.") var file: String
        @Option(help: "json or avro.") var type = "json"
        @Option(help: "Another registry's address.") var registry: String?
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.schemas(registry).check(subject: subject, file: file, type: type)) }
    }

    struct Register: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "register", abstract: "Register a file's schema.")
        @Argument(help: "Its subject, for instance battery.probe-value.") var subject: String
        @Argument(help: "A file with one schema.") var file: String
        @Option(help: "json or avro.") var type = "json"
        @Option(help: "Another registry's address.") var registry: String?
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.schemas(registry).register(subject: subject, file: file, type: type)) }
    }
}

extension ServerOptions {
    func schemas(_ registry: String? = nil) -> SchemaOperations {
        SchemaOperations(client: .fromEnvironment(url: url, key: key), key: key, registryURL: registry, asJSON: json)
    }
}
