import Testing
import TowerStreaming

@Suite struct TenantShardTests {
    /// Written down, because a tenant must be of the same shard in every version: its events lie there.
    @Test(arguments: [("acme", 0, 4), ("rival", 0, 0), ("tower-1", 1, 3), ("tower-2", 0, 4), ("München", 0, 4), ("", 1, 1)])
    func aTenantIsOfTheSameShardForEver(tenant: String, ofTwo: Int32, ofEight: Int32) {
        func number(_ count: Int32) -> Int32 { Array(tenant.utf8).withUnsafeBytes { TenantShard.number(ofTenant: $0, count: count) } }
        #expect(number(1) == 0)
        #expect(number(2) == ofTwo)
        #expect(number(8) == ofEight)
        // A shard of two is four shards of eight.
        #expect(number(8) % 2 == number(2))
        #expect(TenantShard(number(8), of: 8).holds(tenant: tenant))
        #expect(!TenantShard((number(8) + 1) % 8, of: 8).holds(tenant: tenant))
    }

    @Test func tenantsAreSpreadEvenly() {
        var counts = [Int](repeating: 0, count: 8)
        for tenant in 0..<8000 {
            for number in 0..<8 where TenantShard(Int32(number), of: 8).holds(tenant: "tenant-\(tenant)") { counts[number] += 1 }
        }
        #expect(counts.reduce(0, +) == 8000 && counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
    }

    @Test func partitionsThatAreAddedStayWithTheirShard() {
        let shard = TenantShard(2, of: 4)
        #expect((0..<12).filter { shard.holds(partition: $0) } == [2, 6, 10])
        #expect((0..<24).filter { shard.holds(partition: $0) } == [2, 6, 10, 14, 18, 22])
    }

    @Test func aGroupsNameSaysItsShard() {
        #expect(TenantShard(0, of: 1).group("aiops-engine") == "aiops-engine")
        #expect(TenantShard(0, of: 4).group("aiops-engine") == "aiops-engine.s1of4")
        for shard in (0..<64).map({ TenantShard($0, of: 64) }) {
            #expect(TenantShard(group: shard.group("a.b")) == shard)
            #expect(TenantShard.base(ofGroup: shard.group("a.b")) == "a.b")
        }
        #expect(TenantShard(3, of: 4).description == "4 of 4")
    }

    @Test(arguments: ["aiops-engine", "", ".", "x.s0of4", "x.s5of4", "x.s1of1", "x.s1of65", "x.s1of", "x.sof4", "x.1of4", "x.s-1of4", "x.shards", "s1of4"])
    func anyOtherNameIsOfNoShard(name: String) {
        #expect(TenantShard(group: name) == nil)
        #expect(TenantShard.base(ofGroup: name) == name)
    }
}
