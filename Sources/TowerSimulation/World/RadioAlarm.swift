/// An alarm that a radio's element manager holds open for a fault.
struct RadioAlarm: Sendable {
    /// What tells it from others of its type at the site.
    enum Key: Sendable, Equatable {
        case none
        case cell(Int)
        case port(Int)
    }
    var site: Int32
    var type: AlarmType
    var key: Key
    var value: Double
    var text: StaticString
    var reference: EventReference
}
