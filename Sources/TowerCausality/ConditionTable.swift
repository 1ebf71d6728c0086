/// A number for each condition of each component, two steps through flat arrays away. -1 stands for none.
///
/// - Cost: four bytes a component, and a row of four bytes a condition (about 230) for those that ever had one; nothing is
///   hashed.
struct ConditionTable: Sendable {
    private static let width = Condition.allCases.count
    /// First cell of each component's row, by kind and number.
    private var rows: [[Int32]] = [[], [], []]
    private var cells: [Int32] = []

    subscript(component: Component, condition: Condition) -> Int32 {
        get {
            let (kind, number) = (Int(component.kind.rawValue), Int(component.number))
            guard number < rows[kind].count else { return -1 }
            let row = rows[kind][number]
            return row < 0 ? -1 : cells[Int(row) + Int(condition.ordinal)]
        }
        set {
            let (kind, number) = (Int(component.kind.rawValue), Int(component.number))
            if number >= rows[kind].count {
                guard newValue >= 0 else { return }
                rows[kind].append(contentsOf: repeatElement(-1, count: number + 1 - rows[kind].count))
            }
            if rows[kind][number] < 0 {
                guard newValue >= 0 else { return }
                rows[kind][number] = Int32(cells.count)
                cells.append(contentsOf: repeatElement(-1, count: Self.width))
            }
            cells[Int(rows[kind][number]) + Int(condition.ordinal)] = newValue
        }
    }
}
