/// A table of numbers, row after row.
public struct FeatureTable: Sendable, Hashable {
    public let columns: Int
    public private(set) var values: [Float]

    public init(columns: Int) {
        self.columns = columns
        values = []
    }

    /// - Precondition: `values` holds whole rows; a rest is cut off.
    public init(columns: Int, values: [Float]) {
        self.columns = columns
        self.values = values
        if columns > 0 { self.values.removeLast(values.count % columns) }
    }

    public var rows: Int { columns == 0 ? 0 : values.count / columns }

    public func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

    public mutating func append(_ row: some Collection<Float>) {
        guard row.count == columns else { return }
        values.append(contentsOf: row)
    }

    public func picking(_ rows: [Int]) -> FeatureTable {
        var picked = FeatureTable(columns: columns)
        picked.values.reserveCapacity(rows.count * columns)
        for index in rows { picked.values.append(contentsOf: row(index)) }
        return picked
    }
}
