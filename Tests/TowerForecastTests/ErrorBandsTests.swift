import Testing
import TowerForecast

@Suite struct ErrorBandsTests {
    @Test func bandsWidenWhereErrorsAreLarger() {
        var (answers, truths): ([Double], [Double]) = ([], [])
        for step in 0..<1000 {
            let answer = Double(step % 100)
            let error = (Double((step * 7919) % 101) / 50 - 1) * answer / 5
            answers.append(answer)
            truths.append(answer + error)
        }
        let bands = ErrorBands(answers: answers, truths: truths)
        let (small, large) = (bands.quantiles(of: 10), bands.quantiles(of: 90))
        #expect(large.p90 - large.p10 > 4 * (small.p90 - small.p10))
        let held = zip(answers, truths).filter { bands.quantiles(of: $0).p10 <= $1 && $1 <= bands.quantiles(of: $0).p90 }
        #expect(held.count >= 760 && held.count <= 880)
    }

    @Test func nothingKnownIsTheAnswerItself() {
        let none = ErrorBands(answers: [], truths: []).quantiles(of: 5)
        #expect(none.p10 == 5 && none.p50 == 5 && none.p90 == 5)
        #expect(ErrorBands(answers: [1, 2, 3], truths: [0, 0, 0]).quantiles(of: -3).p10 == 0)
    }
}
