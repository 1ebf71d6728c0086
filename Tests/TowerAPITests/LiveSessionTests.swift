import Foundation
import NIOCore
import Testing
import TowerModel
import TowerStores

@testable import TowerAPI

/// The session without socket, clock or lock: calls in, frames out.
@Suite struct LiveSessionTests {
    private let now = Samples.at

    /// A session, what it was told, and what it wrote.
    private struct Rig {
        var session: LiveSession
        var now = Samples.at

        init(_ limits: LiveLimits = LiveLimits(), published: Int64 = 0) {
            session = LiveSession(limits: limits, published: published, now: Samples.at)
        }

        mutating func attach(
            _ attachment: LiveSession.Attachment = .needsSnapshot, channels: Set<LiveChannel> = [.sites, .alarms, .incidents],
            site: SiteID? = nil, published: Int64 = 0
        ) {
            session.attached(LiveSubscription(channels: channels, site: site), attachment, published: published)
        }

        mutating func publish(_ sequence: Int64, _ changes: LiveChange...) {
            session.published(LiveSlice(sequence: sequence, items: changes.map { LiveItem($0) }), now: now)
        }

        /// Everything that waits to be written, in short: `snapshot 5 [A:inc]`, `delta 6 [B]`, `close 1013`.
        mutating func written() -> [String] {
            var lines: [String] = []
            while let output = session.next(now: now) {
                switch output {
                case .text(let buffer): lines.append(Self.short(String(buffer: buffer)))
                case .ping: lines.append("ping")
                case .pong(let data): lines.append("pong \(String(buffer: data))")
                case .close(let code, _): lines.append("close \(code)")
                }
            }
            return lines
        }

        private static func short(_ text: String) -> String {
            guard let frame = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
                return "broken \(text)"
            }
            let type = frame["type"] as? String ?? "?"
            if type == "error" { return "error \(frame["code"] as? String ?? "?")" }
            let changes = (frame["changes"] as? [[String: Any]])?.compactMap { $0["item"] as? [String: Any] } ?? []
            let snapshot = ["sites", "alarms", "incidents"].flatMap { frame[$0] as? [[String: Any]] ?? [] }
            let names = (changes + snapshot).map { item -> String in
                if let site = item["site"] as? [String: Any] { return "\(site["site_id"] ?? "?"):\(item["state"] ?? "?")" }
                if let alarm = item["alarm"] as? [String: Any] {
                    return "alarm\(Self.last(alarm["alarm_id"])):\(alarm["state"] ?? "?")"
                }
                return "\(item["number"] ?? "?"):\(item["status"] ?? "?")"
            }
            return "\(type) \(frame["seq"] ?? "?")" + (names.isEmpty ? "" : " [\(names.joined(separator: " "))]")
        }

        private static func last(_ id: Any?) -> String { (id as? String)?.suffix(2).description ?? "?" }
    }

    private func site(_ id: String, _ state: SiteState = .inService) -> LiveChange {
        .site(Samples.site(id, tenant: "t", state: state))
    }
    private func alarm(_ low: UInt64, _ state: Alarm.State = .raised, site: String = "A") -> LiveChange {
        .alarm(Samples.alarm(Samples.id(low), site: site, tenant: "t", state: state))
    }
    private func incident(_ low: UInt64, _ status: IncidentView.Status = .open, site: String = "A", affected: [String] = [])
        -> LiveChange
    {
        .incident(
            Samples.incident(Samples.id(low), number: "INC-\(low)", site: site, tenant: "t", status: status, affected: affected))
    }

    @Test func nothingIsSaidBeforeASubscription() {
        var rig = Rig()
        rig.publish(1, site("A"))
        #expect(rig.written() == [])
    }

    @Test func aSnapshotIsFollowedByWhatCameAfterIt() {
        var rig = Rig()
        rig.attach(published: 4)
        rig.publish(5, site("A"))
        rig.publish(6, site("B"))
        rig.session.loaded([LiveItem(site("A"))], before: 5, after: 5, now: now)
        rig.publish(7, site("C"))
        #expect(rig.written() == ["snapshot 5 [A:in_service]", "delta 6 [B:in_service]", "delta 7 [C:in_service]"])
    }

    @Test func slicesDuringTheReadingAreLaidOverWhatWasRead() {
        var rig = Rig()
        rig.attach(published: 5)
        rig.publish(6, site("A", .down), site("B"))
        rig.publish(7, site("A", .onBattery))
        rig.publish(8, site("C"))
        // A was read before slice 6, the position moved to 7 while reading.
        rig.session.loaded([LiveItem(site("A"))], before: 5, after: 7, now: now)
        #expect(rig.written() == ["snapshot 7 [B:in_service A:on_battery]", "delta 8 [C:in_service]"])
    }

    @Test func aSnapshotWaitsForSlicesThatAreCommittedAndNotYetPublished() {
        var rig = Rig()
        rig.attach(published: 5)
        rig.session.loaded([LiveItem(site("A"))], before: 5, after: 7, now: now)
        #expect(rig.written() == [])
        rig.publish(6, site("A", .down))
        #expect(rig.written() == [])
        rig.publish(7)
        #expect(rig.written() == ["snapshot 7 [A:down]"])
    }

    @Test func aSnapshotHoldsWhatIsCurrent() {
        var rig = Rig()
        rig.attach(published: 5)
        rig.publish(6, alarm(1, .cleared), alarm(2), incident(1, .merged), incident(2, .resolved), incident(3, .autoClosed))
        rig.session.loaded([alarm(1), alarm(3), incident(1), incident(2)].map { LiveItem($0) }, before: 5, after: 6, now: now)
        #expect(rig.written() == ["snapshot 6 [alarm02:raised alarm03:raised INC-2:resolved]"])
    }

    @Test func onlySubscribedChannelsAndTheFilteredSiteAreSent() {
        var rig = Rig()
        rig.attach(channels: [.alarms, .incidents], site: "A", published: 1)
        rig.session.loaded(
            [incident(1, site: "B", affected: ["A"]), alarm(1)].map { LiveItem($0) }, before: 1, after: 1, now: now)
        rig.publish(2, site("A"), alarm(2, site: "B"), alarm(3), incident(2, site: "B"))
        rig.publish(3, alarm(4, site: "B"))
        // An incident that was shown is followed also after it has left the site.
        rig.publish(4, incident(1, .resolved, site: "B"))
        #expect(
            rig.written() == ["snapshot 1 [alarm01:raised INC-1:open]", "delta 2 [alarm03:raised]", "delta 4 [INC-1:resolved]"])
    }

    @Test func resumingSendsWhatWasMissedOnce() {
        var rig = Rig()
        let missed = [5, 6].map { LiveSlice(sequence: $0, items: [LiveItem(site("S\($0)"))]) }
        rig.attach(.resumed(since: 4, missed: missed), published: 6)
        rig.publish(6, site("S6"))
        rig.publish(7, site("S7"))
        #expect(rig.written() == ["resumed 4", "delta 5 [S5:in_service]", "delta 6 [S6:in_service]", "delta 7 [S7:in_service]"])
    }

    @Test func aSlowReaderGetsTheLatestOfEachItem() {
        var limits = LiveLimits()
        limits.coalesceFrom = 4
        var rig = Rig(limits)
        rig.attach(.resumed(since: 0, missed: []))
        for sequence in 1...6 {
            rig.publish(Int64(sequence), site(sequence.isMultiple(of: 2) ? "A" : "B", sequence < 5 ? .down : .watch))
        }
        #expect(rig.written() == ["resumed 0", "delta 5 [A:down B:watch]", "delta 6 [A:watch]"])
    }

    @Test func aReaderBeyondTheBoundIsCutAndMayResume() {
        var limits = LiveLimits()
        limits.coalesceFrom = 4
        limits.changesMax = 10
        var rig = Rig(limits)
        rig.attach(.resumed(since: 0, missed: []))
        for index in 0..<10 { rig.publish(Int64(index + 1), site("S\(index)")) }
        #expect(!rig.session.isClosing)
        rig.publish(11, site("S0"))
        #expect(!rig.session.isClosing)
        rig.publish(12, site("S11"))
        #expect(rig.session.isClosing)
        #expect(rig.written() == ["resumed 0", "close 1013"])
    }

    @Test func heartbeatsCarryAPositionToResumeFrom() {
        var rig = Rig()
        rig.attach(channels: [.alarms], published: 3)
        rig.session.loaded([], before: 3, after: 3, now: now)
        rig.publish(9, site("A"))
        _ = rig.written()
        #expect(rig.session.tick(now: now.adding(seconds: 9)) == false)
        #expect(rig.written() == [])
        #expect(rig.session.tick(now: now.adding(seconds: 10)) == false)
        #expect(rig.written() == ["heartbeat 9"])
        // While something waits, a heartbeat would promise too much.
        rig.publish(10, alarm(1))
        #expect(rig.session.tick(now: now.adding(seconds: 20)) == false)
        #expect(rig.written().filter { $0 != "ping" } == ["delta 10 [alarm01:raised]"])
    }

    @Test func deadlinesEndConnections() {
        var silent = Rig()
        #expect(silent.session.tick(now: now.adding(seconds: 29)) == false)
        #expect(silent.written() == ["ping"])
        #expect(silent.session.tick(now: now.adding(seconds: 30)) == false)
        #expect(silent.written() == ["close 1008"])
        // The peer does not answer the close frame.
        #expect(silent.session.tick(now: now.adding(seconds: 34)) == false)
        #expect(silent.session.tick(now: now.adding(seconds: 35)) == true)

        var gone = Rig()
        gone.attach(.resumed(since: 0, missed: []))
        #expect(gone.session.tick(now: now.adding(seconds: 59)) == false)
        #expect(gone.session.tick(now: now.adding(seconds: 60)) == true)

        var alive = Rig()
        alive.attach(.resumed(since: 0, missed: []))
        alive.session.receivedPong(now: now.adding(seconds: 50))
        #expect(alive.session.tick(now: now.adding(seconds: 100)) == false)

        var stalled = Rig()
        stalled.attach(.resumed(since: 0, missed: []))
        #expect(stalled.session.next(now: now) != nil)
        stalled.session.receivedPong(now: now.adding(seconds: 29))
        #expect(stalled.session.tick(now: now.adding(seconds: 29)) == false)
        #expect(stalled.session.tick(now: now.adding(seconds: 30)) == true)

        var folding = Rig()
        folding.attach(published: 1)
        folding.session.loaded([], before: 1, after: 5, now: now)
        #expect(folding.session.tick(now: now.adding(seconds: 10)) == false)
        #expect(folding.written().last == "close 1013")
    }

    @Test func endingsSayWhy() {
        let endings: [(String, (inout LiveSession) -> Void)] = [
            ("close 1001", { $0.shutdown(now: Samples.at) }), ("close 1012", { $0.interrupted(now: Samples.at) }),
            ("close 1008", { $0.unauthorized(now: Samples.at) }), ("close 1000", { $0.receivedClose(now: Samples.at) }),
            ("close 1009", { $0.protocolError(code: 1009, reason: "", now: Samples.at) }),
        ]
        for (expected, end) in endings {
            var rig = Rig()
            rig.attach(.resumed(since: 0, missed: []))
            _ = rig.written()
            rig.publish(1, site("A"))
            end(&rig.session)
            end(&rig.session)
            rig.publish(2, site("B"))
            #expect(rig.written() == [expected])
            #expect(rig.session.isClosed)
        }
    }

    @Test func aFailedSnapshotIsExplainedBeforeTheEnd() {
        var rig = Rig()
        rig.attach()
        rig.session.loadFailed(now: now)
        #expect(rig.written() == ["error live.snapshot_failed", "close 1013"])
    }

    @Test(arguments: [
        ("", "live.malformed"), ("[]", "live.malformed"), ("{}", "live.malformed"), (#"{"type":"hello"}"#, "live.unknown_type"),
        (#"{"type":"subscribe"}"#, "live.bad_channels"), (#"{"type":"subscribe","channels":[]}"#, "live.bad_channels"),
        (#"{"type":"subscribe","channels":["moods"]}"#, "live.bad_channels"),
        (#"{"type":"subscribe","channels":["sites"],"tenant":"x"}"#, "live.unknown_field"),
        (#"{"type":"subscribe","channels":["sites"],"since":-1}"#, "live.bad_since"),
        (#"{"type":"subscribe","channels":["sites"],"since":1.5}"#, "live.bad_since"),
        (#"{"type":"subscribe","channels":["sites"],"since":"4"}"#, "live.bad_since"),
        (#"{"type":"subscribe","channels":["sites"],"site_id":"a b"}"#, "live.bad_site"),
    ])
    func whatIsNotUnderstoodIsAnswered(text: String, code: String) {
        var rig = Rig()
        #expect(rig.session.received(text: Array(text.utf8), now: now) == .nothing)
        #expect(rig.written() == ["error \(code)"])
    }

    @Test func subscriptionsAreRead() throws {
        let text = #"{"type":"subscribe","channels":["sites","alarms"],"site_id":"SITE-1","since":42}"#
        #expect(
            try LiveSubscription.parse(Array(text.utf8))
                == LiveSubscription(channels: [.sites, .alarms], site: "SITE-1", since: 42))
        let nulls = #"{"type":"subscribe","channels":["incidents"],"site_id":null,"since":null}"#
        #expect(try LiveSubscription.parse(Array(nulls.utf8)) == LiveSubscription(channels: [.incidents]))
    }

    @Test func aSecondSubscribeWaitsForTheFirst() {
        var rig = Rig()
        rig.attach()
        #expect(rig.session.received(text: Array(#"{"type":"subscribe","channels":["sites"]}"#.utf8), now: now) == .nothing)
        #expect(rig.written() == ["error live.busy"])
    }

    @Test func floodsOfPingsAreAnsweredOnce() {
        var rig = Rig()
        for index in 0..<1000 { rig.session.receivedPing(ByteBuffer(string: "\(index)"), now: now) }
        #expect(rig.written() == ["pong 999"])
        for _ in 0..<1000 { _ = rig.session.received(text: Array("nonsense".utf8), now: now) }
        #expect(rig.written().count <= 64)
    }

    /// Every interleaving of a projection (commit, then publish) with a snapshot's three steps: whatever the order, a
    /// client that applies snapshot and deltas ends where the store ends, and never sees a sequence twice.
    @Test func everyInterleavingOfCommitPublishAndReadEndsInTheStoresState() {
        let slices: [(Int64, [LiveChange])] = [
            (1, [site("A", .watch)]), (2, [site("B", .down), site("A", .down)]), (3, [site("B", .watch)]),
            (4, [site("A", .degraded)]),
        ]
        var tried = 0
        // Steps: commit and publish of each slice in order (C1 P1 C2 P2 …) against attach, before, read A, read B, after.
        let projector = slices.indices.flatMap { [("commit", $0), ("publish", $0)] }
        let reader = ["attach", "before", "readA", "readB", "after"]
        func interleave(_ left: Int, _ right: Int, _ chosen: [Bool]) {
            if left == projector.count && right == reader.count {
                tried += 1
                run(chosen)
                return
            }
            if left < projector.count { interleave(left + 1, right, chosen + [true]) }
            if right < reader.count { interleave(left, right + 1, chosen + [false]) }
        }
        func run(_ chosen: [Bool]) {
            var store: [String: SiteState] = ["A": .inService, "B": .inService]
            var position: Int64 = 0
            var published: Int64 = 0
            var session = LiveSession(limits: LiveLimits(), published: 0, now: now)
            var isAttached = false
            var (before, items): (Int64, [LiveItem]) = (0, [])
            var (left, right) = (0, 0)
            var client = Client()
            for isProjector in chosen {
                if isProjector {
                    let (step, index) = projector[left]
                    left += 1
                    if step == "commit" {
                        position = slices[index].0
                        for case .site(let view) in slices[index].1 { store[view.site.siteID.rawValue] = view.state }
                    } else {
                        published = slices[index].0
                        let slice = LiveSlice(sequence: published, items: slices[index].1.map { LiveItem($0) })
                        if isAttached { session.published(slice, now: now) }
                    }
                } else {
                    switch reader[right] {
                    case "attach":
                        session.attached(LiveSubscription(channels: [.sites]), .needsSnapshot, published: published)
                        isAttached = true
                    case "before": before = position
                    case "readA": items.append(LiveItem(site("A", store["A"] ?? .blind)))
                    case "readB": items.append(LiveItem(site("B", store["B"] ?? .blind)))
                    default: session.loaded(items, before: before, after: position, now: now)
                    }
                    right += 1
                }
                client.read(&session)
            }
            #expect(client.states == store.mapValues(\.rawValue), "order \(chosen)")
            #expect(client.isInOrder && client.sequences.last == 4, "order \(chosen): \(client.sequences)")
        }
        interleave(0, 0, [])
        #expect(tried == 1287)
    }

    /// A client that believes what it is told.
    private struct Client {
        var states: [String: String] = [:]
        var sequences: [Int64] = []
        var isInOrder = true

        mutating func read(_ session: inout LiveSession) {
            while case .text(let buffer) = session.next(now: Samples.at) {
                guard let frame = try? JSONSerialization.jsonObject(with: Data(buffer.readableBytesView)) as? [String: Any] else {
                    continue
                }
                let sequence = (frame["seq"] as? NSNumber)?.int64Value ?? -1
                // The snapshot comes first and once.
                if (frame["type"] as? String == "snapshot") != sequences.isEmpty { isInOrder = false }
                if let last = sequences.last, sequence <= last { isInOrder = false }
                sequences.append(sequence)
                let changed = (frame["changes"] as? [[String: Any]])?.compactMap { $0["item"] as? [String: Any] }
                for item in changed ?? frame["sites"] as? [[String: Any]] ?? [] {
                    let id = (item["site"] as? [String: Any])?["site_id"] as? String ?? "?"
                    states[id] = item["state"] as? String
                }
            }
        }
    }
}
