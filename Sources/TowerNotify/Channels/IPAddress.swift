import Glibc

/// A numeric address, IPv4 as an IPv4-mapped IPv6 one.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 16 bytes.
    let bytes: [UInt8]

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// `nil` unless it is a dotted quad or an IPv6 address in colons, without zone and brackets.
    public init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = Self.mapped + withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: &six) { Array($0) }
        } else {
            return nil
        }
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The four bytes of an IPv4 address.
    var four: [UInt8]? { bytes.starts(with: Self.mapped) ? Array(bytes[12...]) : nil }

    public var description: String {
        if let four { return four.map(String.init).joined(separator: ".") }
        var copy = in6_addr()
        withUnsafeMutableBytes(of: &copy) { $0.copyBytes(from: bytes) }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let base = buffer.baseAddress, inet_ntop(AF_INET6, &copy, base, socklen_t(INET6_ADDRSTRLEN)) != nil else { return "?" }
            return String(cString: base)
        }
    }

    /// Every address of a name, as the machine's resolver gives them. Blocks.
    ///
    /// - Errors: a `NameError` with the resolver's words.
    public static func resolve(_ host: String) throws -> [IPAddress] {
        if let literal = IPAddress(host) { return [literal] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw NameError(description: String(cString: gai_strerror(code)), isFinal: code == EAI_NONAME) }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let address = entry.ai_addr else { continue }
            let raw = UnsafeRawPointer(address)
            let one: IPAddress? =
                switch entry.ai_family {
                case AF_INET:
                    IPAddress(bytes: mapped + withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) })
                case AF_INET6: IPAddress(bytes: withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) })
                default: nil
                }
            if let one, !found.contains(one) { found.append(one) }
        }
        return found
    }
}

/// A name that has no address.
public struct NameError: Error, Sendable, CustomStringConvertible {
    public var description: String
    /// There is no such name; otherwise asking again may help.
    public var isFinal: Bool
}
