import Foundation
import Testing

@testable import TowerApp

/// docs/configuration.md is the table of settings in words; regenerate it with TOWERCO_TEST_REGENERATE=1.
@Suite struct DocumentationTests {
    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/configuration.md")

    static func rendered() -> String {
        var text = """
            # Configuration

            A flag wins over the environment, it wins over the file given with `--config`, that over the default. Unknown keys are
            errors that name the nearest known one. In the file, `server: {port: 8080}` and `server.port: 8080` mean the same.

            | Setting | Variable | Takes | Default | Meaning |
            |---|---|---|---|---|

            """
        for setting in Settings.all {
            text += "| `\(setting.key)` | `\(setting.environmentName)` | \(setting.range) | `\(setting.fallback)` | \(setting.meaning) |\n"
        }
        return text + """

            | Variable that is no setting | Meaning |
            |---|---|
            | `TOWERCO_BOOTSTRAP_KEY` | `tenant:key[,tenant:key…]`: tenants and their admin keys, created at the first start |
            | `TOWERCO_URL`, `TOWERCO_KEY` | where `towerco topics`, `groups`, `dead-letters` and `simulate --to` find a server, and their key |

            """
    }

    @Test func theConfigurationPageIsTheTableOfSettings() throws {
        if ProcessInfo.processInfo.environment["TOWERCO_TEST_REGENERATE"] == "1" {
            try Self.rendered().write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let written = try? String(contentsOf: Self.file, encoding: .utf8)
        #expect(written == Self.rendered(), "run `TOWERCO_TEST_REGENERATE=1 swift test --filter DocumentationTests`")
    }
}
