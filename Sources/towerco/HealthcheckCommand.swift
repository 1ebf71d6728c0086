import ArgumentParser
import Foundation
import TowerApp

struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the server on this machine whether it lives, or is ready.",
        discussion: """
            For containers, whose images hold no other program that could ask. Exit code 0 when the answer is yes.
              towerco healthcheck              it answers
              towerco healthcheck --ready      its log, store and consumer groups work
            """)
    @Option(help: "Address of the server; by default this machine's, on the port of TOWERCO_SERVER_PORT or 8080.") var url: String?
    @Flag(help: "Ask /readyz and not /healthz.") var ready = false

    func run() async throws {
        let port = ProcessInfo.processInfo.environment["TOWERCO_SERVER_PORT"] ?? "8080"
        let client = ServerClient(url: url ?? "http://127.0.0.1:\(port)", key: nil)
        let answer = try await client.send("GET", ready ? "/readyz" : "/healthz", body: nil, contentType: nil)
        say(String(decoding: answer.body, as: UTF8.self) + "\n")
    }
}
