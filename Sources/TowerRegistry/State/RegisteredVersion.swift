public import TowerModel

/// A version of a subject.
public struct RegisteredVersion: Sendable, Hashable {
    /// Whose it is; `RegistryState.platform` for those that come with the product.
    public var tenant: TenantID
    public var subject: String
    /// From 1, without reuse while a later one is there.
    public var version: Int
    /// Equal content of one owner has one id, whatever the subject.
    public var id: Int32
    public var content: SchemaContent
    /// Softly deleted: not offered any more, but what was written with it can be read.
    public var isDeleted: Bool
    /// Tells records of two processes for the same version apart, so that compaction keeps the one that counted.
    var writer: String
    /// Its id was given by the caller, not counted by us.
    var isImported = false
}
