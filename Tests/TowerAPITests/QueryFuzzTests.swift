import Foundation
import Testing
import TowerStores
import TowerStreaming

@testable import TowerAPI

/// T-30 for what callers write into addresses: any text is read, or refused with an error of ours.
@Suite struct QueryFuzzTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33 ^ state << 31
        }
    }

    private static let known = ["site_id", "from", "to", "limit", "cursor"]

    /// A text of such pieces, some of them cut.
    private static func text(_ pieces: [String], _ random: inout Random) -> String {
        (0..<Int.random(in: 0...8, using: &random)).map { _ in
            let piece = pieces.randomElement(using: &random) ?? ""
            return Int.random(in: 0..<8, using: &random) == 0 ? String(piece.dropLast()) : piece
        }.joined()
    }

    @Test func anyQueryIsReadOrRefused() throws {
        let pieces = Self.known + ["=", "=", "&", "&", "%", "%41", "%C3%A9", "%ff", "%00", "+", "é", "\u{0}", ";", "?", "x", "1", "%zz", "=="]
        var random = Random(state: 3)
        var read = 0
        for _ in 0..<20_000 {
            let query = Self.text(pieces, &random)
            do {
                let values = try QueryString.parse(query, known: Self.known)
                #expect(Set(values.keys).isSubset(of: Self.known), "\(query)")
                // Written again, it says the same.
                let again = values.map { name, value in
                    "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
                }.joined(separator: "&")
                #expect(try QueryString.parse(again, known: Self.known) == values, "\(query)")
                read += 1
            } catch let problem as Problem {
                #expect(problem.status == 400, "\(query): \(problem)")
            }
        }
        #expect(read > 500, "\(read) read")
    }

    @Test func anyCursorIsReadOrRefused() throws {
        var random = Random(state: 5)
        for _ in 0..<20_000 {
            let position = Int64.random(in: 0...Int64.max >> Int64.random(in: 0...62, using: &random), using: &random)
            let cursor = ScanCursor.encode(position, tag: "e")
            #expect(try ScanCursor.decode(cursor, tag: "e") == position)
            #expect(throws: StoreError.self) { try ScanCursor.decode(cursor, tag: "d") }
            var bytes = Array(cursor.utf8)
            let at = Int.random(in: 0..<bytes.count, using: &random)
            bytes[at] = UInt8.random(in: 0...255, using: &random)
            if let damaged = String(validating: bytes, as: UTF8.self) {
                do {
                    #expect(try ScanCursor.decode(damaged, tag: "e") >= 0)
                } catch {
                    #expect(error is StoreError, "\(damaged): \(error)")
                }
            }
        }
    }

    @Test func anyPlaceIsReadOrNone() {
        let pieces = ["beginning", "end", "2026-01-15T21:00:00Z", "towerco.sites.S1.events", "@", "7", "-1", "9223372036854775807", "*", " ", "é", "\u{0}", "+02:00", "."]
        var random = Random(state: 9)
        var read = 0
        for _ in 0..<20_000 {
            let text = Self.text(pieces, &random)
            switch LogPlace(text) {
            case .sequence(let sequence):
                #expect(sequence >= 0, "\(text)")
                read += 1
            case .offset(let topic, let offset):
                #expect(topic.isValid && offset >= 0, "\(text)")
                read += 1
            default: break
            }
        }
        #expect(read > 100, "\(read) read")
    }
}
