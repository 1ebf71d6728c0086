import Foundation
import Testing

@testable import TowerCausality

@Suite struct TemplateReaderTests {
    static let sound = """
        stories:
          - story: a story
            anchor: site
            root: grid.lost
            object: grid
            event: power.grid.outage
            label: Grid lost
            prior: 0.1
            nodes:
              - {is: grid.lost, happens: 0.9}
              - {is: battery.discharging, after: grid.lost, lag: 1 .. 5 s}
        """

    private func failure(_ text: String) -> TemplateError? {
        guard case .failure(let error) = TemplateReader.read([TemplateFile(name: "mine.yaml", text: text)]) else { return nil }
        return error
    }

    @Test func readsAStory() throws {
        let library = try TemplateReader.read([TemplateFile(name: "mine.yaml", text: Self.sound)]).get()
        let story = try #require(library.templates.first)
        #expect(story.nodes.map(\.condition) == [.gridLost, .batteryDischarging])
        #expect(story.nodes[1].after == 0)
        #expect(story.nodes[1].lag == .uniform(1, 5))
    }

    @Test(arguments: [
        ("root: grid.lost", "root: grid.stolen", 4, "no condition that we know"),
        ("prior: 0.1", "prior: 1.5", 8, "between 0 and 1"),
        ("anchor: site", "anchor: tower", 3, "must be one of site, link, feeder"),
        ("after: grid.lost", "after: fuel.low", 11, "names no earlier node"),
        ("lag: 1 .. 5 s", "lag: soon", 11, "neither"),
        ("lag: 1 .. 5 s", "lag: 5 .. 1 s", 11, "neither"),
        ("happens: 0.9", "hapens: 0.9", 10, "unknown key `hapens`"),
        ("happens: 0.9", "happens: 2", 10, "shares between 0 and 1"),
        ("happens: 0.9", "at: members", 10, "has no meaning"),
        ("{is: grid.lost, happens: 0.9}", "{is: fuel.low}\n      - {is: grid.lost, at: dependents}", 10, "not among the nodes at the anchor"),
        ("label: Grid lost", "label: &l Grid lost", 7, "anchors and aliases"),
        ("label: Grid lost", "label: {Grid lost", 8, "not YAML"),
        ("label: Grid lost", "label: [[[[[[[[[[[[[[[[[[", 7, "nested"),
    ])
    func saysWhereAndWhy(_ right: String, _ wrong: String, _ line: Int, _ reason: String) throws {
        let error = try #require(failure(Self.sound.replacing(right, with: wrong)))
        #expect(error.description.contains(reason), "\(error)")
        #expect(error.file == "mine.yaml")
        #expect(abs(error.line - line) <= 1, "\(error)")
    }

    @Test func aFragmentIsPutBehindItsStartWithItsShare() throws {
        let text =
            "fragments:\n  tail:\n    - {is: battery.low, after: start, lag: 1 ~ 2 h, happens: 0.8}\n" + Self.sound
            + "\n    then: {fragment: tail, after: battery.discharging, share: 0.5}\n"
        let story = try #require(TemplateReader.read([TemplateFile(name: "mine.yaml", text: text)]).get().templates.first)
        #expect(story.nodes.last?.condition == .batteryLow)
        #expect(story.nodes.last?.after == 1)
        #expect(story.nodes.last?.probability == 0.4)
        #expect(story.nodes.last?.lag == .logNormal(median: 3_600, p90: 7_200))
    }

    @Test func aLaterStoryOfTheSameNameReplacesAndOffRemoves() throws {
        let first = TemplateFile(name: "a.yaml", text: Self.sound)
        let second = TemplateFile(name: "b.yaml", text: Self.sound.replacing("prior: 0.1", with: "prior: 0.2"))
        let gone = TemplateFile(name: "c.yaml", text: "stories:\n  - {story: a story, off: true}\n")
        #expect(try TemplateReader.read([first, second]).get().templates.map(\.prior) == [0.2])
        #expect(try TemplateReader.read([first, gone]).get().templates.isEmpty)
        #expect(throws: TemplateError.self) { try TemplateReader.read([gone]).get() }
    }

    @Test(arguments: [
        ("0 .. 10 s", Lag.uniform(0, 10)), ("0.5 .. 2 h", .uniform(1_800, 7_200)), ("1 min .. 2 h", .uniform(60, 7_200)),
        ("1 h ~ 6 h", .logNormal(median: 3_600, p90: 21_600)), ("4 ~ 10 d", .logNormal(median: 345_600, p90: 864_000)),
    ])
    func readsLags(_ text: String, _ lag: Lag) { #expect(Lag(text) == lag) }

    @Test(arguments: ["", "5 s", "1 .. 2", "0 ~ 5 s", "1 .. 2 weeks", "nan .. 2 s", "-1 .. 2 s", "1 .. 400 d"])
    func refusesOtherLags(_ text: String) { #expect(Lag(text) == nil) }
}

@Suite struct StandardStoriesTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift file that holds what the folder `causality` holds.
    static func rendered() throws -> String {
        let folder = root.appendingPathComponent("causality")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted()
        var text = """
            // Written by `TOWERCO_REGENERATE=1 swift test --filter StandardStories` from causality/*.yaml: change those.

            /// The shipped stories, inside the binary.
            enum StandardStories {
                static let files: [TemplateFile] = [

            """
        for name in names {
            let lines = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            text += "        TemplateFile(\n            name: \"causality/\(name)\",\n            text: #\"\"\"\n"
            for line in lines.dropLast() { text += (line.isEmpty ? "" : "                " + line) + "\n" }
            text += "\n                \"\"\"#),\n"
        }
        return text + "    ]\n}\n"
    }

    @Test func theBinaryHoldsTheStoriesOfTheFolder() throws {
        let file = Self.root.appendingPathComponent("Sources/TowerCausality/StandardStories.swift")
        let text = try Self.rendered()
        if ProcessInfo.processInfo.environment["TOWERCO_REGENERATE"] == "1" { try text.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "run `TOWERCO_REGENERATE=1 swift test --filter StandardStories`")
    }

    @Test func everyShippedStoryCanBeRead() {
        switch TemplateReader.read(TemplateLibrary.shipped) {
        case .success(let library): #expect(library.templates.count >= 12)
        case .failure(let error): Issue.record("\(error)")
        }
    }
}
