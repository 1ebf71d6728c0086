public import TowerModel

/// What a ledger found missing: an entry for people, beside the incident that it is evidence of.
public struct LedgerEntry: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Fuel that left the tank unburned, at once.
        case theft = "fuel_theft"
        /// Fuel that leaves the tank day by day.
        case siphon = "fuel_siphon"
        /// A delivery under its voucher.
        case shortDelivery = "fuel_short_delivery"
        /// A battery string that takes no current.
        case batteryMissing = "battery_missing"
    }
    public var tenantID: TenantID
    public var siteID: SiteID
    public var kind: Kind
    /// When it was found, and between when it happened.
    public var at: Timestamp
    public var from: Timestamp
    public var to: Timestamp
    /// Litres that are missing; 0 for a battery.
    public var litres: Double
    /// Litres a day of a siphon.
    public var litresADay: Double?
    /// Litres that the voucher of a short delivery says.
    public var paidLitres: Double?
    /// How sure it is that no error of gauge or books explains it, 0 to 1.
    public var confidence: Double
    /// In an operator's words.
    public var text: String
    public var eventID: EventID

    enum CodingKeys: String, CodingKey {
        case kind, at, from, to, litres, confidence, text
        case tenantID = "tenant_id"
        case siteID = "site_id"
        case litresADay = "litres_a_day"
        case paidLitres = "paid_litres"
        case eventID = "event_id"
    }
}
