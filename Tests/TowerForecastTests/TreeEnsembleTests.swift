import Testing
import TowerForecast

@Suite struct TreeEnsembleTests {
    @Test func aTreeIsWalkedToItsLeaf() {
        var trees = TreeEnsemble(base: 1, columns: 2)
        let first = trees.append([.init(column: 1, threshold: 5, left: 1, right: 2, missingGoesLeft: false), .leaf(10), .leaf(20)])
        let second = trees.append([.leaf(100)])
        #expect(first && second)
        #expect(trees.predict([0, 4.9]) == 111)
        #expect(trees.predict([0, 5]) == 121)
        #expect(trees.predict([0, .nan]) == 121)
        // A row of another width is no question.
        #expect(trees.predict([0]) == 1)
    }

    @Test(arguments: [
        [TreeEnsemble.Node(column: 0, threshold: 1, left: 0, right: 1), .leaf(1)],
        [TreeEnsemble.Node(column: 0, threshold: 1, left: 1, right: 2), .leaf(1)],
        [TreeEnsemble.Node(column: 7, threshold: 1, left: 1, right: 2), .leaf(1), .leaf(2)],
        [],
    ])
    func aTreeThatDoesNotLeadDownwardsIsRefused(_ nodes: [TreeEnsemble.Node]) {
        var trees = TreeEnsemble(base: 0, columns: 2)
        let isTaken = trees.append(nodes)
        #expect(!isTaken)
        #expect(trees.roots.isEmpty)
    }
}
