import Foundation
import TowerAPI
import TowerCausality
import TowerEngine

/// The causal stories that an engine works with: those inside the binary, and a folder's over them.
public struct StoryFolder: Sendable {
    private static let filesMax = 256

    /// Empty for the shipped stories alone.
    public var path: String
    /// The engine's other settings, by the names of their environment variables.
    private var settings: [String: String] = [:]
    public init(_ path: String) { self.path = path }

    /// The folder and the settings of detection that the environment names, for commands that read no configuration: the same
    /// variables that `serve` reads.
    public static func fromEnvironment() -> StoryFolder { fromEnvironment(ProcessInfo.processInfo.environment) }

    static func fromEnvironment(_ environment: [String: String]) -> StoryFolder {
        var folder = StoryFolder(environment["TOWERCO_CAUSALITY_DIRECTORY"] ?? "")
        folder.settings = environment.filter { $0.key.hasPrefix("TOWERCO_DETECTION_") }
        return folder
    }

    /// The shipped stories with the folder's `*.yaml` over them, in order of file name: a story of the same name replaces,
    /// `off: true` takes one away.
    ///
    /// - Parameters:
    ///   - name: a file of the folder that is left out.
    ///   - text: read after all others.
    func library(without name: String? = nil, and text: TemplateFile? = nil) throws -> TemplateLibrary {
        guard !path.isEmpty else { return .standard }
        let files = FileManager.default.fileExists(atPath: path) || name == nil ? try files(without: name) : []
        switch TemplateReader.read(TemplateLibrary.shipped + files + (text.map { [$0] } ?? [])) {
        case .success(let library): return library
        case .failure(let error): throw CommandFailure("Could not read the causal stories: \(error)")
        }
    }

    /// What a person may name as the root of an incident; two stories of one root and label are one choice.
    func causes() throws -> [CauseChoice] {
        var seen: Set<CauseChoice> = []
        return try library().templates.map { CauseChoice(condition: $0.root.rawValue, label: $0.label, place: $0.anchor.rawValue) }
            .filter { seen.insert($0).inserted }
    }

    /// What the settings that came with the folder make of the engine.
    func offlineConfiguration() throws -> EngineConfiguration { try Configuration(environment: settings).engine }

    /// An engine with these stories; with a configuration that was read, or with the settings that came with the folder.
    func engine(_ configuration: EngineConfiguration? = nil) throws -> Engine {
        var configuration = try configuration ?? offlineConfiguration()
        configuration.templates = try library()
        return Engine(configuration: configuration)
    }

    private func files(without left: String?) throws -> [TemplateFile] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".yaml") && $0 != left }.sorted() } catch {
            throw CommandFailure("Could not read the folder of causal stories \(path): \(error.localizedDescription)")
        }
        guard names.count <= Self.filesMax else {
            throw CommandFailure("\(path) has \(names.count) files of causal stories; \(Self.filesMax) are allowed.")
        }
        return try names.map { name in
            let file = path + "/" + name
            guard let bytes = FileManager.default.contents(atPath: file), bytes.count <= TemplateReader.bytesMax,
                let text = String(validating: bytes, as: UTF8.self)
            else { throw CommandFailure("\(file) is not UTF-8 text of at most \(TemplateReader.bytesMax) bytes.") }
            return TemplateFile(name: file, text: text)
        }
    }

    // MARK: Commands

    /// `towerco causality check`: throws with file, line and reason; says what was read.
    public func check() throws -> String {
        let library = try library()
        let nodes = library.templates.reduce(0) { $0 + $1.nodes.count }
        return "\(library.templates.count) stories with \(nodes) nodes, \(path.isEmpty ? "as shipped" : "shipped and from \(path)"): all sound.\n"
    }

    /// `towerco causality list`: one line a story, or one a condition.
    public func list(conditions: Bool) throws -> String {
        if conditions {
            return Condition.allCases.filter { $0 != .unknown }.map { condition in
                let types = AlarmKnowledge.byType.values.filter { $0.condition == condition }.map(\.type).sorted()
                return Self.padded(condition.rawValue, 26) + (types.isEmpty ? "worked out" : types.joined(separator: ", ")) + "\n"
            }.joined()
        }
        return try library().templates.map { story in
            Self.padded(story.name, 34) + Self.padded(story.anchor.rawValue, 8) + Self.padded(story.root.rawValue, 26)
                + Self.padded("\(story.nodes.count) nodes", 10) + "prior \(story.prior)\n"
        }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
