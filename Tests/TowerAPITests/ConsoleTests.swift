import Foundation
import HTTPTypes
import Testing

@testable import TowerAPI

@Suite struct ConsoleTests {
    static let files = StaticFiles(contents: [
        "index.html": Array("<!doctype html><title>console</title>".utf8), "assets/app-1A2B3C4D.js": Array("run()".utf8),
        "favicon.svg": Array("<svg/>".utf8),
    ])

    @Test(arguments: ["/", "/incidents", "/incidents/INC-7", "/index.html", "/sites/ACME-1/power"])
    func everyPageIsTheIndex(path: String) async throws {
        try await TestServer.run(console: Self.files) { test in
            let answer = try await HTTPClient(port: test.port).request("GET", path)
            #expect(answer.status == 200 && answer.text.contains("<title>console</title>"))
            #expect(answer.header("cache-control") == "no-cache")
            #expect(answer.header("x-content-type-options") == "nosniff")
            let policy = answer.header("content-security-policy") ?? ""
            #expect(
                policy.hasPrefix(
                    "default-src 'self'; connect-src 'self' ws://127.0.0.1:\(test.port) wss://127.0.0.1:\(test.port);"))
            #expect(!policy.contains("unsafe"))
        }
    }

    @Test func assetsHaveTypesAndAreKeptForEver() async throws {
        try await TestServer.run(console: Self.files) { test in
            let client = HTTPClient(port: test.port)
            let script = try await client.request("GET", "/assets/app-1A2B3C4D.js")
            #expect(script.text == "run()" && script.header("content-type") == "text/javascript; charset=utf-8")
            #expect(script.header("cache-control") == "public, max-age=31536000, immutable")
            let etag = try #require(script.header("etag"))
            let again = try await client.request("GET", "/assets/app-1A2B3C4D.js", headers: ["if-none-match": etag])
            #expect(again.status == 304 && again.body.isEmpty)
            let changed = try await client.request("GET", "/assets/app-1A2B3C4D.js", headers: ["if-none-match": "\"old\""])
            #expect(changed.status == 200)
            let missing = try await client.request("GET", "/assets/app-00000000.js")
            #expect(missing.status == 404 && missing.code == "console.no_such_file")
        }
    }

    @Test(arguments: [
        "/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//secret.txt",
        "/..%5csecret.txt", "/link.txt", "/.hidden", "/assets/..%00/secret.txt",
    ])
    func nothingOutsideTheDirectoryCanBeNamed(path: String) async throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("console-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        let site = root.appendingPathComponent("dist")
        try FileManager.default.createDirectory(at: site.appendingPathComponent("assets"), withIntermediateDirectories: true)
        try Data("SECRET".utf8).write(to: root.appendingPathComponent("secret.txt"))
        try Data("SECRET".utf8).write(to: site.appendingPathComponent(".hidden"))
        try Data("<title>console</title>".utf8).write(to: site.appendingPathComponent("index.html"))
        try Data("body{}".utf8).write(to: site.appendingPathComponent("assets/a.css"))
        try FileManager.default.createSymbolicLink(
            at: site.appendingPathComponent("link.txt"), withDestinationURL: root.appendingPathComponent("secret.txt"))
        let files = StaticFiles(directory: site.path)
        #expect(files.isBuilt)
        try await TestServer.run(console: files) { test in
            let client = HTTPClient(port: test.port)
            let answer = try await client.request("GET", path)
            #expect(!answer.text.contains("SECRET"))
            #expect(try await client.request("GET", "/assets/a.css").text == "body{}")
        }
    }

    @Test func aConsoleThatWasNotBuiltSaysHowToBuildIt() async throws {
        try await TestServer.run(console: StaticFiles(directory: "/nonexistent/web/dist")) { test in
            let answer = try await HTTPClient(port: test.port).request("GET", "/incidents")
            #expect(answer.status == 200 && answer.text.contains("make console"))
            #expect(answer.header("content-type") == "text/html; charset=utf-8")
        }
    }

    @Test(arguments: [
        ("assets/app-1A2B3C4D.js", true), ("assets/app.0a1b2c3d4e.css", true), ("index.html", false), ("assets/app.js", false),
        ("assets/long-filenames.js", false), ("favicon.svg", false),
    ])
    func onlyHashedNamesAreImmutable(path: String, isHashed: Bool) {
        #expect(StaticFiles.isHashed(path) == isHashed)
    }

    @Test(arguments: ["evil host", "a;b", "x' *", "", "h\"q"])
    func anOddHostDoesNotReachThePolicy(host: String) {
        let policy = StaticFiles.securityHeaders(host: host).first { $0.name.canonicalName == "content-security-policy" }?.value
        #expect(host.isEmpty || policy?.contains(host) == false)
    }
}
