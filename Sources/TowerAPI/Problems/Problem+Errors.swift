import Hummingbird
import NIOCore
import TowerIngest
import TowerStores
import TowerStreaming

extension Problem {
    /// What a caller is told about an error from inside. `nil` for an error nobody expected: that is a 500 of ours.
    ///
    /// Messages of the log and the store name files and queries, so none of their text is passed on.
    init?(expected error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as IngestError: self.init(ingestError: error)
        case let refusal as CommandRefusal: self.init(refusal: refusal)
        case let error as EventLogError: self.init(logError: error)
        case let error as StoreError: self.init(storeError: error)
        case is NIOTooManyBytesError: self = .bodyTooLarge
        case let error as HTTPError where error.status == .contentTooLarge: self = .bodyTooLarge
        default: return nil
        }
    }

    static var bodyTooLarge: Problem {
        var problem = Problem(
            413, "request.body_too_large", "The body is larger than this route takes. Send it in smaller parts.")
        problem.closesConnection = true
        return problem
    }

    /// The door speaks to callers itself, except where it passes on what the log said.
    private init(ingestError error: IngestError) {
        let detail =
            error.status < 500 && error.status != 429
            ? error.message : "The log takes no records now. Send the same body again later."
        self.init(error.status, error.code.name, detail, retryAfterSeconds: error.retryAfterSeconds)
    }

    private init(refusal: CommandRefusal) {
        switch refusal.reason {
        case .notFound: self.init(404, "incident.not_found", refusal.detail)
        case .invalidTransition: self.init(409, "incident.invalid_transition", refusal.detail)
        case .idempotencyConflict: self.init(409, "incident.idempotency_conflict", refusal.detail)
        case .invalidArgument: self.init(400, "incident.invalid_argument", refusal.detail)
        }
    }

    private init?(logError error: EventLogError) {
        switch error.code {
        case .overloaded:
            self.init(429, error.code.name, "More is waiting to be written than fits. Send again shortly.", retryAfterSeconds: 1)
        case .diskFull:
            self.init(
                503, error.code.name, "The log's disk is full; nothing was written. Send again later.", retryAfterSeconds: 30)
        case .fenced, .closed, .locked, .io:
            self.init(
                503, error.code.name, "The log takes no records now; nothing was promised. Send again later.",
                retryAfterSeconds: 5)
        case .recordTooLarge:
            self.init(413, error.code.name, "One record is larger than the log takes.")
        case .unknownTopic:
            self.init(404, error.code.name, "No such topic.")
        case .unknownGroup:
            self.init(404, error.code.name, "No such consumer group.")
        default: return nil
        }
    }

    private init?(storeError error: StoreError) {
        switch error.code {
        case .badCursor:
            self.init(400, error.code.name, "This cursor is not one that this list gave out. Start again without it.")
        case .unavailable:
            self.init(503, error.code.name, "The store does not answer now. Ask again shortly.", retryAfterSeconds: 1)
        case .conflict:
            self.init(409, error.code.name, "Something else changed this in the meantime. Read it again and retry.")
        default: return nil
        }
    }
}
