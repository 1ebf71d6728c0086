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

/// docs/metrics.md is the table of metrics; regenerate it the same way. The integration tests compare it with what a server
/// answers.
@Suite struct MetricsPageTests {
    static let file = DocumentationTests.file.deletingLastPathComponent().appendingPathComponent("metrics.md")

    static func rendered() -> String {
        var text = """
            # Metrics

            What `/metrics` answers, on every role, in Prometheus' text form. Labels have few values and never a tenant, a site or a
            person. Histograms have `_bucket`, `_sum` and `_count`; times are seconds. Rules: `deploy/prometheus`, dashboards:
            `deploy/grafana`, what to do when an alert fires: [runbooks](runbooks/README.md).

            | Metric | Type | Labels | Meaning |
            |---|---|---|---|

            """
        for metric in Metric.all {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            text += "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels.isEmpty ? "–" : labels) | \(metric.help) |\n"
        }
        return text + """

            The rules name `towerco_spool_fill_ratio` and `towerco_spool_bytes` already; they come with the spool before a broker.

            """
    }

    @Test func theMetricsPageIsTheTableOfMetrics() throws {
        if ProcessInfo.processInfo.environment["TOWERCO_TEST_REGENERATE"] == "1" {
            try Self.rendered().write(to: Self.file, atomically: true, encoding: .utf8)
        }
        let written = try? String(contentsOf: Self.file, encoding: .utf8)
        #expect(written == Self.rendered(), "run `TOWERCO_TEST_REGENERATE=1 swift test --filter MetricsPageTests`")
    }

    @Test func namesAreUniqueAndTellTheirKind() {
        #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
        for metric in Metric.all {
            #expect(metric.name.hasSuffix("_total") == (metric.kind == .counter), "\(metric.name)")
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
        }
    }
}
