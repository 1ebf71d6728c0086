/// How well theft is told from everything else, over S09 to S12, S18 and stolen panels of S29.
public struct TheftScore: Sendable, Codable, Hashable {
    public var thefts: Int
    /// Share of thefts whose incident names the right root first; `nil` without any.
    public var recall: Double?
    /// Share of seen incidents whose first candidate says theft that are right; `nil` without any.
    public var precision: Double?

    init(_ judged: [Judgement]) {
        var total = 0
        var right = 0
        var claims = 0
        for judgement in judged {
            for outcome in judgement.outcomes {
                let isTheft = Scoreboard.theftConditions.contains(outcome.fault.root.condition)
                if isTheft { total += 1 }
                if isTheft, outcome.isRight { right += 1 }
                guard let index = outcome.incident, let first = judgement.incidents[index].ranked.first else { continue }
                if Scoreboard.theftConditions.contains(first.condition) { claims += 1 }
            }
            claims += judgement.strays.lazy.filter(\.namesTheft).count
        }
        thefts = total
        recall = total > 0 ? Double(right) / Double(total) : nil
        precision = claims > 0 ? min(1, Double(right) / Double(claims)) : nil
    }
}
