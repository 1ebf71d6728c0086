public import TowerStreaming

extension Journal: SpoolStore {
    public func makeRoom(before cursor: LogCursor) async throws { try await release(before: cursor) }
}
