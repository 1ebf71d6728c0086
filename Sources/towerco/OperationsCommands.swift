import ArgumentParser
import TowerApp

/// Where the server is and how to get in.
struct ServerOptions: ParsableArguments {
    @Option(help: "Address of the server; else TOWERCO_URL, else http://127.0.0.1:8080.") var url: String?
    @Option(help: "API key; else TOWERCO_KEY.") var key: String?
    @Flag(help: "One JSON object a line instead of a table.") var json = false

    var operations: Operations { Operations(client: .fromEnvironment(url: url, key: key), asJSON: json) }
}

struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "List the log's topics.",
        discussion: "Your tenant's topics on a running server, with how much each holds and since when. Site topics are one row.")
    @OptionGroup var server: ServerOptions
    func run() async throws { say(try await server.operations.topics()) }
}

struct GroupsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "List the consumer groups and how far behind they are.",
        discussion: "Lag in records and in seconds, per group of a running server. A group that grows steadily is too slow or stopped.")
    @OptionGroup var server: ServerOptions
    func run() async throws { say(try await server.operations.groups()) }
}

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Look at records that were set aside, and try them again.",
        discussion: "Every rejected or unprocessable record is kept with its bytes, the reason, where it came from and how often it was tried.",
        subcommands: [List.self, Show.self, Retry.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Newest first.")
        @OptionGroup var server: ServerOptions
        @Option(help: "Only this reason code, for instance json.syntax.") var reason: String?
        func run() async throws { say(try await server.operations.deadLetters(reason: reason)) }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "One, with its bytes.")
        @Argument(help: "Its id in the list.") var id: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.deadLetter(id: id)) }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "retry", abstract: "Run its bytes through the door again.")
        @Argument(help: "Its id in the list.") var id: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.retryDeadLetter(id: id)) }
    }
}
