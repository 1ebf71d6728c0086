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
        commandName: "groups", abstract: "Consumer groups: how far behind they are, and the levers on them.",
        discussion: """
            Lag in records and in seconds, per group of a running server. A group that grows steadily is too slow or stopped.
            Moving, pausing and resuming touch every tenant's work and need the key of an administrator of the tenant named by
            the setting platform.tenant.
              towerco groups
              towerco groups show aiops-engine
              towerco groups pause aiops-engine
              towerco groups seek aiops-engine --to 2026-01-15T21:00:00Z
            """,
        subcommands: [List.self, Show.self, Seek.self, Reset.self, Pause.self, Resume.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "All of them, in the order of their names.")
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.groups()) }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "One, with its position and members.")
        @Argument(help: "Its name in the list.") var group: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.group(group)) }
    }

    struct Seek: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "seek", abstract: "Move one to another place in the log.",
            discussion: """
                Its members are fenced and join again there. A group whose results lie in the database goes back to where the
                database is: use `towerco rebuild` for those.
                """)
        @Argument(help: "Its name in the list.") var group: String
        @Option(help: "beginning, end, a sequence number, an append time (RFC 3339), or TOPIC@OFFSET.") var to: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.seekGroup(group, to: to)) }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "reset", abstract: "Move one to the beginning of the log.")
        @Argument(help: "Its name in the list.") var group: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.seekGroup(group, to: "beginning")) }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause", abstract: "Keep one from reading until it is resumed, also over a restart.")
        @Argument(help: "Its name in the list.") var group: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.pauseGroup(group)) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "resume", abstract: "Let a paused one go on where it stood.")
        @Argument(help: "Its name in the list.") var group: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.resumeGroup(group)) }
    }
}
