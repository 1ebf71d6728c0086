import Testing
import TowerModel
import TowerPipeline
import TowerWire

@Suite struct RepeatFilterTests {
    let symbols = SymbolTable()

    /// A run of events with these numbers as ids, all of one tenant.
    private func run(_ numbers: [Int], tenant: String = "acme") -> EventRun {
        var batch = EventBatch(symbols: symbols)
        var decoder = EventDecoder(symbols: symbols, catalog: .standard, limits: .standard)
        for number in numbers {
            let id = "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - "\(number)".count) + "\(number)"
            let line = """
                {"event_id":"\(id)","event_type":"telemetry.metric","tenant_id":"\(tenant)","site_id":"S1",\
                "timestamp":"2026-01-02T03:04:05Z","version":"1.0","payload":{"metric":"x","value":\(number)}}
                """
            let error = Array(line.utf8).withUnsafeBytes { decoder.append($0, to: &batch) }
            #expect(error == nil)
        }
        let events = (0..<Int32(batch.count)).map { $0 }
        return EventRun(batch: batch, events: events[...], arrivedAt: events.map { Timestamp(milliseconds: Int64($0)) }[...])
    }

    @Test func whatCameBeforeIsLeftOutAndTheRestKeepsItsOrderAndInstants() {
        var filter = RepeatFilter(generation: 1024)
        #expect(filter.fresh(run([1, 2, 3])).events.elementsEqual([0, 1, 2]))
        let second = filter.fresh(run([4, 2, 5, 4, 1, 6]))
        #expect(second.events.elementsEqual([0, 2, 5]), "repeats of earlier runs and inside the run")
        #expect(second.arrivedAt.map(\.milliseconds) == [0, 2, 5])
        #expect(filter.repeats == 3)
        #expect(filter.fresh(run([1, 2, 3])).events.isEmpty)
    }

    @Test func theSameIdOfAnotherTenantIsAnotherEvent() {
        var filter = RepeatFilter(generation: 1024)
        _ = filter.fresh(run([1, 2]))
        #expect(filter.fresh(run([1, 2], tenant: "other")).events.count == 2)
    }

    @Test(arguments: [1, 2, 64, 1000])
    func theNewestGenerationIsRememberedAndOlderOnesAreForgottenInTime(generation: Int) {
        var filter = RepeatFilter(generation: generation)
        let size = generation.nextPowerOfTwo
        let numbers = Array(0..<(5 * size))
        #expect(filter.fresh(run(numbers)).events.count == numbers.count)
        #expect(filter.fresh(run(numbers.suffix(size))).events.isEmpty, "the window that is promised")
        #expect(filter.fresh(run([0])).events.count == 1, "five windows ago")
    }
}

extension Int {
    fileprivate var nextPowerOfTwo: Int {
        var size = 1
        while size < self { size *= 2 }
        return size
    }
}
