import TowerCausality

/// What was learned of stories as a file over the shipped ones: versioned, readable, the same bytes for the same changes.
public enum StoryOverlay {
    /// Name of a version, as incidents say it.
    public static func name(_ version: Int) -> String { "learned-\(version)" }

    /// - Parameter header: lines for people, written as comments.
    public static func text(_ changes: [StoryEstimator.Change], version: Int, header: [String]) -> String {
        var text = "# Learned by `towerco learn`; `towerco learn --rollback` takes it back. Format: docs/causality.md.\n"
        for line in header { text += "# \(line.replacing("\n", with: " "))\n" }
        text += "version: \(name(version))\nadjust:\n"
        for change in changes {
            let entry = change.adjustment
            var fields = ["story: \(quoted(entry.story))", "node: \(entry.node)", "is: \(entry.condition.rawValue)"]
            if let lag = entry.lag { fields.append("lag: \(lag)") }
            if let share = entry.probability { fields.append("happens: \(share)") }
            text += "  # \(reason(change))\n  - {\(fields.joined(separator: ", "))}\n"
        }
        return text
    }

    /// Why, in one line.
    public static func reason(_ change: StoryEstimator.Change) -> String {
        func short(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
        var parts: [String] = []
        if let lag = change.adjustment.lag {
            parts.append("lag was \(change.oldLag), \(short(change.lagWeight)) cases say \(lag) (log likelihood +\(short(change.gain)) a lag)")
        }
        if let share = change.adjustment.probability {
            parts.append("happens was \(change.oldProbability), \(short(change.outcomeWeight)) cases say \(share)")
        }
        return parts.joined(separator: "; ")
    }

    private static func quoted(_ text: String) -> String { "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
}
