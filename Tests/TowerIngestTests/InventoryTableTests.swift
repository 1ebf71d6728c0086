import Testing
import TowerModel
import TowerWire

@testable import TowerIngest

@Suite struct InventoryTableTests {
    private static func table(_ text: String) -> InventoryTable { InventoryTable(Array(text.utf8), file: "t.csv") }
    private static func told(_ table: InventoryTable) -> [String] { table.problems.map { "\($0.line) \($0.column)" } }

    @Test(arguments: [
        ("site_id,name,lat\nS-1,Hill,1.5\n", "Hill"), ("\u{FEFF}Name;Site ID;LAT\r\nHill;S-1;1.5\r\n", "Hill"),
        ("site_id\tname\tlat\rS-1\tHill\t1.5", "Hill"), ("site_id,name,lat\n\"S-1\",\"Hill, the \"\"old\"\"\nend\",1.5\n", "Hill, the \"old\"\nend"),
        ("\n\nlat,site_id,name\n\n1.5, S-1 , Hill \n\n", "Hill"),
    ])
    func everyUsualFormIsRead(_ text: String, _ name: String) {
        let table = Self.table(text)
        #expect(table.problems.isEmpty, "\(table.problems)")
        #expect(table.rows.map(\.ids) == [["S-1"]])
        #expect(table.rows.first?.cells[.name] == name)
        #expect(table.rows.first?.cells[.lat] == "1.5")
    }

    @Test(arguments: [
        ("site_id,lat\nS-1,91\nS-2,1\n", "2 lat"), ("site_id;lat\nS-1;51,5\nS-2;1\n", "2 lat"), ("site_id,lat\nS-1,1,5\nS-2,1\n", "2 "),
        ("site_id,name\nS-1,\"Hi\"ll\nS-2,x\n", "2 field 2"), ("site_id,name\nS-1,\"Hill\nS-2,x\n", "2 field 2"),
        ("site_id,grid_class\nS-1,E\nS-2,A\n", "2 grid_class"), ("site_id,is_hub\nS-1,maybe\nS-2,yes\n", "2 is_hub"),
        ("site_id\nS 1\nS-2\n", "2 site_id"), ("site_id\n\"\"\nS-2\n", nil), ("site_id,name\n,Hill\nS-2,x\n", "2 site_id"),
        ("site_id,valid_from\nS-1,yesterday\nS-2,2026-01-01T00:00:00Z\n", "2 valid_from"), ("site_id,colour\nS-2,red\n", "1 colour"),
        ("site_id,name\nS-2,x\nS-2,y\n", "3 site_id"),
    ] as [(String, String?)])
    func aBadRowIsNamedAndCostsNoOther(_ text: String, _ place: String?) {
        let table = Self.table(text)
        #expect(Self.told(table) == [place].compactMap(\.self), "\(table.problems)")
        #expect(table.rows.contains { $0.ids == ["S-2"] })
        #expect(table.rows.count == 1)
    }

    @Test(arguments: ["", "\u{FEFF}", "name,lat\nx,1\n", "a,kind\nS-1,hop\n"]) func whatIsNoInventoryIsSaid(_ text: String) {
        let table = Self.table(text)
        #expect(table.rows.isEmpty && !table.problems.isEmpty)
    }

    @Test func linksAreKnownByTheirEnds() {
        let table = Self.table("parent,B,A,kind\nS-1,S-1,S-2,hop\nS-9,S-1,S-3,hop\n,S-4,S-4,\n,S-1,S-2,hop\n,S-1,S-2,fibre\n")
        #expect(table.kind == .links)
        #expect(table.rows.map(\.line) == [2, 6])
        #expect(Self.told(table) == ["3 parent", "4 b", "5 a"])
    }

    /// Rows written with random delimiters, quotes and line ends are read back; bytes at random never trap and are all accounted for.
    @Test func whatIsWrittenIsReadBack() {
        var seed: UInt64 = 7
        func random(_ bound: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % bound
        }
        let pieces = ["a", "é", "\"", ",", ";", "\t", "\n", " ", "x y", "1.5", "漢"]
        for _ in 0..<400 {
            let width = 1 + random(5)
            let delimiter = [",", ";", "\t"][random(3)]
            let end = ["\n", "\r\n", "\r"][random(3)]
            // The first line decides the delimiter.
            var rows = [(0..<width).map { "c\($0)" }]
            for _ in 0..<random(6) { rows.append((0..<width).map { _ in "k" + (0..<random(6)).map { _ in pieces[random(pieces.count)] }.joined() }) }
            let text = rows.map { row in
                row.map { field in
                    let isPlain = !field.contains { "\",;\t\n\r".contains($0) }
                    return isPlain && random(2) == 0 ? field : "\"\(field.replacing("\"", with: "\"\""))\""
                }.joined(separator: delimiter)
            }.joined(separator: end)
            var reader = CSVReader(Array(text.utf8), file: "f")
            var read: [[String]] = []
            while let row = reader.next() {
                guard case .success(let row) = row else {
                    Issue.record("refused \(text.debugDescription)")
                    break
                }
                read.append(row.fields)
            }
            if width > 1 { #expect(read == rows, "\(text.debugDescription)") }
        }
        for _ in 0..<400 {
            let bytes = (0..<random(200)).map { _ in [UInt8(0x22), 0x2C, 0x3B, 0x0A, 0x0D, 0x41, 0xC3, 0xFF][random(8)] }
            var reader = CSVReader(bytes, file: "f")
            var steps = 0
            while reader.next() != nil { steps += 1 }
            #expect(steps <= bytes.count)
            _ = InventoryTable(Array("site_id,name\n".utf8) + bytes, file: "f")
        }
    }

    // MARK: Plans

    private static let tenant = TenantID("acme")
    private static let at = Timestamp("2026-03-01T00:00:00Z")!

    private static func plan(_ text: String, _ present: InventoryPlan.Present? = nil, removes: Bool = false) -> InventoryPlan {
        InventoryPlan(table(text), tenant: tenant, at: at, present: present, removesMissing: removes)
    }

    @Test func equalFilesGiveEqualIdsAndEveryEventIsAccepted() {
        let text = "site_id,name,operators,is_hub,battery_ah,dg_kva,valid_from\nS-1,\"Hi \"\"ll\",A|B,yes,200,10,2026-02-01T00:00:00Z\n"
        let one = Self.plan(text)
        #expect(one.events == Self.plan("\u{FEFF}" + text.replacing(",", with: ",")).events)
        #expect(one.events.count == 1)
        let line = String(decoding: one.events[0], as: UTF8.self)
        #expect(line.contains(#""name":"Hi \"ll""#) && line.contains(#""operators":["A","B"]"#) && line.contains(#""strings":1"#))
        #expect(line.contains(#""valid_from":"2026-02-01T00:00:00Z""#))
        let other = InventoryPlan(Self.table(text), tenant: Self.tenant, at: Self.at.adding(seconds: 1), present: nil)
        #expect(other.events != one.events)
    }

    @Test func onlyWhatIsNewIsWrittenAndAbsentColumnsStay() {
        let known = Site(siteID: SiteID("S-1"), tenantID: Self.tenant, name: "Hill", latitude: 1, operators: ["A"], feederID: "F-1")
        let present = InventoryPlan.Present(
            sites: [known], links: [TopologyLink(tenantID: Self.tenant, a: "S-1", b: "S-2", kind: .hop, parent: "S-2", lengthKilometres: 3)])
        let same = Self.plan("site_id,name\nS-1,Hill\n", present)
        #expect(same.events.isEmpty && same.unchanged == 1)
        let changed = Self.plan("site_id,name,feeder_id\nS-1,Hill Top,\n", present)
        let line = String(decoding: changed.events[0], as: UTF8.self)
        #expect(line.contains("Hill Top") && line.contains(#""lat":1"#) && !line.contains("feeder_id"))
        #expect(Self.plan("a,b,kind\nS-2,S-1,hop\n", present).unchanged == 1)
        #expect(Self.plan("a,b,kind,length_km\nS-1,S-2,hop,4\n", present).changes == ["S-1/S-2 hop"])
    }

    @Test func whatIsMissingIsRemovedOnlyWhenEveryRowIsGood() {
        let sites = ["S-1", "S-2"].map { Site(siteID: SiteID($0), tenantID: Self.tenant, name: $0) }
        let present = InventoryPlan.Present(sites: sites, links: [TopologyLink(tenantID: Self.tenant, a: "S-1", b: "S-2", kind: .hop)])
        let plan = Self.plan("site_id\nS-1\n", present, removes: true)
        #expect(plan.removals == ["S-2"])
        #expect(String(decoding: plan.events[0], as: UTF8.self).contains(#""status":"decommissioned""#))
        #expect(Self.plan("site_id\nS-1\nS 9\n", present, removes: true).removals.isEmpty)
        #expect(Self.plan("a,b,kind\nS-1,S-3,hop\n", present, removes: true).removals == ["S-1/S-2 hop"])
        #expect(Self.plan("site_id\nS-1\n", present).removals.isEmpty)
    }
}
