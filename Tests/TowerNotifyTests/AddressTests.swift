import Testing

@testable import TowerNotify

@Suite struct AddressTests {
    @Test(arguments: [
        ("127.0.0.1", "loopback"), ("127.255.255.254", "loopback"), ("10.0.0.1", "private"), ("172.16.0.1", "private"),
        ("172.31.255.255", "private"), ("172.32.0.1", nil), ("192.168.1.1", "private"), ("169.254.169.254", "link-local"),
        ("100.64.0.1", "shared by a carrier"), ("0.0.0.0", "this network"), ("224.0.0.1", "multicast"), ("255.255.255.255", "reserved"),
        ("198.18.0.1", "benchmarking"), ("8.8.8.8", nil), ("1.1.1.1", nil), ("172.15.255.255", nil), ("::1", "loopback"),
        ("::", "unspecified"), ("fe80::1", "link-local"), ("febf::1", "link-local"), ("fc00::1", "private"), ("fd12:3456::1", "private"),
        ("ff02::1", "multicast"), ("::ffff:127.0.0.1", "loopback"), ("::ffff:10.1.2.3", "private"), ("::ffff:8.8.8.8", nil),
        ("::7f00:1", "not of the internet"), ("64:ff9b::7f00:1", "loopback"), ("64:ff9b::808:808", nil),
        ("2001:0:4136:e378::1", "reserved"), ("2002:7f00:1::", "a tunnel"), ("2001:db8::1", "documentation"),
        ("2606:4700:4700::1111", nil), ("fec0::1", "not of the internet"), ("64:ff9b:1::1", "not of the internet"),
    ] as [(String, String?)])
    func onlyTheInternetIsReached(text: String, refusal: String?) throws {
        let address = try #require(IPAddress(text))
        #expect(try AddressRules().refusal(of: address) == refusal)
    }

    @Test func whatTheOperatorListsIsReached() throws {
        let rules = try AddressRules(allowing: "10.1.0.0/16, 127.0.0.1 fd00::/8")
        func isReached(_ text: String) throws -> Bool { rules.refusal(of: try #require(IPAddress(text))) == nil }
        #expect(try isReached("10.1.255.1") && isReached("127.0.0.1") && isReached("fd12::1") && isReached("::ffff:10.1.0.1"))
        #expect(try !isReached("10.2.0.1") && !isReached("127.0.0.2") && !isReached("fe80::1"))
    }

    @Test(arguments: ["localhost", "10.0.0.0/33", "10.0.0", "::/129", "10.0.0.0/8/8", "10.0.0.0/x"])
    func aListOfSomethingElseIsRefused(text: String) {
        #expect(throws: RouteError.self) { try AddressRules(allowing: text) }
    }

    /// Spellings that other parsers read as an address: here they are names, and what the resolver makes of them is checked.
    @Test(arguments: ["0x7f.1", "2130706433", "0177.0.0.1", "127.1"])
    func oddSpellingsAreResolvedAndRefused(host: String) throws {
        #expect(IPAddress(host) == nil)
        for address in (try? IPAddress.resolve(host)) ?? [] { #expect(try AddressRules().refusal(of: address) == "loopback") }
    }

    @Test(arguments: [
        ("https://example.net/hook", "example.net"), ("http://EXAMPLE.net:8080/x?y=1#z", "example.net"), ("http://127.0.0.1/", "127.0.0.1"),
        ("http://[::1]:80/", "::1"), ("ftp://example.net/", nil), ("https:///x", nil), ("https://user:pw@example.net/", nil),
        ("https://user@example.net/", nil), ("https://exa mple.net/", nil), ("https://example.net\\@evil.net/", nil),
        ("https://bücher.example/", nil), ("https://example.net:0/", nil), ("https://example.net:99999/", nil), ("example.net/hook", nil),
        ("https://exam%70le.net/", nil), ("", nil),
    ] as [(String, String?)])
    func webhookAddressesAreReadStrictly(text: String, host: String?) {
        #expect(WebhookAddress(text)?.host == host)
    }

    @Test(arguments: [
        ("https://a.example/x", "https://b.example/y", "https://b.example/y"), ("https://a.example/x", "/y?z=1", "https://a.example/y?z=1"),
        ("https://a.example/x", "http://a.example/y", nil), ("http://a.example/x", "https://a.example/y", "https://a.example/y"),
        ("http://a.example/x", "file:///etc/passwd", nil), ("http://a.example/x", "http://u@b.example/", nil),
        ("http://a.example/x", "http://169.254.169.254/latest", "http://169.254.169.254/latest"),
    ] as [(String, String, String?)])
    func redirectsAreFollowedToAddressesOnly(from: String, location: String, url: String?) {
        #expect(WebhookAddress(from)?.following(location)?.url == url)
    }
}
