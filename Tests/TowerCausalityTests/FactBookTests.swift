import Testing
import TowerModel

@testable import TowerCausality

@Suite struct FactBookTests {
    /// Words from a seed.
    struct Words {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    private static func component(_ words: inout Words) -> Component {
        Component(kind: [.site, .link, .feeder][words.next(3)], number: Int32(words.next(40) * words.next(40)))
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func itAnswersLikeADictionaryWhateverIsPutInAndTakenOut(seed: UInt64) throws {
        var words = Words(state: seed)
        var book = FactBook()
        var newest: [FactBook.Key: Int32] = [:]
        var readings: [FactBook.Key: Bool] = [:]
        var alive: [Int32] = []
        let start = Timestamp(seconds: 1_768_500_000)
        for step in 0..<3_000 {
            let place = Self.component(&words)
            let condition = Condition.allCases[words.next(Condition.allCases.count)]
            switch words.next(5) {
            case 0, 1:
                let number = book.insert(Fact(component: place, condition: condition, onset: start, earliest: start, managedObject: ""))
                newest[.init(place, condition)] = number
                alive.append(number)
            case 2:
                guard !alive.isEmpty else { continue }
                let number = alive.remove(at: words.next(alive.count))
                let key = FactBook.Key(book[number].component, book[number].condition)
                book.remove(number)
                if newest[key] == number { newest[key] = nil }
            case 3:
                let holds = words.next(2) == 0
                readings[.init(place, condition)] = holds
                book.setReading(place, condition, Reading(holds: holds, since: start, at: start, eventID: EventID(high: 1, low: UInt64(step))))
            default:
                guard !alive.isEmpty else { continue }
                let number = alive[words.next(alive.count)]
                book[number].endedAt = words.next(2) == 0 ? start : nil
                book[number].caseNumber = Int32(words.next(9))
            }
            #expect(book.newest(place, condition) == newest[.init(place, condition)])
            let fact = newest[.init(place, condition)].map { book[$0] }
            #expect(book.holds(place, condition) == (fact?.isActive ?? false) && book.owner(place, condition) == fact?.caseNumber)
            #expect(book.reading(place, condition)?.holds == readings[.init(place, condition)])
        }
        let fading = Set(newest.keys.filter { $0.component.kind == .link && [.rainFade, .modulationDown].contains($0.condition) }.map(\.component.number))
        #expect(book.fadingLinks == fading)
        var writer = StateWriter()
        book.encode(into: &writer)
        var reader = StateReader(writer.bytes)
        let again = try FactBook(decoding: &reader)
        var second = StateWriter()
        again.encode(into: &second)
        #expect(second.bytes == writer.bytes && again.fadingLinks == fading)
        for (key, number) in newest { #expect(again.newest(key.component, key.condition) == number) }
    }

    @Test func setsOfConditionsHoldWhatWasPutIn() {
        for condition in Condition.allCases {
            let set = ConditionSet([condition])
            #expect(Condition.allCases.filter { set.contains($0) } == [condition])
        }
        #expect(ConditionSet().isEmpty && !ConditionSet(Condition.power).intersects(ConditionSet([.rainFade, .cellDown])))
    }
}
