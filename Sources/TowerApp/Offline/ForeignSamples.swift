import TowerLearning
import TowerModel

/// Samples of several metrics a component, kept until an incident asks which component's change explains it.
struct ForeignSamples {
    /// How long an incident goes back when samples do not say to which phase they belong.
    static let incidentSeconds = 1_800.0
    static let maximumValues = 50_000_000

    enum Phase: UInt8 { case unsaid, baseline, incident }

    struct Value {
        var at: Timestamp
        var value: Double
        var phase: Phase
    }

    /// By metric as the samples name it, then by component.
    private var values: [Symbol: [String: [Value]]] = [:]
    private(set) var count = 0
    /// Pairs (dependent, depended on).
    var dependencies: Set<Dependency> = []

    struct Dependency: Hashable {
        var from: String
        var to: String
    }

    var isEmpty: Bool { count == 0 }

    /// False at the bound.
    mutating func take(_ value: Double, of metric: Symbol, on component: String, at: Timestamp, phase: Phase) -> Bool {
        guard count < Self.maximumValues else { return false }
        values[metric, default: [:]][component, default: []].append(Value(at: at, value: value, phase: phase))
        count += 1
        return true
    }

    struct Cause {
        var component: String
        var share: Double
    }

    /// Components whose change explains that of a metric on a component, best first.
    func causes(of metric: Symbol, on target: String, openedAt: Timestamp) -> [Cause] {
        guard let series = values[metric], series[target] != nil else { return [] }
        let names = Set(series.keys).union(dependencies.flatMap { [$0.from, $0.to] }).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        func isIncident(_ value: Value) -> Bool {
            switch value.phase {
            case .baseline: return false
            case .incident: return true
            case .unsaid: return value.at <= openedAt && value.at > openedAt.adding(seconds: -Self.incidentSeconds)
            }
        }
        func isBaseline(_ value: Value) -> Bool {
            value.phase == .baseline || value.phase == .unsaid && value.at <= openedAt.adding(seconds: -Self.incidentSeconds)
        }
        let instants = Set(series.values.joined().filter(isIncident).map(\.at)).sorted()
        let place = Dictionary(uniqueKeysWithValues: instants.enumerated().map { ($1, $0) })
        let components = names.map { name in
            var component = MetricRootCause.Component(
                baseline: [], incident: [Double](repeating: .nan, count: instants.count))
            for value in series[name] ?? [] {
                if isIncident(value), let index = place[value.at] { component.incident[index] = value.value }
                if isBaseline(value) { component.baseline.append(value.value) }
            }
            return component
        }
        let pairs = dependencies.compactMap { pair in numbers[pair.from].flatMap { from in numbers[pair.to].map { (from, $0) } } }
            .sorted { $0 < $1 }
        guard let wanted = numbers[target] else { return [] }
        return MetricRootCause.rank(components, target: wanted, dependencies: pairs)
            .map { Cause(component: names[$0.component], share: $0.share) }
    }
}
