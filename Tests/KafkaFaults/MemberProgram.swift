import Glibc
import TowerKafka
import TowerStreaming

/// A member of a group in a process of its own, to be killed and paused. It keeps no state: the parent has the store, which keeps
/// effects and the next offset of each partition together, as our stores do.
///
/// - Lines out: `where PART`, `apply PART FROM NEXT VALUE…`; lines in: the offset, `ok` or `no`.
struct MemberProgram {
    var bootstrap: String
    var name: String

    func run() async throws -> Int32 {
        var configuration = KafkaConfiguration(bootstrap: bootstrap)
        configuration.fetchWaitMs = 10
        configuration.minSessionMs = 1
        configuration.staticMembership = false
        configuration.extra = ["reconnect.backoff.ms": "10", "reconnect.backoff.max.ms": "100"]
        let log = try KafkaLog(configuration, clock: { Int64(time(nil)) * 1000 })
        while true {
            do {
                try await life(log)
            } catch let error as EventLogError where error.code == .staleMember || error.isRetriable { continue }
        }
    }

    private func life(_ log: KafkaLog) async throws {
        let member = try await log.join(group: "life", patterns: [.siteEvents], member: name, sessionMs: 1500)
        print("joined \(name)")
        fflush(nil)
        var slots: [GroupSlot] = []
        while true {
            let given = try await log.assignment(of: member).slots
            slots = given.map { slot in
                if let known = slots.first(where: { $0.slot == slot.slot && $0.since == slot.since }) { return known }
                // The store is the truth, wherever the group's place lags behind it.
                guard let part = slot.next.parts.first, let next = ask("where \(part.name)").flatMap(Int64.init) else { return slot }
                return GroupSlot(
                    slot: slot.slot, since: slot.since, next: LogCursor(parts: [LogPart(name: part.name, next: next)]))
            }
            let before = slots
            let slice = try await log.fetch(matching: [.siteEvents], slots: slots, maxRecords: 50, maxBytes: 1 << 20)
            guard !slice.records.isEmpty else { continue }
            var refused = false
            for index in slots.indices {
                guard let part = before[index].next.parts.first, let next = slice.next.next(in: part.name), next > part.next else { continue }
                let values = slice.records.filter { stored in
                    let partition = KafkaTopicLayout.partition(of: stored.record.topic, count: KafkaTopicPlan().eventPartitions)
                    return LogPart.name(log.place(of: stored.record.topic), partition) == part.name
                }.map { String(decoding: $0.record.value, as: UTF8.self) }
                if ask("apply \(part.name) \(part.next) \(next) \(values.joined(separator: " "))") == "ok" {
                    slots[index] = slots[index].advanced(to: slice.next)
                } else {
                    refused = true
                }
            }
            // Somebody else moved the store on: this member's idea of what it holds is old.
            if refused { slots = [] }
            _ = try await log.commit(member, slots: slots)
        }
    }

    private func ask(_ line: String) -> String? {
        print(line)
        fflush(nil)
        guard let answer = readLine() else { exit(0) }
        return answer
    }
}
