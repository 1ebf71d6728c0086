import TowerJournal
import TowerStreaming

extension SimulatedModel {
    /// Takes in the start offsets after retention. Returns what was taken that its bounds protect.
    mutating func expire(_ starts: [TopicName: Int64], now: Int64, _ configuration: JournalConfiguration) -> String? {
        let gone = kept.filter { $0.offset < starts[$0.record.topic] ?? 0 }
        for record in gone {
            let retention = RetentionClass.of(record.record.topic)
            let isOld = configuration.retentionMs[retention].map { record.timestampMs < now - $0 } ?? false
            if !isOld, configuration.retentionBytes[retention] == nil {
                return "retention took sequence \(record.sequence), which is young"
            }
        }
        let sequences = Set(gone.map(\.sequence))
        kept.removeAll { sequences.contains($0.sequence) }
        expired = (expired + gone).sorted { $0.sequence < $1.sequence }
        return nil
    }

    /// A retention without an answer: whatever its bounds allowed may be gone.
    mutating func mayHaveExpired(upTo now: Int64, _ configuration: JournalConfiguration) {
        let may = kept.filter { record in
            let retention = RetentionClass.of(record.record.topic)
            return configuration.retentionMs[retention].map { record.timestampMs < now - $0 } ?? false
                || configuration.retentionBytes[retention] != nil
        }
        let sequences = Set(may.map(\.sequence))
        kept.removeAll { sequences.contains($0.sequence) }
        expired = (expired + may).sorted { $0.sequence < $1.sequence }
    }
}
