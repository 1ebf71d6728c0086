/// A tower location as `inventory.site` describes it.
public struct Site: Sendable, Codable, Hashable {
    public struct Battery: Sendable, Codable, Hashable {
        public var strings: Int
        /// Rated capacity of one string.
        public var ampHours: Double
        /// `vrla` or `lfp`.
        public var chemistry: String
        public var installed: String?
        public init(strings: Int, ampHours: Double, chemistry: String, installed: String? = nil) {
            self.strings = strings
            self.ampHours = ampHours
            self.chemistry = chemistry
            self.installed = installed
        }
        enum CodingKeys: String, CodingKey {
            case strings
            case ampHours = "ah"
            case chemistry, installed
        }
    }
    public struct Generator: Sendable, Codable, Hashable {
        public var kva: Double
        public var tankLitres: Double
        public init(kva: Double, tankLitres: Double) {
            self.kva = kva
            self.tankLitres = tankLitres
        }
        enum CodingKeys: String, CodingKey {
            case kva
            case tankLitres = "tank_l"
        }
    }
    public var siteID: SiteID
    public var tenantID: TenantID
    public var name: String
    public var latitude: Double?
    public var longitude: Double?
    public var region: String?
    public var timezone: String?
    /// Mobile operators that lease the site.
    public var operators: [String]
    /// `A`, `B`, `C`, `D` or `off`.
    public var gridClass: String?
    public var feederID: String?
    public var isHub: Bool
    public var loadKilowatts: Double?
    public var battery: Battery?
    public var generator: Generator?
    public var solarKilowattsPeak: Double?
    public init(
        siteID: SiteID, tenantID: TenantID, name: String, latitude: Double? = nil, longitude: Double? = nil, region: String? = nil,
        timezone: String? = nil, operators: [String] = [], gridClass: String? = nil, feederID: String? = nil, isHub: Bool = false,
        loadKilowatts: Double? = nil, battery: Battery? = nil, generator: Generator? = nil, solarKilowattsPeak: Double? = nil
    ) {
        self.siteID = siteID
        self.tenantID = tenantID
        self.name = name
        self.latitude = latitude
        self.longitude = longitude
        self.region = region
        self.timezone = timezone
        self.operators = operators
        self.gridClass = gridClass
        self.feederID = feederID
        self.isHub = isHub
        self.loadKilowatts = loadKilowatts
        self.battery = battery
        self.generator = generator
        self.solarKilowattsPeak = solarKilowattsPeak
    }
    enum CodingKeys: String, CodingKey {
        case siteID = "site_id"
        case tenantID = "tenant_id"
        case name
        case latitude = "lat"
        case longitude = "lon"
        case region, timezone, operators
        case gridClass = "grid_class"
        case feederID = "feeder_id"
        case isHub = "is_hub"
        case loadKilowatts = "load_kw"
        case battery
        case generator = "dg"
        case solarKilowattsPeak = "solar_kwp"
    }
}

/// One `topology.link`. `parent` is the end nearer the core, where there is one.
public struct TopologyLink: Sendable, Codable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable { case hop, fibre, ring, feeder, adjacent }
    public var tenantID: TenantID
    public var a: String
    public var b: String
    public var kind: Kind
    public var parent: String?
    public var frequencyGHz: Double?
    public var lengthKilometres: Double?
    /// How it came to be known, where not from somebody's inventory: `inferred` was seen in outages and confirmed by a person.
    public var provenance: String?
    /// Since when it is so; `nil` when nobody said.
    public var validFrom: Timestamp?
    public init(
        tenantID: TenantID, a: String, b: String, kind: Kind = .adjacent, parent: String? = nil, frequencyGHz: Double? = nil,
        lengthKilometres: Double? = nil, provenance: String? = nil
    ) {
        self.tenantID = tenantID
        self.a = a
        self.b = b
        self.kind = kind
        self.parent = parent
        self.frequencyGHz = frequencyGHz
        self.lengthKilometres = lengthKilometres
        self.provenance = provenance
    }
    enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case a, b, kind, parent
        case frequencyGHz = "frequency_ghz"
        case lengthKilometres = "length_km"
        case provenance
        case validFrom = "valid_from"
    }
}
