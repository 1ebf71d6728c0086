import Testing
import TowerModel

@testable import TowerSimulation

@Suite struct DeterminismTests {
    @Test func sameSeedGivesTheSameBytesAndTruth() throws {
        let first = try Run(quick(seed: 7))
        let second = try Run(quick(seed: 7))
        #expect(first.hash == second.hash)
        #expect(first.events == second.events)
        #expect(first.truth == second.truth)
    }

    @Test func anotherSeedGivesAnotherWorld() throws {
        #expect(try Run(quick(hours: 2, seed: 1)).hash != Run(quick(hours: 2, seed: 2)).hash)
    }

    @Test(arguments: [97.0, 1800, 86_400]) func theStepInWhichEventsAreFetchedDoesNotMatter(step: Double) throws {
        #expect(try Run(quick(sites: 12), stepSeconds: step).hash == Run(quick(sites: 12)).hash)
    }

    @Test func noiseTouchesEventsButNeverTruth() throws {
        let noise = try NoiseModel(parsing: "missing=0.2,telemetry=0.1,duplicates=0.01,skew=120,late=0.05,lying=0.1")
        let clean = try Run(quick(seed: 3))
        let noisy = try Run(quick(seed: 3, noise: noise))
        #expect(clean.truth == noisy.truth)
        #expect(clean.hash != noisy.hash)
    }

    @Test func aCopyIsAFork() throws {
        var original = try Simulation(configuration: quick(sites: 8, hours: 6))
        let middle = original.configuration.start.adding(seconds: 7200)
        _ = original.next(until: middle)
        var fork = original
        #expect(fork.next(until: .distantFuture) == original.next(until: .distantFuture))
    }

    @Test func generatorIsUniformAndItsStreamsDiffer() {
        var one = SeededGenerator(seed: 5, stream: "a")
        var two = SeededGenerator(seed: 5, stream: "b")
        #expect(one.next() != two.next())
        var bins = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 { bins[Int(one.unit() * 10)] += 1 }
        for count in bins { #expect((850...1150).contains(count)) }
    }
}
