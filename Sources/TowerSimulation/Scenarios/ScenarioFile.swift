/// Reads scenario files: lines a domain person can write, no quoting and no nesting.
///
///     # What varies in a fibre cut.
///     scenario S13
///     instances 0.5 per 100 sites and day
///     repair lognormal 4 h 10 h
///
/// `uniform LOW HIGH` or `lognormal MEDIAN P90`; numbers carry `s`, `min`, `h`, `d`, or the unit
/// that the built-in file of the scenario shows (docs/scenarios.md). `#` starts a comment.
public enum ScenarioFile {
    /// Applies the file's lines to `parameters`.
    /// - Parameter name: what errors call the file.
    /// - Throws: `simulation.scenario_file` with name and line; `parameters` is then unchanged.
    public static func apply(_ text: String, name: String, to parameters: inout ScenarioParameters) throws(SimulationError) {
        var result = parameters
        var scenario: ScenarioID?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
            let words = content.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }).map(String.init)
            guard let keyword = words.first else { continue }
            func refuse(_ problem: String) -> SimulationError {
                SimulationError(.scenarioFile, "\(name):\(index + 1): \(problem)")
            }
            if keyword == "scenario" {
                guard words.count == 2, let id = ScenarioID(rawValue: words[1]) else {
                    throw refuse("write one known scenario, as in \"scenario S02\"")
                }
                scenario = id
                continue
            }
            guard let scenario else { throw refuse("\"\(keyword)\" stands before any \"scenario\" line; begin with one") }
            if keyword == "instances" {
                guard words.count >= 2, let rate = Double(words[1]), rate >= 0, rate <= 1000,
                    words.count == 2 || Array(words[2...]) == ["per", "100", "sites", "and", "day"]
                else { throw refuse("write \"instances 0.5 per 100 sites and day\", 0 to 1000") }
                result.instances[scenario] = rate
                continue
            }
            let key = ScenarioParameters.Key(scenario, keyword)
            guard result.spreads[key] != nil else {
                let known = result.spreads.keys.filter { $0.scenario == scenario }.map(\.name).sorted().joined(separator: ", ")
                throw refuse("\(scenario.rawValue) has no \"\(keyword)\"; it has instances, \(known)")
            }
            guard let spread = spread(Array(words.dropFirst())) else {
                throw refuse(
                    "write \"\(keyword) uniform LOW HIGH\" or \"\(keyword) lognormal MEDIAN P90\", as in \"uniform 30 min 2 h\"")
            }
            result.spreads[key] = spread
        }
        parameters = result
    }

    private static func spread(_ words: [String]) -> Spread? {
        var rest = words.dropFirst()
        guard let kind = words.first, let first = quantity(&rest), let second = quantity(&rest), rest.isEmpty,
            first >= 0, second >= first, second.isFinite
        else { return nil }
        switch kind {
        case "uniform": return .uniform(first, second)
        case "lognormal": return first > 0 ? .lognormal(median: first, p90: second) : nil
        default: return nil
        }
    }

    private static func quantity(_ words: inout ArraySlice<String>) -> Double? {
        guard let word = words.popFirst(), let value = Double(word), value.isFinite else { return nil }
        switch words.first {
        case "s": words.removeFirst()
        case "min": words.removeFirst(); return value * 60
        case "h": words.removeFirst(); return value * 3600
        case "d": words.removeFirst(); return value * 86_400
        case "mm/h", "km", "km/h", "K", "dB", "l", "l/day", "%", "%/day", "%/month", "deg", "m/s": words.removeFirst()
        default: break
        }
        return value
    }
}
