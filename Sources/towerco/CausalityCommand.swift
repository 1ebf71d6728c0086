import ArgumentParser
import TowerApp

struct CausalityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "causality", abstract: "The causal stories the engine knows: list them, check your own.",
        discussion: """
            Stories are YAML (docs/causality.md); those in --directory, or TOWERCO_CAUSALITY_DIRECTORY, go over the shipped ones.
              towerco causality list
              towerco causality list --conditions
              towerco causality check --directory my-stories
            """,
        subcommands: [List.self, Check.self], defaultSubcommand: List.self)

    struct Options: ParsableArguments {
        @Option(help: "Folder of YAML files over the shipped ones.") var directory: String?
        var folder: StoryFolder { directory.map { StoryFolder($0) } ?? .fromEnvironment() }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Every story: name, where it starts, root.")
        @OptionGroup var options: Options
        @Flag(help: "The conditions that nodes may name instead, and which event types show them.") var conditions = false
        func run() async throws { say(try options.folder.list(conditions: conditions)) }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Read every story; exit code 1 with file, line and reason when one is wrong.")
        @OptionGroup var options: Options
        func run() async throws { say(try options.folder.check()) }
    }
}
