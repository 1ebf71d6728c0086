extension JSONTree {
    /// Without white space, members in their order.
    public var compact: String { rendered(sorted: false) }
    /// Without white space, members by name: equal for values that differ in the order of members only.
    public var canonical: String { rendered(sorted: true) }

    public func write(to json: inout JSONBuffer, sorted: Bool = false) {
        switch self {
        case .null: json.null()
        case .bool(let flag): json.value(flag)
        case .number(let literal): json.raw(literal.utf8)
        case .string(let text): json.value(text)
        case .array(let items):
            json.beginArray()
            for item in items { item.write(to: &json, sorted: sorted) }
            json.endArray()
        case .object(let members):
            json.beginObject()
            for member in sorted ? members.sorted(by: { $0.name < $1.name }) : members {
                json.key(member.name)
                member.value.write(to: &json, sorted: sorted)
            }
            json.endObject()
        }
    }

    private func rendered(sorted: Bool) -> String {
        var json = JSONBuffer()
        write(to: &json, sorted: sorted)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
