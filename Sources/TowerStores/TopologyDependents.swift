public import TowerModel

/// Counts, for every site, those that reach the core only through it: the size of its subtree in the dominator tree.
///
/// - A link with a `parent` carries traffic from the parent down. One without may carry it either way (ring, hop, fibre);
///   `feeder` and `adjacent` carry none. The core is whatever is a parent and nobody's child.
/// - Sites that no path joins to the core depend on nothing that we know: they are counted nowhere.
/// - Source: Cooper, Harvey, Kennedy, "A simple, fast dominance algorithm", 2001. Cost: linear for trees.
public enum TopologyDependents {
    public static func count(_ links: [TopologyLink]) -> [String: Int] {
        let carrying = links.filter { $0.kind != .feeder && $0.kind != .adjacent || $0.parent != nil && $0.kind != .feeder }
        var index: [String: Int] = [:]
        var names: [String] = []
        func number(_ name: String) -> Int {
            if let known = index[name] { return known }
            index[name] = names.count
            names.append(name)
            return names.count - 1
        }
        let ordered = carrying.sorted { ($0.a, $0.b, $0.kind.rawValue) < ($1.a, $1.b, $1.kind.rawValue) }
        var edges: [(from: Int, to: Int)] = []
        var isParent: Set<Int> = []
        var isChild: Set<Int> = []
        for link in ordered where link.a != link.b {
            let (a, b) = (number(link.a), number(link.b))
            switch link.parent {
            case link.a?:
                edges.append((a, b))
                isParent.insert(a)
                isChild.insert(b)
            case link.b?:
                edges.append((b, a))
                isParent.insert(b)
                isChild.insert(a)
            default:
                edges.append((a, b))
                edges.append((b, a))
            }
        }
        let roots = isParent.subtracting(isChild).sorted()
        guard !roots.isEmpty else { return [:] }
        return count(names: names, edges: edges, roots: roots)
    }

    private static func count(names: [String], edges: [(from: Int, to: Int)], roots: [Int]) -> [String: Int] {
        // Node `names.count` is above all roots, so that two cores are equals.
        let top = names.count
        var next = [[Int]](repeating: [], count: top + 1)
        var before = [[Int]](repeating: [], count: top + 1)
        for (from, to) in edges + roots.map({ (from: top, to: $0) }) {
            next[from].append(to)
            before[to].append(from)
        }
        let order = postorder(next, from: top)
        var place = [Int](repeating: -1, count: top + 1)
        for (position, node) in order.enumerated() { place[node] = position }

        var dominator = [Int](repeating: -1, count: top + 1)
        dominator[top] = top
        func meet(_ left: Int, _ right: Int) -> Int {
            var (left, right) = (left, right)
            while left != right {
                while place[left] < place[right] { left = dominator[left] }
                while place[right] < place[left] { right = dominator[right] }
            }
            return left
        }
        var isChanged = true
        while isChanged {
            isChanged = false
            for node in order.reversed() where node != top {
                var found = -1
                for previous in before[node] where place[previous] >= 0 && dominator[previous] >= 0 {
                    found = found < 0 ? previous : meet(found, previous)
                }
                if found >= 0, dominator[node] != found {
                    dominator[node] = found
                    isChanged = true
                }
            }
        }
        // Post-order of the graph is not that of the dominator tree, but a dominator always comes later in it.
        var below = [Int](repeating: 0, count: top + 1)
        for node in order where node != top { below[dominator[node]] += below[node] + 1 }
        var result: [String: Int] = [:]
        for node in order where node != top && below[node] > 0 { result[names[node]] = below[node] }
        return result
    }

    private static func postorder(_ next: [[Int]], from top: Int) -> [Int] {
        var order: [Int] = []
        var isSeen = [Bool](repeating: false, count: next.count)
        var stack: [(node: Int, child: Int)] = [(top, 0)]
        isSeen[top] = true
        while let (node, child) = stack.last {
            if child < next[node].count {
                stack[stack.count - 1].child += 1
                let target = next[node][child]
                if !isSeen[target] {
                    isSeen[target] = true
                    stack.append((target, 0))
                }
            } else {
                order.append(node)
                stack.removeLast()
            }
        }
        return order
    }
}
