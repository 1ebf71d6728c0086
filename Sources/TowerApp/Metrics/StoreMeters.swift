/// How long the store takes, by what it is asked.
final class StoreMeters: Sendable {
    /// Writes.
    enum Transaction: String, CaseIterable { case projection, samples, retention, reset, account }
    /// Questions.
    enum Query: String, CaseIterable {
        case position, fleet, sites, site, topology, alarms, incidents, kpis, series, account
    }
    let transactions = HistogramFamily(Transaction.allCases.map(\.rawValue))
    let queries = HistogramFamily(Query.allCases.map(\.rawValue))
    private let transactionErrors = HistogramFamily(Transaction.allCases.map(\.rawValue))
    private let queryErrors = HistogramFamily(Query.allCases.map(\.rawValue))

    func timed<Value>(_ operation: Transaction, _ body: () async throws -> Value) async throws -> Value {
        try await Self.timed(transactions[operation.rawValue], transactionErrors[operation.rawValue], body)
    }

    func timed<Value>(_ operation: Query, _ body: () async throws -> Value) async throws -> Value {
        try await Self.timed(queries[operation.rawValue], queryErrors[operation.rawValue], body)
    }

    private static func timed<Value>(
        _ histogram: BucketHistogram?, _ errors: BucketHistogram?, _ body: () async throws -> Value
    ) async throws -> Value {
        let began = ContinuousClock.now
        do {
            let value = try await body()
            histogram?.record(.now - began)
            return value
        } catch {
            // A failed call says nothing of how fast the store is.
            if !(error is CancellationError) { errors?.record(.now - began) }
            throw error
        }
    }

    /// Failed calls by operation; an account is both read and written.
    var errors: [(label: String, value: Double)] {
        var sums: [String: Double] = [:]
        for item in transactionErrors.sorted + queryErrors.sorted { sums[item.label, default: 0] += Double(item.histogram.count) }
        return sums.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { (label: $0.key, value: $0.value) }
    }
}
