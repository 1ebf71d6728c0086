/// Strings to small numbers and back inside one tenant. Numbers never reach an output.
public struct NameTable: Sendable {
    private var index: [String: Int32] = [:]
    private var names: [String] = []

    public init() {}

    public mutating func intern(_ name: String) -> Int32 {
        if let known = index[name] { return known }
        let number = Int32(names.count)
        index[name] = number
        names.append(name)
        return number
    }

    public func find(_ name: String) -> Int32? { index[name] }
    public subscript(_ number: Int32) -> String { names[Int(number)] }
    public var count: Int { names.count }
}
