/// What a KPI is, in the order of 3GPP TS 28.554's template.
public struct KPIDefinition: Sendable, Hashable {
    public enum Object: String, Sendable, Hashable {
        /// Per site, and for the tenant as the sum over its sites.
        case site
        /// Per tenant only.
        case tenant
    }
    /// Catalogue name, stable: `power_availability`.
    public var name: String
    /// What a person reads: "Power availability".
    public var view: String
    public var formulaInWords: String
    /// In measurements and alarms of the event catalogue.
    public var formula: String
    public var unit: String
    public var object: Object
    /// Contract, standard or practice.
    public var source: String

    public init(
        name: String, view: String, formulaInWords: String, formula: String, unit: String, object: Object, source: String
    ) {
        self.name = name
        self.view = view
        self.formulaInWords = formulaInWords
        self.formula = formula
        self.unit = unit
        self.object = object
        self.source = source
    }
}
