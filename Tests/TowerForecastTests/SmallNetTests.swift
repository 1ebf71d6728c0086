import Testing
import TowerForecast

@Suite struct SmallNetTests {
    @Test func aNetLearnsACurveThatNoLineFits() {
        var table = FeatureTable(columns: 2)
        var targets: [Float] = []
        for step in 0..<400 {
            let x = Float(step % 20) / 10 - 1
            let y = Float(step / 20) / 10 - 1
            table.append([x, y])
            targets.append(100 + 20 * x * y)
        }
        var settings = NetSettings()
        (settings.epochs, settings.decay) = (60, 0.0001)
        let net = SmallNet(table: table, targets: targets, settings: settings, seed: 3)
        let answers = net.predict(table)
        let error = zip(answers, targets).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 400
        #expect(error.squareRoot() < 2)
        #expect(net == SmallNet(table: table, targets: targets, settings: settings, seed: 3))
        #expect(net != SmallNet(table: table, targets: targets, settings: settings, seed: 4))
    }
}
