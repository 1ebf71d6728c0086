import ArgumentParser
import Foundation
import TowerApp

extension ServerOptions {
    var notifications: NotificationOperations { NotificationOperations(client: .fromEnvironment(url: url, key: key), asJSON: json) }
}

struct RoutesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "Who is told what: webhooks and mail.",
        discussion: """
            Writing needs an admin's key.
              towerco routes
              towerco routes add --name night --mail noc@example.net --severity critical
              towerco routes add --name ops --webhook https://example.net/hook --secret-from TOKEN
              towerco routes add --file route.json
              towerco routes test ID
            """,
        subcommands: [List.self, Add.self, Remove.self, Test.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "All of them.")
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.notifications.list()) }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "A new one.",
            discussion: "Throttle, quiet hours and escalation are set in a file; docs/notifications.md shows one.")
        @Option(help: "JSON of the whole route, - for standard input; instead of the other options.") var file: String?
        @Option(help: "What it is called.") var name: String?
        @Option(help: "Address that messages are posted to.") var webhook: String?
        @Option(help: "Environment variable with the secret that posts are signed with.") var secretFrom: String?
        @Option(help: "Mail address; repeatable.") var mail: [String] = []
        @Option(help: "Least severity that is told.") var severity = "major"
        @OptionGroup var server: ServerOptions

        func run() async throws {
            say(try await server.notifications.add(try body()))
        }

        private func body() throws -> [UInt8] {
            if let file {
                let data = file == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
                guard let data else { throw CommandFailure("Could not read \(file).", isUsage: true) }
                return [UInt8](data)
            }
            guard let name, (webhook != nil) != !mail.isEmpty else {
                throw CommandFailure("Give --file, or --name with either --webhook or --mail.", isUsage: true)
            }
            var target: [String: Any] = webhook.map { ["channel": "webhook", "url": $0] } ?? ["channel": "mail", "to": mail]
            if let secretFrom {
                guard let secret = ProcessInfo.processInfo.environment[secretFrom], !secret.isEmpty else {
                    throw CommandFailure("The environment has no variable \(secretFrom).", isUsage: true)
                }
                target["secret"] = secret
            }
            let route: [String: Any] = ["name": name, "target": target, "match": ["minimum_severity": severity]]
            return [UInt8](try JSONSerialization.data(withJSONObject: route, options: [.sortedKeys]))
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "remove", abstract: "Delete one.")
        @Argument(help: "Its id in the list.") var route: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.notifications.remove(route)) }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Send a test message and wait for what becomes of it.")
        @Argument(help: "Its id in the list.") var route: String
        @Option(help: "Seconds to wait.") var wait = 60
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.notifications.test(route, secondsMax: wait)) }
    }
}

struct NotificationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notifications", abstract: "Who was told what, newest first.")
    @Option(help: "Only of this incident: its id or number.") var incident: String?
    @Flag(help: "Only what was given up.") var failed = false
    @OptionGroup var server: ServerOptions
    func run() async throws { say(try await server.notifications.history(incident: incident, failed: failed)) }
}
