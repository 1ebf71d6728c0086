import Foundation
import Testing

/// The house rules that a machine can check, checked by reading the tree.
@Suite struct TidyTests {
    /// Room → what it may import of ours. Package.swift says the same; SwiftPM lets a transitive import pass, this does not.
    static let allowedRooms: [String: Set<String>] = [
        "TowerModel": [],
        "TowerDetection": ["TowerModel"],
        "TowerCausality": ["TowerModel"],
        "TowerKPI": ["TowerModel"],
        "TowerIncidents": ["TowerModel"],
        "TowerLearning": ["TowerModel", "TowerCausality"],
        "TowerEngine": ["TowerModel", "TowerDetection", "TowerCausality", "TowerLearning", "TowerForecast"],
        "TowerSimulation": ["TowerModel"],
        "TowerForecast": ["TowerModel"],
        "TowerBoosting": ["TowerForecast", "CXGBoost"],
        "TowerWire": ["TowerModel"],
        "TowerThreads": [],
        "TowerStreaming": [],
        "TowerJournal": ["TowerStreaming", "TowerThreads", "CTower"],
        "TowerKafka": ["TowerStreaming", "TowerThreads", "CRdKafka"],
        "TowerRegistry": ["TowerModel", "TowerWire", "TowerStreaming"],
        "TowerStores": ["TowerModel", "TowerIncidents"],
        "TowerSQLite": ["TowerModel", "TowerStores", "TowerIncidents"],
        "TowerPostgres": ["TowerModel", "TowerStores", "TowerThreads", "TowerIncidents", "CPostgres"],
        "TowerNotify": ["TowerModel", "TowerWire", "TowerIncidents"],
        "TowerIngest": ["TowerModel", "TowerWire", "TowerStreaming", "CTower"],
        "TowerPipeline": [
            "TowerModel", "TowerWire", "TowerStreaming", "TowerStores", "TowerEngine", "TowerIncidents", "TowerKPI", "TowerNotify",
        ],
        "TowerAPI": [
            "TowerModel", "TowerWire", "TowerStores", "TowerStreaming", "TowerIngest", "TowerIncidents", "TowerNotify", "TowerRegistry",
        ],
        "TowerApp": [
            "TowerModel", "TowerWire", "TowerStreaming", "TowerJournal", "TowerDetection", "TowerCausality", "TowerLearning", "TowerKPI",
            "TowerIncidents",
            "TowerEngine", "TowerStores", "TowerSQLite", "TowerPostgres", "TowerPipeline", "TowerIngest", "TowerAPI", "TowerNotify",
            "TowerSimulation", "TowerRegistry", "TowerKafka",
            "TowerForecast", "TowerBoosting",
        ],
        "towerco": ["TowerApp"],
    ]

    /// Values in, values out: no clock, no randomness, no Foundation, no lock, no printing.
    static let pureRooms: Set<String> = [
        "TowerModel", "TowerDetection", "TowerCausality", "TowerLearning", "TowerKPI", "TowerIncidents", "TowerEngine", "TowerSimulation",
        "TowerForecast",
    ]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct Source {
        var room: String
        var name: String
        var lines: [String]
    }

    static func sources(_ folder: String = "Sources") throws -> [Source] {
        let base = root.appendingPathComponent(folder)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: base.path).filter { $0.hasSuffix(".swift") }.sorted()
        return try paths.map { path in
            let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
            return Source(
                room: String(path.split(separator: "/")[0]), name: folder + "/" + path,
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    /// A line without its comment, good enough for the words looked for here.
    static func code(_ line: String) -> String {
        let trimmed = line.drop { $0 == " " }
        if trimmed.hasPrefix("//") { return "" }
        guard let comment = line.range(of: " // ") else { return line }
        return String(line[..<comment.lowerBound])
    }

    static func importedModule(_ line: String) -> String? {
        var words = line.split(separator: " ").map(String.init)
        while let first = words.first, ["public", "package", "internal", "private", "fileprivate", "@testable", "@preconcurrency"].contains(first) {
            words.removeFirst()
        }
        guard words.first == "import", words.count >= 2 else { return nil }
        let kinds: Set = ["struct", "class", "enum", "func", "protocol", "typealias", "var", "let"]
        let module = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
        return module.split(separator: ".").first.map(String.init)
    }

    @Test func roomsImportOnlyWhatTheWallPlanAllows() throws {
        var wrong: [String] = []
        for source in try Self.sources() {
            guard let allowed = Self.allowedRooms[source.room] else {
                if source.room.hasPrefix("Tower") { wrong.append("\(source.name): room \(source.room) is not in the table") }
                continue
            }
            for line in source.lines {
                guard let module = Self.importedModule(line), module.hasPrefix("Tower") || module.hasPrefix("C") && module.dropFirst().first?.isUppercase == true else { continue }
                if !allowed.contains(module) { wrong.append("\(source.name) imports \(module)") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func pureRoomsStayPure() throws {
        let bannedModules: Set = ["Foundation", "FoundationEssentials", "Dispatch", "NIOCore", "Logging", "GRDB"]
        let bannedWords = [
            "Date()", "Date.now", ".random(", "UUID()", "print(", "SystemRandomNumberGenerator", "ContinuousClock", "SuspendingClock",
            "Task {", "Thread.", "fopen(", "getenv(", "clock_gettime", "gettimeofday", "time(nil)",
        ]
        var wrong: [String] = []
        for source in try Self.sources() where Self.pureRooms.contains(source.room) {
            for (number, line) in source.lines.enumerated() {
                if let module = Self.importedModule(line), bannedModules.contains(module) {
                    wrong.append("\(source.name):\(number + 1) imports \(module)")
                }
                let code = Self.code(line)
                for word in bannedWords where code.contains(word) && !code.contains("\"" + word) {
                    wrong.append("\(source.name):\(number + 1) has \(word)")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func librariesNeitherCrashOnInputNorPrint() throws {
        let banned = ["try!", "as! ", "fatalError(", "TODO", "FIXME", "XXX"]
        var wrong: [String] = []
        for source in try Self.sources() {
            for (number, line) in source.lines.enumerated() {
                let code = Self.code(line)
                for word in banned where line.contains(word) && (word == "TODO" || word == "FIXME" || word == "XXX" || code.contains(word)) {
                    wrong.append("\(source.name):\(number + 1) has \(word)")
                }
                if source.room != "towerco", code.contains(" print("), !code.contains("func print(") {
                    wrong.append("\(source.name):\(number + 1) prints")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func testsDoNotSleepOrSkip() throws {
        let banned = ["Task.sleep", "Thread.sleep", "usleep(", "XCTSkip", ".disabled(", "#expect(true)"]
        var wrong: [String] = []
        for source in try Self.sources("Tests") where source.room != "TidyTests" {
            for (number, line) in source.lines.enumerated() {
                for word in banned where Self.code(line).contains(word) { wrong.append("\(source.name):\(number + 1) has \(word)") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func noFileHoldsAPathOfOneMachine() throws {
        let banned = ["/work" + "/", "/root" + "/", "/home" + "/"]
        var wrong: [String] = []
        for folder in ["Sources", "Tests", "scripts", "web/src", "IntegrationTests", "docs"] {
            let base = Self.root.appendingPathComponent(folder)
            guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: base.path) else { continue }
            for path in paths where !path.contains("node_modules") && !path.contains("__pycache__") {
                guard let text = try? String(contentsOf: base.appendingPathComponent(path), encoding: .utf8) else { continue }
                for word in banned where text.contains(word) { wrong.append("\(folder)/\(path) has \(word)") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func everyDecisionIsInTheIndexAndHasItsSections() throws {
        let folder = Self.root.appendingPathComponent("docs/adr")
        let index = try String(contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("ADR-") }.sorted()
        #expect(files.count >= 12)
        let sections = [
            "## Status", "## Context", "## Decision", "## Alternatives Considered", "## Consequences", "## Implementation", "## Review Date",
        ]
        for file in files {
            #expect(index.contains("(\(file))"), "\(file) is not in docs/adr/README.md")
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for section in sections { #expect(text.contains(section), "\(file) lacks \(section)") }
        }
    }

    /// The checks above must be able to fail.
    @Test(arguments: [
        ("import TowerJournal", "TowerJournal"), ("public import struct TowerModel.Alarm", "TowerModel"),
        ("@testable import TowerApp", "TowerApp"), ("// import Foundation", nil), ("let important = 1", nil),
    ])
    func importsAreRead(line: String, module: String?) {
        #expect(Self.importedModule(line) == module)
    }
}
