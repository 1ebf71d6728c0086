import Foundation
import Testing
import TowerModel

@testable import TowerSimulation

@Suite struct TruthTests {
    @Test(arguments: [1, 2]) func everyTruthEventWasSentAndEdgesMatchTimestamps(seed: UInt64) throws {
        let run = try Run(quick(sites: 60, seed: seed))
        var byID: [String: ParsedEvent] = [:]
        for event in try run.parsed() {
            #expect(byID.updateValue(event, forKey: event.id) == nil, "id given twice")
        }
        for fault in run.truth {
            for id in fault.eventIDs { #expect(byID[id.description] != nil) }
            let own = Set(fault.eventIDs)
            for edge in fault.edges {
                guard let cause = byID[edge.causeEventID.description], let effect = byID[edge.effectEventID.description] else {
                    Issue.record("edge of unknown events")
                    continue
                }
                #expect(own.contains(edge.effectEventID))
                #expect((effect.timestamp.seconds(since: cause.timestamp) - edge.delaySeconds).magnitude < 0.0005)
                #expect(edge.delaySeconds >= 0)
            }
        }
    }

    @Test func rootAndTriggerAreObjectsThatEventsName() throws {
        let run = try Run(quick(sites: 60, seed: 3))
        var objects: Set<String> = []
        for event in try run.parsed() where event.state != nil {
            let object = ManagedObject.derive(eventType: event.type, site: event.site) { event.payload[$0] as? String }
            objects.insert("\(event.site) \(object) \(event.type)")
            if event.type.hasPrefix("fibre.") || event.type.hasPrefix("mw.") { objects.insert(" \(object) \(event.type)") }
            if let feeder = event.payload["feeder_id"] { objects.insert(" feeder:\(feeder) \(event.type)") }
        }
        // No alarm names the root of these: it has to be found.
        let silent: Set<ScenarioID> = [.s09, .s10, .s11, .s12, .s15, .s24, .s27, .s29]
        for fault in run.truth {
            for node in [fault.root, fault.trigger].compactMap({ $0 }) where !silent.contains(fault.scenario) {
                #expect(objects.contains("\(node.siteID) \(node.managedObject) \(node.eventType)"), "\(fault.faultID)")
            }
        }
    }

    @Test func eventsRevealNothingOfTheTruth() throws {
        let run = try Run(quick(sites: 30, seed: 4))
        let hidden = run.truth.map(\.faultID) + ["fault_id", "scenario", "benign", "root_cause"]
        for event in run.events {
            let text = String(decoding: event.json, as: UTF8.self)
            for word in hidden { #expect(!text.contains(word)) }
        }
    }

    @Test func aTruthLineIsTheFormatOfItsNote() throws {
        let run = try Run(quick(sites: 40, [.s02], seed: 2))
        let fault = try #require(run.truth.first { $0.scenario == .s02 })
        var bytes: [UInt8] = []
        fault.appendLine(to: &bytes)
        #expect(bytes.last == 0x0A)
        let decoder = JSONDecoder()
        let decoded = try decoder.decode(FaultTruth.self, from: Data(bytes))
        #expect(decoded.root == fault.root)
        #expect(decoded.eventIDs == fault.eventIDs)
        #expect(decoded.edges.count == fault.edges.count)
        #expect(decoded.onset == fault.onset)
        #expect(decoded.chargeableSeconds.values.contains { $0 > 0 })
    }

    @Test func envelopeHasTheEightFieldsInOrderAndTimeNeverGoesBack() throws {
        let run = try Run(quick(sites: 30, hours: 6, seed: 5))
        var last = Timestamp.distantPast
        for event in run.events {
            let text = String(decoding: event.json, as: UTF8.self)
            var position = text.startIndex
            for field in ["event_id", "event_type", "tenant_id", "site_id", "timestamp", "version", "payload", "metadata"] {
                let found = try #require(text.range(of: "\"\(field)\":", range: position..<text.endIndex))
                position = found.upperBound
            }
            let parsed = try ParsedEvent(event)
            #expect(parsed.keys.count == 8)
            #expect(parsed.timestamp == event.timestamp)
            #expect(event.timestamp >= last)
            last = event.timestamp
        }
    }
}
