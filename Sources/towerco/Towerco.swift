import ArgumentParser
import Foundation
import TowerApp

/// The command: parses, calls TowerApp, maps errors to exit codes (0 ok, 1 failed, 2 usage).
@main
struct Towerco: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "towerco",
        abstract: "AIOps for tower companies: events in, explained incidents out.",
        discussion: """
            Start here:
              towerco serve --demo             a simulated fleet on http://127.0.0.1:8080
              towerco simulate | analyze | evaluate
                                               faults with known causes, found and scored, without a server
            Operations commands speak to a running server: --url and --key, or TOWERCO_URL and TOWERCO_KEY.
            Exit codes: 0 done, 1 failed, 2 wrong use.
            """,
        version: "towerco \(Version.current)",
        subcommands: [
            ServeCommand.self, SimulateCommand.self, AnalyzeCommand.self, EvaluateCommand.self, ReplayCommand.self, RebuildCommand.self,
            CausalityCommand.self, LearnCommand.self, ImportCommand.self, TopicsCommand.self, GroupsCommand.self, DeadLettersCommand.self, SchemasCommand.self, RoutesCommand.self,
            NotificationsCommand.self, LogCommand.self, DoctorCommand.self, HealthcheckCommand.self, BenchCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            leave(0)
        } catch let code as ExitCode {
            leave(code.rawValue)
        } catch let failure as CommandFailure {
            complain("towerco: \(failure)")
            leave(failure.isUsage ? 2 : 1)
        } catch let error as ConfigurationError {
            complain("towerco: \(error)")
            leave(2)
        } catch {
            let code = exitCode(for: error)
            // The parser's own errors, help and version: it prints them; wrong use is 2 here, not the parser's 64.
            if code == .success || code == .validationFailure || "\(type(of: error))".contains("CommandError") {
                let text = fullMessage(for: error)
                if code == .success {
                    say(text + "\n")
                    leave(0)
                }
                complain(text)
                leave(2)
            }
            complain("towerco: \(error)")
            leave(1)
        }
    }
}

/// Ends the process at once. Threads of librdkafka may be in the midst of a handshake, and what the C library's `exit` runs takes OpenSSL
/// away under them: a command whose login was refused then died of it now and then. Everything of ours is closed or written by now.
func leave(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
}

/// For whoever watches standard error; nobody can be told that it is gone.
func complain(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
}

/// A result, for standard output. A command whose result could not be written has failed.
func say(_ text: String) {
    say(Data(text.utf8))
}

func say(_ bytes: Data) {
    do {
        try FileHandle.standardOutput.write(contentsOf: bytes)
    } catch {
        complain("towerco: writing standard output: \(error.localizedDescription) Nothing more was written; give a place that takes it.")
        leave(1)
    }
}

/// What a server says of itself. It serves on when nobody takes its words.
func mention(_ text: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
}
