import ArgumentParser
import Foundation
import TowerApp

/// Which letters; what is not given does not restrict.
struct DeadLetterOptions: ParsableArguments {
    @Option(help: "Only this reason code, for instance json.syntax.") var reason: String?
    @Option(help: "Only events of this topic, or of a pattern with one `*`.") var topic: String?
    @Option(help: "Only events that name this site.") var site: String?
    @Option(help: "Only those set aside from this instant on (RFC 3339).") var from: String?
    @Option(help: "Only those set aside before this instant (RFC 3339).") var to: String?

    var selection: DeadLetterSelection {
        var selection = DeadLetterSelection()
        selection.reason = reason
        selection.topic = topic
        selection.site = site
        selection.from = from
        selection.to = to
        return selection
    }

    /// A whole topic of letters is not treated by a slip of the finger.
    var isAny: Bool { reason == nil && topic == nil && site == nil && from == nil && to == nil }
}

/// One by its id, or many by what they have in common.
struct DeadLetterChoice: ParsableArguments {
    @Argument(help: "Its id in the list; without it, all that match.") var id: String?
    @OptionGroup var options: DeadLetterOptions
    @Flag(help: "Every waiting letter, without any restriction.") var all = false
    @Flag(help: "Only say which it would be.") var dryRun = false
    @Option(help: "Letters at most.") var most = 10_000

    func validate() throws {
        guard id != nil ? options.isAny && !all : !options.isAny || all else {
            throw ValidationError("Give either an id, or what the letters have in common (--reason, --site, …), or --all.")
        }
    }

    /// Treats the many.
    func treat(_ verb: String, why: String?, _ operations: Operations) async throws -> String {
        try await operations.treatDeadLetters(verb, options.selection, why: why, isDry: dryRun, most: max(1, most))
    }
}

struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Look at records that were set aside, mend them, send them again or give them up.",
        discussion: """
            Every rejected or unprocessable record is kept with its bytes, the reason, where it came from and how often it was tried.
              towerco dead-letters summary
              towerco dead-letters list --reason envelope.missing_field --state waiting
              towerco dead-letters show 42
              towerco dead-letters show 42 --json | jq -r .text > event.json     mend it there
              towerco dead-letters fix 42 --file event.json
              towerco dead-letters retry --reason schema.violation --dry-run
              towerco dead-letters discard 42 --why "test data of the installer"
            """,
        subcommands: [List.self, Summary.self, Show.self, Retry.self, Fix.self, Discard.self, Expire.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Newest first.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var options: DeadLetterOptions
        @Option(help: "Only those that are waiting, accepted, returned, discarded or expired.") var state: String?
        @Option(help: "Your own tenant, or `unknown`: records that name none, for administrators of the platform's tenant.") var tenant: String?
        @Option(help: "Rows at most.") var most = 1000
        func run() async throws {
            var selection = options.selection
            selection.state = state
            selection.tenant = tenant
            say(try await server.operations.deadLetters(selection, most: max(1, most)))
        }
    }

    struct Summary: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "summary", abstract: "How many, by reason, state and origin.")
        @OptionGroup var server: ServerOptions
        @OptionGroup var options: DeadLetterOptions
        @Option(help: "Only those that are waiting, accepted, returned, discarded or expired.") var state: String?
        @Option(help: "As for `list`.") var tenant: String?
        func run() async throws {
            var selection = options.selection
            selection.state = state
            selection.tenant = tenant
            say(try await server.operations.deadLetterSummary(selection))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "One, with its bytes and the place of the fault; in hexadecimal where they are no text.")
        @Argument(help: "Its id in the list.") var id: String
        @Option(help: "As for `list`.") var tenant: String?
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.deadLetter(id: id, tenant: tenant)) }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Run its bytes through the door again, or those of all that match.",
            discussion: """
                A letter that is refused again stays, with one attempt more. One that was treated before is not touched, so the same
                command twice does nothing twice. A record that a group could not read goes back into its topic.
                """)
        @OptionGroup var choice: DeadLetterChoice
        @OptionGroup var server: ServerOptions
        func run() async throws {
            guard let id = choice.id else { return say(try await choice.treat("retry", why: nil, server.operations)) }
            say(try await server.operations.retryDeadLetter(id: id))
        }
    }

    struct Fix: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fix", abstract: "Send other bytes in place of its own; the accepted event names the letter as its cause.")
        @Argument(help: "Its id in the list.") var id: String
        @Option(help: "File with the bytes to send; - is standard input.") var file: String
        @OptionGroup var server: ServerOptions
        func run() async throws {
            let data: Data
            if file == "-" {
                data = FileHandle.standardInput.readDataToEndOfFile()
            } else if let read = FileManager.default.contents(atPath: file) {
                data = read
            } else {
                throw CommandFailure("The file \(file) cannot be read.", isUsage: true)
            }
            say(try await server.operations.fixDeadLetter(id: id, bytes: [UInt8](data)))
        }
    }

    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "discard", abstract: "Give it up, or all that match; who did it and why is kept.")
        @OptionGroup var choice: DeadLetterChoice
        @Option(help: "Why.") var why: String
        @OptionGroup var server: ServerOptions
        func run() async throws {
            guard let id = choice.id else { return say(try await choice.treat("discard", why: why, server.operations)) }
            say(try await server.operations.discardDeadLetter(id: id, why: why))
        }
    }

    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "expire", abstract: "Stop waiting for those set aside before an instant; the server does so by dead_letters.expire_days.")
        @Option(help: "An instant (RFC 3339).") var before: String
        @OptionGroup var server: ServerOptions
        func run() async throws { say(try await server.operations.expireDeadLetters(before: before)) }
    }
}
