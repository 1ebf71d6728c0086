import Glibc

/// Harmonic mean of homogeneity and completeness of a clustering (Rosenberg, Hirschberg 2007).
enum VMeasure {
    /// `nil` for no items. One class in one cluster scores 1.
    static func score(_ items: [(classIndex: Int, clusterIndex: Int)]) -> Double? {
        guard !items.isEmpty else { return nil }
        struct Cell: Hashable { var classIndex: Int, clusterIndex: Int }
        var classes: [Int: Double] = [:]
        var clusters: [Int: Double] = [:]
        var cells: [Cell: Double] = [:]
        for item in items {
            classes[item.classIndex, default: 0] += 1
            clusters[item.clusterIndex, default: 0] += 1
            cells[Cell(classIndex: item.classIndex, clusterIndex: item.clusterIndex), default: 0] += 1
        }
        let total = Double(items.count)
        // Sums in a fixed order: floating point would otherwise depend on the order of a dictionary.
        func entropy(_ counts: [Double]) -> Double { -counts.sorted().reduce(0) { $0 + $1 / total * log($1 / total) } }
        let classEntropy = entropy(Array(classes.values))
        let clusterEntropy = entropy(Array(clusters.values))
        let joint = entropy(Array(cells.values))
        // Rounding can leave a conditional entropy a hair below zero.
        let homogeneity = classEntropy > 0 ? 1 - max(0, joint - clusterEntropy) / classEntropy : 1
        let completeness = clusterEntropy > 0 ? 1 - max(0, joint - classEntropy) / clusterEntropy : 1
        return homogeneity + completeness > 0 ? 2 * homogeneity * completeness / (homogeneity + completeness) : 0
    }
}
