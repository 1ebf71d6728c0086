import Glibc
import TowerCausality
import TowerModel

// What the judgement hangs on: the sign without which it would be another, and the question that would settle it.
extension Story {
    /// The strongest rival with another root or at another place.
    private var rival: Hypothesis? {
        guard let best = entry.top else { return nil }
        let templates = engine.configuration.templates.templates
        return entry.hypotheses.dropFirst().first {
            $0.anchor != best.anchor || templates[$0.template].root != templates[best.template].root
        }
    }

    private func label(_ hypothesis: Hypothesis) -> String {
        let label = engine.configuration.templates.templates[hypothesis.template].label
        return hypothesis.anchor == entry.top?.anchor ? label : "\(label), \(engine.title(of: hypothesis.anchor))"
    }

    /// One sentence: which sign decides, and for whom the judgement would go without it. `nil` without a rival.
    var counterfactual: String? {
        guard let best = entry.top, let rival, rival.probability >= 0.001 else { return nil }
        let gap = best.logOdds - rival.logOdds
        var decisive: (term: Hypothesis.Term, share: Double)?
        for term in best.terms where term.fact >= 0 && term.logRatio > 0 {
            let theirs = rival.terms.first { $0.component == term.component && $0.condition == term.condition }?.logRatio ?? 0
            let share = term.logRatio - theirs
            if share > decisive?.share ?? 0 { decisive = (term, share) }
        }
        guard let decisive, decisive.share > gap else { return "No single sign decides it against “\(label(rival))”." }
        let sign = "\(ConditionWording.name(decisive.term.condition)), \(engine.title(of: decisive.term.component))"
        return "Without “\(sign)” it would rather be “\(label(rival))”."
    }

    /// What nobody has said yet and tells the first two candidates apart best; `nil` where the second is hardly possible.
    var nextTest: IncidentSnapshot.ProposedAction? {
        guard let best = entry.top, let rival, rival.probability >= 0.05 else { return nil }
        let templates = engine.configuration.templates.templates
        var question: (term: Hypothesis.Term, contrast: Double)?
        for (one, other) in [(best, rival), (rival, best)] {
            for term in one.terms where term.fact < 0 && (term.status == .silent || term.status == .denied) && term.component.kind != .feeder {
                let node = templates[one.template].nodes[term.node]
                guard node.reported > 0 || node.condition.isWatched, !node.isPrecursor else { continue }
                let theirs = other.terms.first { $0.component == term.component && $0.condition == term.condition }
                // Where the other story has been told of it, it has been seen.
                guard theirs.map({ $0.fact < 0 }) ?? true else { continue }
                let contrast = abs(node.probability - (theirs.map { templates[other.template].nodes[$0.node].probability } ?? 0.02))
                if contrast > question?.contrast ?? 0.25 { question = (term, contrast) }
            }
        }
        guard let question else { return nil }
        return IncidentSnapshot.ProposedAction(
            text: "Find out: \(ConditionWording.name(question.term.condition).lowercased()), \(engine.title(of: question.term.component))?",
            detail: "Nothing else tells “\(label(best))” from “\(label(rival))” as well", kind: .check)
    }
}
