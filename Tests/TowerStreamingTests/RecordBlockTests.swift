import Testing
import TowerStreaming

/// Records in one piece of memory: what stands beside the bytes is theirs as well.
@Suite struct RecordBlockTests {
    private static let topic = Topic.siteEvents(site: "A")

    /// Two records over `k1v1k2v2`, a third whose key is in no value.
    private func block() -> (RecordBlock, [Record]) {
        var block = RecordBlock(bytes: Array("k1v1 k2v2 v3".utf8))
        let events = block.addTopic(Self.topic)
        let letters = block.addTopic(Topic.deadLetters(tenant: "acme"))
        var common = HeaderText()
        common.add("origin", "http:ops")
        var own = HeaderText()
        own.add("line", 7)
        own.add(Record.Header("raw", [0xFF, 0]))
        block.append(topic: events, key: 0..<2, value: 0..<4, headers: block.addHeaders([.init("tenant", "acme")]))
        block.append(topic: events, key: nil, value: 5..<9)
        block.append(topic: letters, key: block.addKey("http:ops".utf8), value: 10..<12, headers: block.addHeaders(own, and: common))
        return (
            block,
            [
                Record(topic: Self.topic, key: Array("k1".utf8), value: Array("k1v1".utf8), headers: [.init("tenant", "acme")]),
                Record(topic: Self.topic, key: nil, value: Array("k2v2".utf8), headers: []),
                Record(
                    topic: Topic.deadLetters(tenant: "acme"), key: Array("http:ops".utf8), value: Array("v3".utf8),
                    headers: [.init("line", "7"), .init("raw", [0xFF, 0]), .init("origin", "http:ops")]),
            ]
        )
    }

    @Test func recordsComeOutAsTheyWentIn() {
        let (block, records) = block()
        #expect((0..<block.count).map(block.record) == records)
        #expect(block.headerSetCount == 2)
    }

    @Test(arguments: ["", "x", String(repeating: "n", count: 63), String(repeating: "n", count: 64), String(repeating: "ü", count: 9000)])
    func headersOfAnyLengthAreReadBack(_ text: String) {
        var block = RecordBlock(bytes: [])
        let topic = block.addTopic(Self.topic)
        let headers = [Record.Header(text, text), Record.Header("", [UInt8](repeating: 0, count: text.utf8.count))]
        block.append(topic: topic, key: nil, value: 0..<0, headers: block.addHeaders(headers))
        #expect(block.record(0).headers == headers)
    }

    @Test func aSetStartedAnewHoldsNothingOfTheLast() {
        var text = HeaderText()
        text.add("a", "1")
        text.removeAll()
        text.add("b", 2)
        #expect(text.count == 1)
        var block = RecordBlock(bytes: [])
        block.append(topic: block.addTopic(Self.topic), key: nil, value: 0..<0, headers: block.addHeaders(text))
        #expect(block.record(0).headers == [.init("b", "2")])
    }

    /// What every home of the log does with such a block is asked by the contract suites; here of the one in memory.
    @Test func aLogKeepsKeysThatNoValueHolds() async throws {
        let (block, records) = block()
        let log = InMemoryLog(clock: { 1 })
        _ = try await log.append(block)
        let read = try await log.fetch(matching: [TopicPattern("*")], from: .start, maxRecords: 10, maxBytes: 1 << 20)
        #expect(read.records.map(\.record) == records)
    }

    @Test func aPrefixStandsBeforeTheValuesOfTheTopicsThatAreNamed() {
        let (block, records) = block()
        let framed = block.prefixing([0, 1], topics: [true, false])
        var expected = records
        expected[0].value = [0, 1] + expected[0].value
        expected[1].value = [0, 1] + expected[1].value
        #expect((0..<framed.count).map(framed.record) == expected)
        #expect((0..<block.count).map(block.record) == records, "the other block is what it was")
        let untouched = block.prefixing([9], topics: [false, false])
        #expect((0..<untouched.count).map(untouched.record) == records)
    }
}
