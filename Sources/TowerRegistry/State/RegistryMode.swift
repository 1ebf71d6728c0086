/// What may be done with a subject.
public enum RegistryMode: String, Sendable, Hashable, CaseIterable {
    case readWrite = "READWRITE"
    case readOnly = "READONLY"
    /// Ids and versions are given by the caller: for copying another registry.
    case importing = "IMPORT"
}
