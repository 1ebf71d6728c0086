public import TowerStreaming

extension KafkaLog {
    public func join(group: String, patterns: [TopicPattern]) async throws -> GroupMembership { throw EventLogError.kafkaClosed }
    public func commit(_ membership: GroupMembership, cursor: LogCursor) async throws { throw EventLogError.kafkaClosed }
    public func leave(_ membership: GroupMembership) async throws { throw EventLogError.kafkaClosed }
    public func seek(group: String, to cursor: LogCursor) async throws { throw EventLogError.kafkaClosed }
    public func groups() async throws -> [GroupDescription] { throw EventLogError.kafkaClosed }
}
