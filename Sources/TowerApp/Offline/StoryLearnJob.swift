import Foundation
import TowerCausality
import TowerLearning
import TowerModel

/// `towerco learn`: lags and shares of the causal stories, re-estimated from incidents that are over and from what people said
/// of them. Versions are files; the newest is over the shipped stories when it lies in the folder that the engine reads.
///
/// - Shape of the folder: `90-learned.yaml` is in force; `versions/0003.yaml` and `versions/0003.txt` (what changed and why) are kept.
public struct StoryLearnJob: Sendable {
    static let fileName = "90-learned.yaml"
    static let incidentsMax = 2_000_000

    /// Incident snapshots or incidents as the API lists them, one JSON object a line; empty for none.
    public var input = ""
    /// A running server whose incidents are asked for instead.
    public var client: ServerClient?
    /// Data folder of a stopped server, whose log is read instead; empty for none.
    public var data = ""
    /// Of the log only this tenant; empty for all.
    public var tenant = ""
    /// Lines of `incident_id`, `verdict` (`confirm`, `reject`, `correct`), and for the last `condition` and `site_id`.
    public var verdicts = ""
    /// The engine's folder of stories.
    public var stories: StoryFolder
    public var isDryRun = false

    public init(stories: StoryFolder) { self.stories = stories }

    // MARK: Learning

    /// - Returns: the report for people.
    public func run() async throws -> String {
        // From what the files say, not from what was learned before: learning twice from one history gives one result.
        let library = try stories.library(without: Self.fileName)
        let filed = try readVerdicts()
        var (incidents, unreadable) = try await readIncidents()
        var report = Self.contributions(of: Array(incidents.values), file: filed, named: verdicts)
        if unreadable > 0 { report.append("left out: \(grouped(unreadable)) records of incidents that could not be read; see the dead letters") }
        for (id, verdict) in filed { incidents[id]?.verdict = verdict }
        let cases = JudgedIncident.cases(of: Array(incidents.values), library: library)
        let estimator = StoryEstimator()
        let changes = estimator.estimate(cases, library: library)
        let version = try newestVersion() + 1
        let learned = library.adjusted(by: changes.map(\.adjustment), version: StoryOverlay.name(version))
        let judged = cases.filter { $0.weight == 1 }.count
        report.insert(
            "\(grouped(incidents.count)) incidents, \(grouped(cases.count)) cases that are over and told by a story: \(grouped(judged)) by the word"
                + " of people, \(grouped(cases.count - judged)) by the engine's alone", at: 0)
        if let before = estimator.logLikelihood(cases, library: library), let after = estimator.logLikelihood(cases, library: learned) {
            report.append("log likelihood of a lag: \(rounded(before)) as shipped, \(rounded(after)) as learned")
        }
        report += changes.map { "\($0.adjustment.story), node \($0.adjustment.node) (\($0.adjustment.condition.rawValue)): \(StoryOverlay.reason($0))" }
        guard !changes.isEmpty else { return report.joined(separator: "\n") + "\nNothing to change: the stories fit, or too few cases tell.\n" }
        guard !isDryRun else { return report.joined(separator: "\n") + "\n\(changes.count) changes; nothing was written (--dry-run).\n" }
        let text = StoryOverlay.text(changes, version: version, header: report.filter { !$0.contains(", node ") })
        // It must be readable before it may be in force.
        _ = try stories.library(without: Self.fileName, and: TemplateFile(name: Self.fileName, text: text))
        try write(text, to: versionPath(version, "yaml"))
        try write(report.joined(separator: "\n") + "\n", to: versionPath(version, "txt"))
        try write(text, to: stories.path + "/" + Self.fileName)
        return report.joined(separator: "\n")
            + "\nVersion \(version) is in force at the next start of the engine with causality.directory = \(stories.path).\n"
    }

    private func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }

    // MARK: Versions

    /// One line a version, the one in force marked.
    public func list() throws -> String {
        let inForce = FileManager.default.contents(atPath: stories.path + "/" + Self.fileName)
        let versions = try versions()
        guard !versions.isEmpty else { return "Nothing was learned yet in \(stories.path).\n" }
        return versions.map { version in
            let bytes = FileManager.default.contents(atPath: versionPath(version, "yaml"))
            let changes = bytes.map { String(decoding: $0, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("  - {") }.count } ?? 0
            return "\(bytes != nil && bytes == inForce ? "*" : " ") \(version)  \(changes) changes\n"
        }.joined()
    }

    /// Puts an older version in force; 0 for the stories as they were before anything was learned.
    public func rollback(to version: Int) throws -> String {
        let path = stories.path + "/" + Self.fileName
        guard version > 0 else {
            if FileManager.default.fileExists(atPath: path) {
                do { try FileManager.default.removeItem(atPath: path) } catch {
                    throw CommandFailure("Could not remove \(path): \(error.localizedDescription)")
                }
            }
            return "Nothing that was learned is in force from the engine's next start on.\n"
        }
        guard let bytes = FileManager.default.contents(atPath: versionPath(version, "yaml")) else {
            throw CommandFailure("There is no version \(version) in \(stories.path)/versions; `towerco learn --list` shows which there are.")
        }
        try write(String(decoding: bytes, as: UTF8.self), to: path)
        return "Version \(version) is in force from the engine's next start on.\n"
    }

    private func versions() throws -> [Int] {
        let folder = stories.path + "/versions"
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        let names: [String]
        // Taken for none, the next version would be written over the first.
        do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
            throw CommandFailure("Could not list the learned versions in \(folder): \(error.localizedDescription). Make it a folder that can be read.")
        }
        return names.compactMap { $0.hasSuffix(".yaml") ? Int($0.dropLast(5)) : nil }.sorted()
    }

    private func newestVersion() throws -> Int { try versions().last ?? 0 }

    private func versionPath(_ version: Int, _ kind: String) -> String {
        let digits = "\(version)"
        return stories.path + "/versions/" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + ".\(kind)"
    }

    /// Whole or not at all: an engine that starts meanwhile reads the old one or the new one.
    private func write(_ text: String, to path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch { throw CommandFailure("Could not write \(path): \(error.localizedDescription)") }
    }
}
