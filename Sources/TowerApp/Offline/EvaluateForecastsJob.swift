import Foundation
import TowerModel
import TowerSimulation
import TowerWire

/// `towerco evaluate --forecasts`: what `analyze --emit forecasts` said of batteries against the contactors that opened.
public struct EvaluateForecastsJob: Sendable {
    private let forecasts: [String]
    private let events: [String]

    public init(forecasts: [String], events: [String]) {
        self.forecasts = forecasts
        self.events = events
    }

    public func run(asJSON: Bool) throws -> String {
        guard !forecasts.isEmpty, forecasts.count == events.count else {
            throw CommandFailure("Give as many --events as --forecasts, in the same order.", isUsage: true)
        }
        var told: [ForecastScore.Forecast] = []
        var openings: [ForecastScore.Opening] = []
        for index in forecasts.indices {
            // Sites of different runs share names: the run's number keeps them apart.
            told += try read(forecasts[index], run: index)
            openings += try readOpenings(events[index], run: index)
        }
        var scores: [(name: String, score: ForecastScore)] = []
        for contactor in Set(told.map(\.contactor)).sorted() {
            scores.append((contactor, ForecastScore(forecasts: told.filter { $0.contactor == contactor }, openings: openings)))
        }
        let batteries = told.filter { $0.contactor != Self.tank && $0.contactor != Self.early }
        scores.append(("all", ForecastScore(forecasts: batteries, openings: openings)))
        guard asJSON else { return Self.table(scores) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let object = Dictionary(uniqueKeysWithValues: scores.map { ($0.name, $0.score) })
        return String(decoding: try encoder.encode(object), as: UTF8.self) + "\n"
    }

    private static func table(_ scores: [(name: String, score: ForecastScore)]) -> String {
        func percent(_ ratio: Double) -> String { "\((ratio * 1000).rounded() / 10) %" }
        func minutes(_ number: Double) -> String { "\((number * 100).rounded() / 100) min" }
        return scores.map { name, score in
            "\(name): \(score.runs) runs to their end, \(score.answers) answers; P10-P90 holds \(percent(score.coverage)) "
                + "(below \(percent(score.below)), above \(percent(score.above))); median error \(percent(score.medianError)); "
                + "pinball \(minutes(score.pinball)), persistence \(minutes(score.persistencePinball))\n"
        }.joined()
    }

    private struct Line: Decodable {
        var forecast: AutonomyForecast?
        var outlook: SiteForecast?
    }

    /// The end of a tank is scored like that of a battery: hours become minutes.
    /// The second contactor as it is told from the beginning of a discharge on.
    private static let early = "lvd2 from the start"
    private static let tank = ForecastKind.fuelEmpty.rawValue

    private func read(_ path: String, run: Int) throws -> [ForecastScore.Forecast] {
        let decoder = JSONDecoder()
        var told: [ForecastScore.Forecast] = []
        var number = 0
        var reader = try LineReader(path: path)
        try reader.forEach { line, _ in
            number += 1
            guard !line.isEmpty else { return true }
            do {
                let parsed = try decoder.decode(Line.self, from: Data(line))
                if let outlook = parsed.outlook, outlook.kind == .fuelEmpty {
                    told.append(
                        .init(
                            siteID: "\(run)/\(outlook.siteID)", at: outlook.at, contactor: Self.tank, p10: outlook.p10 * 60,
                            p50: outlook.p50 * 60, p90: outlook.p90 * 60))
                }
                guard let forecast = parsed.forecast else { return true }
                if let p10 = forecast.secondP10, let p50 = forecast.secondP50, let p90 = forecast.secondP90 {
                    told.append(
                        .init(siteID: "\(run)/\(forecast.siteID)", at: forecast.at, contactor: Self.early, p10: p10, p50: p50, p90: p90))
                }
                if forecast.endsWith == "lvd2" {
                    told.append(
                        .init(
                            siteID: "\(run)/\(forecast.siteID)", at: forecast.at, contactor: Self.early, p10: forecast.minutesP10,
                            p50: forecast.minutesP50, p90: forecast.minutesP90))
                }
                told.append(
                    .init(
                        siteID: "\(run)/\(forecast.siteID)", at: forecast.at, contactor: forecast.endsWith, p10: forecast.minutesP10,
                        p50: forecast.minutesP50, p90: forecast.minutesP90, busVolts: forecast.busVolts))
            } catch { throw CommandFailure("\(path) line \(number) is no forecast of `analyze --emit forecasts`: \(error)") }
            return true
        }
        return told
    }

    private func readOpenings(_ path: String, run: Int) throws -> [ForecastScore.Opening] {
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .offline)
        let (type, stopped) = (symbols.intern("power.dc.lvd_open"), symbols.intern("dg.stopped"))
        let (state, contactor, reason) = (symbols.intern("state"), symbols.intern("contactor"), symbols.intern("reason"))
        var openings: [ForecastScore.Opening] = []
        var reader = try LineReader(path: path)
        try reader.forEach { line, _ in
            var batch = EventBatch(symbols: symbols)
            guard decoder.append(line, to: &batch) == nil, batch.count == 1 else { return true }
            if batch.types[0] == stopped, batch.string(reason, of: 0) == "low_fuel" {
                openings.append(.init(siteID: "\(run)/\(symbols.name(batch.sites[0]))", at: batch.timestamps[0], contactor: Self.tank))
            }
            guard batch.types[0] == type,
                (batch.string(state, of: 0) ?? "raised") == "raised", let name = batch.string(contactor, of: 0)
            else { return true }
            let site = "\(run)/\(symbols.name(batch.sites[0]))"
            openings.append(.init(siteID: site, at: batch.timestamps[0], contactor: name.lowercased()))
            guard name.lowercased() == "lvd2" else { return true }
            openings.append(.init(siteID: site, at: batch.timestamps[0], contactor: Self.early))
            return true
        }
        return openings
    }
}
