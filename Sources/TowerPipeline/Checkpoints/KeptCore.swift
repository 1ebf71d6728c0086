public import TowerModel

/// A core whose whole state can be written down and taken up again, in this process or another.
public protocol KeptCore: Sendable {
    /// By what the state came about beside the log: settings, rules, versions. A state of another hash is not taken up.
    /// `nil` for a core that is never kept: its state is rebuilt from the log, as that of a test's.
    var settingsHash: UInt64? { get }
    /// Equal states give equal bytes.
    func encode(into writer: inout StateWriter)
    /// Becomes what was encoded; unchanged where it throws.
    mutating func restore(from reader: inout StateReader) throws(StateError)
}

extension KeptCore {
    public var settingsHash: UInt64? { nil }
    public func encode(into writer: inout StateWriter) {}
    public mutating func restore(from reader: inout StateReader) throws(StateError) {
        throw reader.outOfRange("a core that is never kept")
    }
}
