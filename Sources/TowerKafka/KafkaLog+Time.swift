public import TowerStreaming

extension KafkaLog {
    public func cursor(atOrAfterMs timestampMs: Int64) async throws -> LogCursor {
        try checkOpen()
        let partitions = try await partitions(matching: [TopicPattern("*")])
        let timeoutMs = configuration.callTimeoutMs
        return try await calls.run { [control] in
            let found = try control.offsets(partitions, atOrAfterMs: timestampMs, timeoutMs: timeoutMs)
            let ends = try control.offsets(partitions, .end, timeoutMs: timeoutMs)
            return LogCursor(
                parts: partitions.map { partition in
                    let offset = found[partition] ?? -1
                    return LogPart(name: partition.name, next: offset >= 0 ? offset : ends[partition] ?? 0)
                })
        }
    }

    public func offset(topic: TopicName, atOrAfterMs timestampMs: Int64) async throws -> Int64 {
        try checkOpen()
        let partition = try await partition(of: topic)
        let timeoutMs = configuration.callTimeoutMs
        return try await calls.run { [control] in
            let offset = try control.offsets([partition], atOrAfterMs: timestampMs, timeoutMs: timeoutMs)[partition] ?? -1
            return offset >= 0 ? offset : try control.offsets([partition], .end, timeoutMs: timeoutMs)[partition] ?? 0
        }
    }
}
