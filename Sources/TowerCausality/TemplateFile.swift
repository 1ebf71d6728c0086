/// One text of stories and the name that errors give it.
public struct TemplateFile: Sendable, Equatable {
    public var name: String
    public var text: String
    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
