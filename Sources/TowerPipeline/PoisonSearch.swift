import TowerStreaming

/// Finds the record on which a group fails: each time the slice that failed is read again in smaller ones, until it is alone.
struct PoisonSearch {
    /// `prepare` threw; what the processor is now, nobody knows.
    struct Unprepared: Error {
        var slice: EventSlice
        var cause: any Error
    }
    /// Reason code of a record that a group failed on.
    static let code = "processor.failed"
    /// Records of a slice by those of the next smaller one.
    private static let steps = 32

    /// Where the failed slice ends, and how much is read at once before that.
    private var end = LogCursor.start
    private var step = 0
    /// The record that failed alone.
    private var found: (sequence: Int64, cause: String)?

    /// Takes a failure in. False when there is nothing smaller to look at: it fails without any record, too.
    mutating func narrow(_ failure: Unprepared) -> Bool {
        if let record = failure.slice.onlyRecord {
            guard found?.sequence != record.sequence else { return false }
            found = (record.sequence, "\(failure.cause)")
        } else if failure.slice.isEmpty {
            return false
        }
        end = max(end, failure.slice.next)
        step = max(1, failure.slice.count / Self.steps)
        return true
    }

    func maxRecords(at position: LogCursor, else standard: Int) -> Int { position < end ? min(step, standard) : standard }

    /// Why a slice cannot be prepared, where that is known.
    func cause(of slice: EventSlice) -> String? {
        guard let found, let record = slice.onlyRecord, record.sequence == found.sequence else { return nil }
        return found.cause
    }
}
