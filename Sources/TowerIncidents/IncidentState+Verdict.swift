import TowerModel

extension IncidentState {
    /// Longest name of a site, object or condition in a verdict, characters.
    public static let maxNameLength = 256

    /// An opinion as a verdict on this incident: the candidate it is about, and what it was.
    static func verdict(_ opinion: CauseOpinion, _ order: IncidentOrder, _ state: IncidentState) -> Result<CauseVerdict, IncidentError> {
        if let error = check(opinion.reason, "a reason", isRequired: false) { return .failure(error) }
        for cause in [opinion.candidate, opinion.cause].compactMap(\.self) {
            guard [cause.siteID, cause.managedObject, cause.condition, cause.label].allSatisfy({ $0.count <= maxNameLength }) else {
                return .failure(IncidentError(.badVerdict, "the names of a cause have at most \(maxNameLength) characters each"))
            }
        }
        let candidates = state.snapshot.rootCauseCandidates.filter { $0.condition != unknown }
        var about = candidates.first.map { CauseVerdict.Cause($0) }
        if let named = opinion.candidate {
            guard let found = candidates.first(where: named.names) else {
                let detail = "the engine's candidates hold no `\(named.condition)` at `\(named.siteID)` now; read the incident again, or correct the cause"
                return .failure(IncidentError(.badVerdict, detail))
            }
            about = CauseVerdict.Cause(found)
        }
        var cause: CauseVerdict.Cause?
        switch opinion.word {
        case .confirmed:
            guard about != nil else {
                return .failure(IncidentError(.badVerdict, "the engine names no cause that could be confirmed: correct it with what it was"))
            }
            cause = about
        case .rejected: break
        case .corrected:
            guard var named = opinion.cause, !named.condition.isEmpty || !named.label.allSatisfy(\.isWhitespace) else {
                return .failure(IncidentError(.badVerdict, "a correction says what it was: a `cause` with a `condition` or a `label`"))
            }
            let sites = Set(state.snapshot.affectedSites.map(\.siteID.rawValue) + [state.snapshot.siteID.rawValue] + candidates.map(\.siteID))
            guard named.siteID.isEmpty || sites.contains(named.siteID) else {
                return .failure(IncidentError(.badVerdict, "site `\(named.siteID)` is none of the incident's; name one of them, or none"))
            }
            if let known = candidates.first(where: named.names) {
                named.managedObject = known.managedObject
                if named.label.isEmpty { named.label = known.label }
            }
            cause = named
        }
        return .success(
            CauseVerdict(
                word: opinion.word, candidate: about, cause: cause, reason: opinion.reason, actor: order.actor, at: order.at))
    }

    /// The candidate that stands for everything nobody thought of.
    private static let unknown = "unknown"
}
