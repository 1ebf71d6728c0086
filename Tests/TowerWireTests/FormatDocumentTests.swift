import Foundation
import Testing
@testable import TowerWire

@Suite struct FormatDocumentTests {
    static let path = "docs/formats/event-envelope.md"
    static let begin = "<!-- codes: begin, written from EnvelopeError.Code -->\n"
    static let end = "<!-- codes: end -->"

    @Test("the table of codes in the format's page is the one in the program")
    func codesAreDocumented() throws {
        let rows = EnvelopeError.Code.allCases.map { "| `\($0.name)` | \($0.meaning) | \($0.hint) |" }
        let table = "| Code | Meaning | What to do |\n| --- | --- | --- |\n" + rows.joined(separator: "\n") + "\n"
        let page = try #require(RepositoryFile.text(Self.path))
        let start = try #require(page.range(of: Self.begin)?.upperBound)
        let stop = try #require(page.range(of: Self.end)?.lowerBound)
        if RepositoryFile.isRegenerating {
            try RepositoryFile.write(page.replacingCharacters(in: start..<stop, with: table), to: Self.path)
        } else {
            #expect(String(page[start..<stop]) == table, RepositoryFile.how)
        }
    }

    @Test("codes are unique, dotted, and say something")
    func codesAreStable() {
        let names = EnvelopeError.Code.allCases.map(\.name)
        #expect(Set(names).count == names.count)
        for code in EnvelopeError.Code.allCases {
            #expect(code.name.split(separator: ".").count == 2 && code.meaning.hasSuffix("."), "\(code.name)")
            #expect(code.hint.count > 10)
        }
    }
}
