/// A text with named fields in braces: `{title}`. A line whose fields are all empty is left out, so that a template can name
/// everything that may be known.
///
/// A field of several lines continues under the column where it began.
struct MessageTemplate: Sendable {
    private enum Part {
        case text(Substring)
        case field(String)
    }
    private let lines: [[Part]]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var parts: [Part] = []
            var rest = line
            while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
                if open > rest.startIndex { parts.append(.text(rest[..<open])) }
                parts.append(.field(String(rest[rest.index(after: open)..<close])))
                rest = rest[rest.index(after: close)...]
            }
            if !rest.isEmpty { parts.append(.text(rest)) }
            return parts
        }
    }

    var fields: Set<String> {
        Set(
            lines.joined().compactMap { part -> String? in
                if case .field(let name) = part { return name }
                return nil
            })
    }

    func filled(_ values: [String: String]) -> String {
        var text: [String] = []
        for line in lines {
            var out = ""
            var fields = 0
            var filled = 0
            for part in line {
                switch part {
                case .text(let piece): out += piece
                case .field(let name):
                    fields += 1
                    guard let value = values[name], !value.isEmpty else { continue }
                    filled += 1
                    let indent = "\n" + String(repeating: " ", count: out.count)
                    out += value.replacing("\n", with: indent)
                }
            }
            if fields == 0 || filled > 0 { text.append(out) }
        }
        // Where a whole paragraph was left out, one empty line stays.
        var result: [String] = []
        for line in text where !(line.isEmpty && (result.last?.isEmpty ?? true)) { result.append(line) }
        while result.last?.isEmpty ?? false { result.removeLast() }
        return result.joined(separator: "\n")
    }
}

extension MessageTemplate {
    static let subject = MessageTemplate("[{severity}] {headline}: {title}")

    static let incident = MessageTemplate(
        """
        {title}

        {explanation}

        Cause      {cause}
        Site       {site}
        Affected   {affected}
        Operators  {operators}
        Battery    {battery}
        Since      {since}
        Do first   {action}
        Also       {folded}

        {link}

        Route {route} of {tenant}. Message {delivery}.
        """)

    static let alarm = MessageTemplate(
        """
        {title}

        Alarm      {alarm}
        Object     {object}
        Site       {site}
        Since      {since}
        Says       {says}
        Also       {folded}

        {link}

        Route {route} of {tenant}. Message {delivery}.
        """)

    static let test = MessageTemplate(
        """
        This is a test of the route {route}. Nothing has happened.

        Messages of this route come like this one.

        Route {route} of {tenant}. Message {delivery}.
        """)
}
