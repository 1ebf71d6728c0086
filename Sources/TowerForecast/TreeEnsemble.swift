/// Regression trees whose answers are summed, in flat arrays: learned elsewhere, asked here.
///
/// - Shape: node `i` asks whether column `column[i]` lies below `threshold[i]` and goes to `left[i]` or `right[i]`; a leaf
///   has column -1 and its answer in `threshold`. Every child lies behind its parent, so a walk ends.
/// - Missing data: NaN goes left when `missingGoesLeft` says so.
public struct TreeEnsemble: Sendable, Hashable {
    public private(set) var base: Float
    public private(set) var roots: [Int32] = []
    public private(set) var column: [Int32] = []
    public private(set) var threshold: [Float] = []
    public private(set) var left: [Int32] = []
    public private(set) var right: [Int32] = []
    public private(set) var missingGoesLeft: [Bool] = []
    public let columns: Int

    public init(base: Float, columns: Int) {
        self.base = base
        self.columns = columns
    }

    /// One node of a tree that is added; children count from the tree's own root.
    public struct Node: Sendable, Hashable {
        public var column: Int32
        public var threshold: Float
        public var left: Int32
        public var right: Int32
        public var missingGoesLeft: Bool
        public init(column: Int32, threshold: Float, left: Int32 = 0, right: Int32 = 0, missingGoesLeft: Bool = true) {
            self.column = column
            self.threshold = threshold
            self.left = left
            self.right = right
            self.missingGoesLeft = missingGoesLeft
        }
        public static func leaf(_ value: Float) -> Node { Node(column: -1, threshold: value) }
    }

    /// Adds a tree; `false` when a child does not lie behind its parent or a column does not exist.
    public mutating func append(_ nodes: [Node]) -> Bool {
        guard !nodes.isEmpty else { return false }
        for (index, node) in nodes.enumerated() where node.column >= 0 {
            let behind = Int32(index)..<Int32(nodes.count)
            guard node.column < columns, node.left > behind.lowerBound, node.right > behind.lowerBound, behind.contains(node.left),
                behind.contains(node.right)
            else { return false }
        }
        let root = Int32(column.count)
        roots.append(root)
        for node in nodes {
            column.append(node.column)
            threshold.append(node.threshold)
            left.append(root + node.left)
            right.append(root + node.right)
            missingGoesLeft.append(node.missingGoesLeft)
        }
        return true
    }

    public func predict(_ row: ArraySlice<Float>) -> Float {
        guard row.count == columns else { return base }
        var sum = base
        for root in roots {
            var node = Int(root)
            while column[node] >= 0 {
                let value = row[row.startIndex + Int(column[node])]
                let goesLeft = value.isNaN ? missingGoesLeft[node] : value < threshold[node]
                node = Int(goesLeft ? left[node] : right[node])
            }
            sum += threshold[node]
        }
        return sum
    }

    public func predict(_ table: FeatureTable) -> [Float] { (0..<table.rows).map { predict(table.row($0)) } }
}

/// Grows trees: the only part of learning that is not our own.
public protocol TreeGrowing: Sendable {
    /// The same table, targets and settings give the same trees.
    func grow(_ table: FeatureTable, targets: [Float], _ settings: TreeSettings) throws -> TreeEnsemble
}
