public import TowerModel

/// What a tenant's registered schemas say of its events: asked at the door, once an event is known to be one.
public struct PayloadGuard: Sendable {
    /// Why an event of that schema version (`major << 16 | minor`) is refused; `nil` when it is not.
    public typealias Check = @Sendable (_ event: UnsafeRawBufferPointer, _ version: UInt32) -> String?
    private let checks: [Symbol: Check]

    /// Reason code of what is refused.
    static let code = "schema.violation"

    /// - Parameter checks: by event type; others pass.
    public init(_ checks: [Symbol: Check]) { self.checks = checks }

    /// Looks at the event that a batch holds last and takes it out again when it is refused.
    func refusal(ofLastIn batch: inout EventBatch, _ event: UnsafeRawBufferPointer) -> String? {
        guard let type = batch.types.last, let version = batch.versions.last, let check = checks[type],
            let reason = check(event, version)
        else { return nil }
        batch.removeLastEvent()
        return reason
    }
}

extension EventBatch {
    /// Takes the last event's columns out; its bytes stay, as they may be the memory of all.
    mutating func removeLastEvent() {
        valueStart.removeLast()
        valueEnd.removeLast()
        ids.removeLast()
        types.removeLast()
        tenants.removeLast()
        sites.removeLast()
        timestamps.removeLast()
        versions.removeLast()
        fieldStart.removeLast()
        fields.removeLast(fields.count - Int(fieldStart[fieldStart.count - 1]))
    }
}
