/// Why a file of stories was refused, and where in it.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    public var file: String
    /// Counted from 1; 0 for the file as a whole.
    public var line: Int
    public var reason: String

    public init(file: String, line: Int, reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    public var description: String { line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)" }
}
