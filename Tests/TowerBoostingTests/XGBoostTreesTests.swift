import Testing
import TowerBoosting
import TowerForecast

@Suite struct XGBoostTreesTests {
    @Test func treesLearnAStepAndAreTheSameTwice() throws {
        var table = FeatureTable(columns: 2)
        var targets: [Float] = []
        for step in 0..<500 {
            table.append([Float(step), Float((step * 7919) % 101)])
            targets.append(step < 250 ? 10 : 90)
        }
        let settings = TreeSettings()
        let trees = try XGBoostTrees().grow(table, targets: targets, settings)
        #expect(trees.roots.count == 300)
        #expect(abs(trees.predict([100, 50]) - 10) < 3)
        #expect(abs(trees.predict([400, 50]) - 90) < 3)
        #expect(try XGBoostTrees().grow(table, targets: targets, settings) == trees)
    }
}
