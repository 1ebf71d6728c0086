import Foundation
import TowerCausality
import TowerLearning
import TowerModel
import TowerStores

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
    /// Lines of `incident_id`, `verdict` (`confirm`, `reject`, `correct`), and for the last `condition` and `site_id`.
    public var verdicts = ""
    /// The engine's folder of stories.
    public var stories: StoryFolder
    public var isDryRun = false

    public init(stories: StoryFolder) { self.stories = stories }

    // MARK: Learning

    private struct VerdictLine: Decodable {
        var incident_id: EventID
        var verdict: String
        var condition: String?
        var site_id: String?
    }
    private struct Wrapped: Decodable { var snapshot: IncidentSnapshot }

    /// - Returns: the report for people.
    public func run() async throws -> String {
        // From what the files say, not from what was learned before: learning twice from one history gives one result.
        let library = try stories.library(without: Self.fileName)
        let judged = try readVerdicts()
        let incidents = try await newestRevisions()
        let snapshots = incidents.values.sorted { ($0.openedAt, $0.incidentID) < ($1.openedAt, $1.incidentID) }
        let cases = snapshots.compactMap { StoryCase($0, verdict: judged[$0.incidentID], library: library) }
        let estimator = StoryEstimator()
        let changes = estimator.estimate(cases, library: library)
        let version = try newestVersion() + 1
        let learned = library.adjusted(by: changes.map(\.adjustment), version: StoryOverlay.name(version))
        var report = [
            "\(grouped(snapshots.count)) incidents, \(grouped(cases.count)) of them over and told by a story, \(grouped(judged.count)) judged by people"
        ]
        if let before = estimator.logLikelihood(cases, library: library), let after = estimator.logLikelihood(cases, library: learned) {
            report.append("log likelihood of a lag: \(rounded(before)) as shipped, \(rounded(after)) as learned")
        }
        report += changes.map { "\($0.adjustment.story), node \($0.adjustment.node) (\($0.adjustment.condition.rawValue)): \(StoryOverlay.reason($0))" }
        guard !changes.isEmpty else { return report.joined(separator: "\n") + "\nNothing to change: the stories fit, or too few cases tell.\n" }
        guard !isDryRun else { return report.joined(separator: "\n") + "\n\(changes.count) changes; nothing was written (--dry-run).\n" }
        let text = StoryOverlay.text(changes, version: version, header: Array(report.prefix(2)))
        // It must be readable before it may be in force.
        _ = try stories.library(without: Self.fileName, and: TemplateFile(name: Self.fileName, text: text))
        try write(text, to: versionPath(version, "yaml"))
        try write(report.joined(separator: "\n") + "\n", to: versionPath(version, "txt"))
        try write(text, to: stories.path + "/" + Self.fileName)
        return report.joined(separator: "\n")
            + "\nVersion \(version) is in force at the next start of the engine with causality.directory = \(stories.path).\n"
    }

    private func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }

    private func readVerdicts() throws -> [EventID: StoryCase.Verdict] {
        guard !verdicts.isEmpty else { return [:] }
        var judged: [EventID: StoryCase.Verdict] = [:]
        try forEachLine(of: verdicts) { line, number in
            let read: VerdictLine
            do { read = try JSONDecoder().decode(VerdictLine.self, from: line) } catch {
                throw CommandFailure(
                    "\(verdicts):\(number): a verdict is {\"incident_id\": …, \"verdict\": \"confirm|reject|correct\"}: \(error)")
            }
            switch read.verdict {
            case "confirm": judged[read.incident_id] = .confirmed
            case "reject": judged[read.incident_id] = .rejected
            case "correct":
                guard let condition = read.condition else {
                    throw CommandFailure("\(verdicts):\(number): a correction names the `condition` that was the root.")
                }
                judged[read.incident_id] = .corrected(condition: condition, siteID: read.site_id ?? "")
            default: throw CommandFailure("\(verdicts):\(number): the verdict is confirm, reject or correct, not `\(read.verdict)`.")
            }
        }
        return judged
    }

    private func newestRevisions() async throws -> [EventID: IncidentSnapshot] {
        var newest: [EventID: IncidentSnapshot] = [:]
        func take(_ snapshot: IncidentSnapshot) {
            if let known = newest[snapshot.incidentID], known.revision > snapshot.revision { return }
            newest[snapshot.incidentID] = snapshot
        }
        if let client {
            for view in try await client.list("/api/v1/incidents?limit=200", of: IncidentView.self, most: Self.incidentsMax) { take(view.snapshot) }
            return newest
        }
        try forEachLine(of: input) { line, number in
            let decoder = JSONDecoder()
            guard let snapshot = (try? decoder.decode(IncidentSnapshot.self, from: line)) ?? (try? decoder.decode(Wrapped.self, from: line))?.snapshot
            else { throw CommandFailure("\(input):\(number): the line is no incident. `towerco analyze --emit incidents` writes such lines.") }
            guard newest.count < Self.incidentsMax else { throw CommandFailure("\(input) has more than \(grouped(Self.incidentsMax)) incidents.") }
            take(snapshot)
        }
        return newest
    }

    private func forEachLine(of path: String, _ body: (Data, Int) throws -> Void) throws {
        var reader = try LineReader(path: path)
        var number = 0
        try reader.forEach { line, isTooLong in
            number += 1
            guard !isTooLong else { throw CommandFailure("\(path):\(number): the line is too long.") }
            if !line.isEmpty { try body(Data(line), number) }
            return true
        }
    }

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
