/// What a new version must be able to do with the data of the others.
public enum CompatibilityLevel: String, Sendable, Hashable, CaseIterable {
    case none = "NONE"
    /// The new version reads what the last one wrote.
    case backward = "BACKWARD"
    case backwardTransitive = "BACKWARD_TRANSITIVE"
    /// The last version reads what the new one writes.
    case forward = "FORWARD"
    case forwardTransitive = "FORWARD_TRANSITIVE"
    case full = "FULL"
    case fullTransitive = "FULL_TRANSITIVE"

    var readsOld: Bool { self != .none && self != .forward && self != .forwardTransitive }
    var readByOld: Bool { self != .none && self != .backward && self != .backwardTransitive }
    /// Against every version, not only the last.
    public var isTransitive: Bool { self == .backwardTransitive || self == .forwardTransitive || self == .fullTransitive }

    /// Why `new` may not follow `old` at this level: each difference in words, with both versions.
    ///
    /// - Parameters:
    ///   - newName: how messages call the new one, for instance `version 3`.
    ///   - upcast: what the upcasters make of the old one; `nil` when there are none.
    public func refusals(
        new: ParsedSchema, named newName: String, old: ParsedSchema, named oldName: String, upcast: ParsedSchema? = nil
    ) -> [String] {
        var refusals: [String] = []
        if readsOld {
            refusals += new.differences(reading: upcast ?? old).map {
                "{errorType:\"\($0.kind)\", path:\"\($0.path)\", reason:\"\(newName) cannot read what \(oldName) wrote: \($0.reason)\"}"
            }
        }
        if readByOld {
            refusals += old.differences(reading: new).map {
                "{errorType:\"\($0.kind)\", path:\"\($0.path)\", reason:\"\(oldName) cannot read what \(newName) writes: \($0.reason)\"}"
            }
        }
        return refusals
    }
}
