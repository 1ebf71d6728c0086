import Foundation

/// A webhook's address in the parts that decide who is reached.
struct WebhookAddress: Sendable, Hashable {
    /// As it is asked for: scheme and host in lower case.
    let url: String
    let host: String
    let isSecure: Bool

    static let bytesMax = 2048

    /// `nil` for anything but http and https with a host of ASCII and no user.
    init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("\\"),
            var parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
            parts.user == nil, parts.password == nil, var host = parts.percentEncodedHost?.lowercased(), !host.isEmpty,
            parts.port.map({ (1...65_535).contains($0) }) ?? true
        else { return nil }
        parts.scheme = scheme
        parts.percentEncodedHost = host
        parts.fragment = nil
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard IPAddress(host) != nil else { return nil }
        } else {
            let plain = host.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
            }
            guard plain, host.utf8.count <= 253 else { return nil }
        }
        guard let url = parts.string else { return nil }
        self.url = url
        self.host = host
        isSecure = scheme == "https"
    }

    /// Where a `Location` leads from here; never from https to http.
    func following(_ location: String) -> WebhookAddress? {
        guard location.utf8.count <= Self.bytesMax, let base = URL(string: url),
            let target = URL(string: location, relativeTo: base)?.absoluteURL, let next = WebhookAddress(target.absoluteString)
        else { return nil }
        return isSecure && !next.isSecure ? nil : next
    }
}
