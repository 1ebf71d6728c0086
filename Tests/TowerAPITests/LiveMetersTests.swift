import NIOCore
import Testing
import TowerModel
import TowerStores

@testable import TowerAPI

/// What `/metrics` says of the live feed.
@Suite struct LiveMetersTests {
    private static let at = Timestamp(microseconds: 1_700_000_000_000_000)

    private func value(_ name: String, in text: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }

    @Test func framesAreCountedByKindAndConnectionsByHowFarTheyAre() {
        let meters = LiveMeters()
        for kind in [LiveFrameKind.snapshot, .delta, .delta, .heartbeat] { meters.wrote(kind) }
        meters.add(coalesced: 3)
        meters.add(cut: 2, clientsCut: 1)
        meters.add(lost: 1)
        let text = meters.text(clients: 3, standings: [.streaming: 2, .loading: 1])
        #expect(value("towerco_api_live_frames_written_total{kind=\"delta\"}", in: text) == "2")
        #expect(value("towerco_api_live_frames_written_total{kind=\"close\"}", in: text) == "0")
        #expect(value("towerco_api_live_connections{state=\"streaming\"}", in: text) == "2")
        #expect(value("towerco_api_live_connections{state=\"idle\"}", in: text) == "0")
        #expect(value("towerco_api_live_frames_dropped_total{reason=\"coalesced\"}", in: text) == "3")
        #expect(value("towerco_api_live_frames_dropped_total{reason=\"cut\"}", in: text) == "2")
        #expect(value("towerco_api_live_frames_dropped_total{reason=\"lost\"}", in: text) == "1")
    }

    @Test func aSessionSaysHowFarItIsAndWhatItHandsOut() {
        var session = LiveSession(limits: LiveLimits(), published: 4, now: Self.at)
        #expect(session.standing == .idle)
        let subscription = LiveSubscription(channels: [.sites], site: nil)
        session.attached(subscription, .needsSnapshot, published: 4)
        #expect(session.standing == .loading)
        session.loaded([], before: 4, after: 4, now: Self.at)
        #expect(session.standing == .streaming)
        #expect(session.next(now: Self.at) != nil && session.takenKind == .snapshot)
        session.receivedPing(ByteBuffer(string: "x"), now: Self.at)
        #expect(session.next(now: Self.at) != nil && session.takenKind == .pong)
        session.shutdown(now: Self.at)
        #expect(session.standing == .closing)
        #expect(session.next(now: Self.at) != nil && session.takenKind == .close)
        #expect(session.next(now: Self.at) == nil)
    }
}
