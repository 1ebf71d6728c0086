public import TowerModel

extension Hypothesis {
    /// The status by number: the order of the cases is part of the encoding.
    private static let statuses: [Status] = [.reported, .measured, .inferred, .denied, .silent, .pending]

    public func encode(into writer: inout StateWriter) {
        writer.write(template)
        anchor.encode(into: &writer)
        writer.write(logOdds)
        writer.write(probability)
        writer.write(count: terms.count)
        for term in terms {
            writer.write(term.node)
            term.component.encode(into: &writer)
            writer.write(term.condition.rawValue)
            writer.write(byte: UInt8(Self.statuses.firstIndex(of: term.status) ?? 0))
            writer.write(term.logRatio)
            writer.write(term.at)
            writer.write(term.fact)
            writer.write(term.reported)
        }
    }

    /// - Parameter templates: the stories that it may be one of.
    public init(decoding reader: inout StateReader, templates: [CausalTemplate]) throws(StateError) {
        let template = Int(try reader.index("hypothesis.template", below: templates.count))
        let anchor = try Component(decoding: &reader)
        let logOdds = try reader.double("hypothesis.log_odds")
        let probability = try reader.double("hypothesis.probability")
        var terms: [Term] = []
        for _ in 0..<(try reader.count("hypothesis.terms", each: 22)) {
            let node = Int(try reader.index("term.node", below: templates[template].nodes.count))
            let component = try Component(decoding: &reader)
            let condition = try reader.named(Condition.self, "term.condition")
            let status = Int(try reader.byte("term.status"))
            guard status < Self.statuses.count else { throw reader.outOfRange("term.status") }
            let logRatio = try reader.double("term.log_ratio")
            let at = try reader.timestamp("term.at")
            let fact = try reader.int32("term.fact")
            terms.append(
                Term(
                    node: node, component: component, condition: condition, status: Self.statuses[status], logRatio: logRatio, at: at,
                    fact: fact, reported: try reader.double("term.reported")))
        }
        self.init(template: template, anchor: anchor, logOdds: logOdds, terms: terms)
        self.probability = probability
    }
}
