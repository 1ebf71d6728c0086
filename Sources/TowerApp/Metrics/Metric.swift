/// One metric as Prometheus knows it: its name, what kind it is, which labels it has and what it says.
///
/// docs/metrics.md is the table of all of them; tests keep it equal to this and to what the server answers.
public struct Metric: Sendable, Hashable {
    public enum Kind: String, Sendable { case counter, gauge, histogram }
    public let name: String
    public let kind: Kind
    /// Names; their values come from a bounded set: groups, routes, codes, states, never a site, a tenant or a person.
    public let labels: [String]
    public let help: String

    init(_ kind: Kind, _ name: String, _ labels: [String] = [], _ help: String) {
        self.kind = kind
        self.name = name
        self.labels = labels
        self.help = help
    }
}
