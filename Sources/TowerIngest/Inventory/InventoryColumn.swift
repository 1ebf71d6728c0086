import TowerModel

/// A column of an inventory file.
public enum InventoryColumn: String, Sendable, CaseIterable {
    case siteID = "site_id"
    case name, lat, lon, region, timezone, operators
    case gridClass = "grid_class"
    case feederID = "feeder_id"
    case isHub = "is_hub"
    case loadKW = "load_kw"
    case batteryStrings = "battery_strings"
    case batteryAh = "battery_ah"
    case batteryChemistry = "battery_chemistry"
    case batteryInstalled = "battery_installed"
    case dgKVA = "dg_kva"
    case dgTank = "dg_tank_l"
    case solar = "solar_kwp"
    case status
    case a, b, kind, parent
    case frequency = "frequency_ghz"
    case length = "length_km"
    case state
    case validFrom = "valid_from"

    static func all(of kind: InventoryTable.Kind) -> [InventoryColumn] {
        let links: [InventoryColumn] = [.a, .b, .kind, .parent, .frequency, .length, .state, .validFrom]
        return kind == .links ? links : allCases.filter { !links.contains($0) } + [.validFrom]
    }

    private static let others: [String: InventoryColumn] = [
        "site": .siteID, "id": .siteID, "latitude": .lat, "longitude": .lon, "lng": .lon, "feeder": .feederID, "hub": .isHub, "from": .a,
        "to": .b, "site_a": .a, "site_b": .b, "frequency": .frequency, "length": .length, "battery.strings": .batteryStrings,
        "battery.ah": .batteryAh, "battery.chemistry": .batteryChemistry, "battery.installed": .batteryInstalled, "dg.kva": .dgKVA,
        "dg.tank_l": .dgTank,
    ]

    static func named(_ name: String, of kind: InventoryTable.Kind) -> InventoryColumn? {
        guard let column = InventoryColumn(rawValue: name) ?? others[name] else { return nil }
        return all(of: kind).contains(column) ? column : nil
    }

    static func normalised(_ name: String) -> String {
        String(trimmed(name).lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    }

    static func trimmed(_ text: String) -> String {
        guard text.first?.isWhitespace == true || text.last?.isWhitespace == true else { return text }
        let start = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? start
        return String(text[start..<end])
    }

    static func isIdentifier(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x3A, 0x2D: true
                default: false
                }
            }
    }

    /// What is wrong with a cell; `nil` when nothing is. Empty cells are good where the column need not be filled.
    func complaint(_ text: String) -> String? {
        if text.isEmpty { return [.siteID, .a, .b].contains(self) ? "must not be empty" : nil }
        switch self {
        case .siteID, .a, .b, .parent:
            return Self.isIdentifier(text) ? nil : "“\(text.prefix(40))” is no id: 1 to 128 of A-Z, a-z, 0-9, . _ : -"
        case .lat: return number(text, -90...90)
        case .lon: return number(text, -180...180)
        case .loadKW, .batteryAh, .dgKVA, .dgTank, .solar, .length: return number(text, 0...1_000_000)
        case .frequency: return number(text, 0...1_000)
        case .batteryStrings:
            return Int(text).map { (1...64).contains($0) } == true ? nil : "“\(text.prefix(40))” is no whole number from 1 to 64"
        case .isHub: return Self.flag(text) == nil ? oneOf(["true", "false", "yes", "no", "1", "0"], text) : nil
        case .gridClass: return oneOf(["A", "B", "C", "D", "off"], text)
        case .status: return oneOf(["active", "decommissioned"], text)
        case .state: return oneOf(["active", "removed"], text)
        case .kind: return oneOf(TopologyLink.Kind.allCases.map(\.rawValue), text)
        case .validFrom:
            return Timestamp(text) == nil ? "“\(text.prefix(40))” is no instant: RFC 3339 with a zone, 2026-03-01T00:00:00Z" : nil
        case .name, .region, .timezone, .operators, .feederID, .batteryChemistry, .batteryInstalled:
            return text.utf8.count <= 512 ? nil : "longer than 512 bytes"
        }
    }

    private func oneOf(_ words: [String], _ text: String) -> String? {
        words.contains(text) ? nil : "“\(text.prefix(40))” is none of \(words.joined(separator: ", "))"
    }

    private func number(_ text: String, _ range: ClosedRange<Double>) -> String? {
        guard text.utf8.count <= 32, let value = Double(text), value.isFinite, !text.utf8.contains(where: { $0 | 0x20 == 0x78 }) else {
            let hint = text.contains(",") ? "; decimals are written with a point" : ""
            return "“\(text.prefix(40))” is no number\(hint)"
        }
        return range.contains(value) ? nil : "\(text) is outside \(range.lowerBound) to \(range.upperBound)"
    }

    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "1": true
        case "false", "no", "0": false
        default: nil
        }
    }
}
