/// Which version of a subject.
public enum VersionSelector: Sendable, Hashable {
    case latest
    case number(Int)

    /// - Throws: 42202 for anything but `latest`, `-1` and a whole number from 1 on.
    public init(_ text: String) throws(RegistryError) {
        if text == "latest" || text == "-1" {
            self = .latest
        } else if let number = Int32(text), number > 0 {
            self = .number(Int(number))
        } else {
            throw .invalidVersion(text)
        }
    }
}
