/// Which addresses a tenant's webhook may reach: those of the public internet, and what the operator of the platform listed.
///
/// Otherwise a route would be a way for a tenant to make the platform speak to its own network (server-side request forgery).
/// - Source: IANA's special-purpose registries for IPv4 and IPv6; of IPv6 only 2000::/3 is given out for use on the internet.
public struct AddressRules: Sendable {
    struct Range: Sendable {
        var bytes: [UInt8]
        var bits: Int

        func contains(_ address: IPAddress) -> Bool {
            for index in 0..<16 {
                let left = bits - index * 8
                guard left > 0 else { return true }
                let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
                if bytes[index] & mask != address.bytes[index] & mask { return false }
            }
            return true
        }
    }

    private let allowed: [Range]

    /// - Parameter allowing: addresses and ranges, `10.1.0.0/16, 127.0.0.1`, that are reached although they are private.
    /// - Errors: `RouteError` that names what is no address.
    public init(allowing list: String = "") throws {
        allowed = try list.split(whereSeparator: { $0 == "," || $0 == " " }).map { text in
            guard let range = Self.range(String(text)) else {
                throw RouteError("`\(text)` is no address or range; write 10.1.2.3, 10.1.0.0/16 or fd00::/8.")
            }
            return range
        }
    }

    private static func range(_ text: String) -> Range? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        guard parts.count == 2 else { return Range(bytes: address.bytes, bits: 128) }
        let most = address.four == nil ? 128 : 32
        guard let bits = Int(parts[1]), (0...most).contains(bits) else { return nil }
        return Range(bytes: address.bytes, bits: 128 - most + bits)
    }

    private static let special: [(range: Range, name: String)] = [
        ("0.0.0.0/8", "this network"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "shared by a carrier"),
        ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"), ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"), ("192.88.99.0/24", "a relay"), ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"), ("198.51.100.0/24", "documentation"), ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"), ("::1/128", "loopback"), ("::/128", "unspecified"),
        ("fe80::/10", "link-local"), ("fc00::/7", "private"), ("ff00::/8", "multicast"), ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"), ("2002::/16", "a tunnel"), ("3fff::/20", "documentation"),
    ].compactMap { text, name in range(text).map { (range: $0, name: name) } }
    private static let global = range("2000::/3")
    private static let translated = range("64:ff9b::/96")

    /// Why it must not be reached, in a word; `nil` when it may.
    public func refusal(of address: IPAddress) -> String? {
        if allowed.contains(where: { $0.contains(address) }) { return nil }
        if let known = Self.special.first(where: { $0.range.contains(address) }) { return known.name }
        if address.four != nil { return nil }
        // An IPv4 address behind a translator is what it is behind it.
        if Self.translated?.contains(address) == true {
            return refusal(of: IPAddress(bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] + address.bytes[12...]))
        }
        return Self.global?.contains(address) == true ? nil : "not of the internet"
    }
}
