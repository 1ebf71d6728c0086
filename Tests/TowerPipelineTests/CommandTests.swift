import Testing
import TowerIncidents
import TowerModel
import TowerPipeline
import TowerStores
import TowerStreaming

@Suite struct CommandTests {
    static let acme = TenantID("acme")

    /// A world with two open incidents.
    static func world() async throws -> (World, CommandHandler) {
        let world = try World()
        _ = try await world.log.append([World.event(1, "grid.fault", site: "S-1"), World.event(2, "grid.fault", site: "S-2")])
        try await world.settle()
        return (world, CommandHandler(log: world.log, store: world.store, progress: world.progress, time: World.instant))
    }

    static func view(_ world: World, _ number: String = "INC-1") async throws -> IncidentView {
        try await world.settle()
        return try #require(try await world.store.incident(tenant: acme, id: number))
    }

    @Test func aCommandBecomesAnEventAndShows() async throws {
        let (world, handler) = try await Self.world()
        let receipt = try await handler.execute(.acknowledge, on: "INC-1", tenant: Self.acme, actor: "ada", at: World.at(9))
        #expect(!receipt.isRepeat)
        #expect(try await handler.waitUntilProjected(receipt.sequence, timeout: .zero) == false)
        let view = try await Self.view(world)
        #expect(try await handler.waitUntilProjected(receipt.sequence, timeout: .seconds(60)))
        #expect(view.status == .acknowledged && view.acknowledgedBy == "ada" && view.acknowledgedAt == World.at(9))
        #expect(view.history?.last?.eventID == receipt.eventID)
    }

    @Test func oneAfterTheOtherWithoutWaitingForTheProjection() async throws {
        let (world, handler) = try await Self.world()
        func run(_ command: IncidentCommand, _ second: Int) async throws {
            _ = try await handler.execute(command, on: "INC-1", tenant: Self.acme, actor: "ada", at: World.at(second))
        }
        try await run(.acknowledge, 10)
        await #expect { try await run(.acknowledge, 11) } throws: { ($0 as? IncidentError)?.code == .invalidTransition }
        try await run(.assign(to: "bob"), 12)
        try await run(.comment("on my way"), 13)
        try await run(.resolve(reason: "reset"), 14)
        await #expect { try await run(.assign(to: "eve"), 15) } throws: { ($0 as? IncidentError)?.code == .invalidTransition }
        try await run(.reopen(reason: "again"), 16)
        let view = try await Self.view(world)
        #expect(view.status == .open && view.assignee == "bob" && view.acknowledgedBy == nil)
        #expect(view.history?.map(\.text) == ["opened", "", "bob", "on my way", "reset", "again"])
        #expect(view.history?.map(\.actor) == ["engine", "ada", "ada", "ada", "ada", "ada"])
    }

    @Test(arguments: [false, true]) func anIdempotencyKeyWritesOnce(_ isProjected: Bool) async throws {
        let (world, handler) = try await Self.world()
        func run(_ command: IncidentCommand, on name: String = "INC-1") async throws -> CommandReceipt {
            try await handler.execute(command, on: name, tenant: Self.acme, actor: "ada", at: World.at(9), idempotencyKey: "k-1")
        }
        let first = try await run(.comment("once"))
        if isProjected { try await world.settle() }
        let second = try await run(.comment("once"))
        #expect(second.isRepeat && second.eventID == first.eventID && second.sequence >= first.sequence)
        await #expect { try await run(.acknowledge) } throws: { ($0 as? IncidentError)?.code == .idempotencyConflict }
        // On another incident the key is another one.
        #expect(try await run(.comment("once"), on: "INC-2").isRepeat == false)
        #expect(try await Self.view(world).history?.count == 2)
    }

    @Test func ofManyAtOnceOneIsFirst() async throws {
        let (world, handler) = try await Self.world()
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for person in 0..<20 {
                group.addTask {
                    let receipt = try? await handler.execute(
                        .acknowledge, on: "INC-1", tenant: Self.acme, actor: "p\(person)", at: World.at(9))
                    return receipt != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 1)
        #expect(try await Self.view(world).history?.count == 2)
    }

    @Test func anotherTenantsIncidentIsUnknown() async throws {
        let (world, handler) = try await Self.world()
        let id = try await Self.view(world).snapshot.incidentID.description
        for name in ["INC-1", id, "INC-9", "", "'; --"] {
            await #expect {
                try await handler.execute(.acknowledge, on: name, tenant: TenantID("rival"), actor: "eve", at: World.at(9))
            } throws: { ($0 as? IncidentError)?.code == .unknown }
        }
        #expect(try await Self.view(world).status == .open)
    }

    @Test func mergesByPersonReachTheEngineOnce() async throws {
        let (world, handler) = try await Self.world()
        let target = try await Self.view(world, "INC-2").snapshot.incidentID
        _ = try await handler.execute(.merge(into: target), on: "INC-1", tenant: Self.acme, actor: "ada", at: World.at(9))
        #expect(try await Self.view(world).status == .merged)
        _ = try await handler.execute(.comment("x"), on: "INC-1", tenant: Self.acme, actor: "ada", at: World.at(10))
        _ = try await world.log.append([World.event(3, "grid.fault", site: "S-2")])
        let view = try await Self.view(world, "INC-2")
        // One action: neither the comment nor the engine's own events are actions, and a restart did not count it again.
        #expect(view.snapshot.reason == "new evidence after 0 beats and 1 actions")
        await #expect {
            try await handler.execute(.merge(into: target), on: "INC-2", tenant: Self.acme, actor: "ada", at: World.at(11))
        } throws: { ($0 as? IncidentError)?.code == .mergeIntoItself }
    }

    @Test func aVerdictShowsWithWhoSaidIt() async throws {
        let (world, handler) = try await Self.world()
        let cause = CauseVerdict.Cause(siteID: "S-1", condition: "fuel.exhausted", label: "Dry")
        _ = try await handler.execute(
            .judge(.init(word: .corrected, cause: cause, reason: "looked into the tank")), on: "INC-1", tenant: Self.acme, actor: "ada",
            at: World.at(9))
        let view = try await Self.view(world)
        #expect(view.verdict?.word == .corrected && view.verdict?.cause == cause && view.verdict?.actor == "ada")
        #expect(view.history?.last?.text == "corrected: Dry, S-1: looked into the tank")
    }

    @Test func aSplitOpensAnIncidentOfItsOwnAndAMergeTakesItBack() async throws {
        let (world, handler) = try await Self.world()
        let first = try await Self.view(world).snapshot
        var wide = first
        wide.revision += 50
        wide.affectedSites = ["S-1", "S-7"].map { .init(siteID: SiteID($0), impact: .down) }
        _ = try await world.log.append([try LifecycleCodec.record(.engine(.updated, wide), site: "S-1")])
        try await world.settle()
        let split = IncidentCommand.split(alarms: [], sites: [SiteID("S-7")], reason: "far away")
        func run(_ command: IncidentCommand, on name: String, _ key: String) async throws -> CommandReceipt {
            try await handler.execute(command, on: name, tenant: Self.acme, actor: "ada", at: World.at(9), idempotencyKey: key)
        }
        let receipt = try await run(split, on: "INC-1", "k")
        #expect(try await run(split, on: "INC-1", "k").isRepeat)
        let rest = try await Self.view(world)
        #expect(rest.snapshot.affectedSites.map(\.siteID.rawValue) == ["S-1"] && rest.history?.last?.text == "1 site: far away")
        let part = try await Self.view(world, "INC-3")
        #expect(part.snapshot.incidentID == IncidentLifecycleEvent.partID(ofSplit: receipt.eventID) && rest.cuts?.map(\.into) == [part.snapshot.incidentID])
        #expect(part.splitFrom == first.incidentID && part.status == .open && part.snapshot.siteID == SiteID("S-7"))
        #expect(part.history?.map(\.actor) == ["ada"] && part.history?.last?.text == "split off by ada: far away")
        await #expect { try await run(split, on: "INC-1", "again") } throws: { ($0 as? IncidentError)?.code == .splitMembers }
        _ = try await run(.merge(into: first.incidentID), on: part.snapshot.incidentID.description, "back")
        #expect(try await Self.view(world).cuts == nil)
        #expect(try await Self.view(world, "INC-3").mergedBy == "ada")
    }

    @Test func waitingEndsWithTheTimeOrTheProjection() async throws {
        let progress = ProjectionProgress()
        let waiter = Task { await progress.wait(for: 7) }
        progress.reached(7)
        #expect(progress.position == 7)
        progress.reached(8)
        await waiter.value
        let cancelled = Task { await progress.wait(for: 100) }
        cancelled.cancel()
        await cancelled.value
        #expect(progress.position == 8)
    }
}
