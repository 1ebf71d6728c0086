import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The console's files, read once and kept in memory.
///
/// A request can name only what is in the table, so there is no path to walk out of: no `..`, link or encoding trick
/// reaches the disk. What is not a file answers `index.html`, because the console routes on its own.
public struct StaticFiles: Sendable {
    struct File: Sendable {
        var bytes: ByteBuffer
        var contentType: String
        var etag: String
        /// Its name carries a hash of its content, so it never changes.
        var isHashed: Bool
    }
    private let files: [String: File]

    /// What the console may be at most; more than that is not a console.
    static let bytesMax = 64 << 20
    static let filesMax = 5000

    /// - Parameter contents: path relative to the root (`index.html`, `assets/app-1a2b3c4d.js`) and bytes.
    public init(contents: [String: [UInt8]]) {
        self.files = Dictionary(
            uniqueKeysWithValues: contents.map { path, bytes in
                let etag = "\"\(Secrets.hex(SHA256.hash(data: Data(bytes)).prefix(16)))\""
                let file = File(
                    bytes: ByteBuffer(bytes: bytes), contentType: Self.contentType(of: path), etag: etag,
                    isHashed: Self.isHashed(path))
                return (path, file)
            })
    }

    /// Reads a built console. A directory that does not exist is a console that was not built: it answers with how to.
    ///
    /// Links and hidden files are left out.
    public init(directory: String) {
        var contents: [String: [UInt8]] = [:]
        var total = 0
        let root = URL(fileURLWithPath: directory, isDirectory: true).resolvingSymlinksInPath()
        let keys: [URLResourceKey] = [.isRegularFileKey, .isSymbolicLinkKey]
        let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: keys, options: [.skipsHiddenFiles])
        while let url = walk?.nextObject() as? URL {
            let values = try? url.resourceValues(forKeys: Set(keys))
            guard values?.isRegularFile == true, values?.isSymbolicLink != true, url.path.hasPrefix(root.path + "/"),
                let data = try? Data(contentsOf: url)
            else { continue }
            total += data.count
            guard total <= Self.bytesMax, contents.count < Self.filesMax else { break }
            contents[String(url.path.dropFirst(root.path.count + 1))] = [UInt8](data)
        }
        self.init(contents: contents)
    }

    public var isBuilt: Bool { files["index.html"] != nil }

    func response(to request: Request) -> Response {
        let path = (request.uri.path.removingPercentEncoding ?? "").drop { $0 == "/" }
        guard let index = files["index.html"] else { return Self.notBuilt }
        if let file = files[String(path)], path != "index.html" { return Self.response(file, to: request) }
        // A missing asset must not be answered with a page: the browser would run HTML as a script.
        if path.hasPrefix("assets/") {
            return Problem.notFound("console.no_such_file", "The console has no such file.").response(instance: request.uri.path)
        }
        return Self.response(index, to: request)
    }

    private static func response(_ file: File, to request: Request) -> Response {
        var headers = securityHeaders(host: request.head.authority)
        headers[.contentType] = file.contentType
        headers[.eTag] = file.etag
        headers[.cacheControl] = file.isHashed ? "public, max-age=31536000, immutable" : "no-cache"
        let known = request.headers[.ifNoneMatch]?.split(separator: ",").map { $0.drop { $0 == " " } } ?? []
        if known.contains(where: { $0 == file.etag || $0 == "W/\(file.etag)" || $0 == "*" }) {
            headers[.contentType] = nil
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: file.bytes))
    }

    /// The page's own origin for everything; the live feed's address is named because older browsers do not take
    /// `'self'` for WebSockets.
    static func securityHeaders(host: String?) -> HTTPFields {
        let isPlain = host?.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x3A, 0x41...0x5B, 0x5D, 0x61...0x7A, 0x2E, 0x2D: true
            default: false
            }
        }
        let sockets = isPlain == true ? host.map { " ws://\($0) wss://\($0)" } ?? "" : ""
        let policy =
            "default-src 'self'; connect-src 'self'\(sockets); img-src 'self' data:; object-src 'none'; base-uri 'none'; "
            + "form-action 'self'; frame-ancestors 'none'"
        var headers = HTTPFields()
        headers[.contentSecurityPolicy] = policy
        headers[.xContentTypeOptions] = "nosniff"
        if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
        return headers
    }

    static func contentType(of path: String) -> String {
        switch path.split(separator: ".").last.map(String.init) {
        case "html": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json", "map": "application/json"
        case "webmanifest": "application/manifest+json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }

    /// `name-HASH.ext` or `name.HASH.ext` with at least eight letters or digits, one of them a digit or capital.
    static func isHashed(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        let parts = name.split { $0 == "." || $0 == "-" }
        guard parts.count >= 3, let hash = parts.dropLast().last else { return false }
        return hash.utf8.count >= 8 && hash.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
            && hash.contains { $0.isNumber || $0.isUppercase }
    }

    private static var notBuilt: Response {
        var headers = securityHeaders(host: nil)
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.cacheControl] = "no-store"
        let page = """
            <!doctype html><html lang="en"><meta charset="utf-8"><title>Towerco AIOps</title>
            <h1>The console is not built</h1>
            <p>The server runs; only its web pages are missing. Build them with <code>make console</code> (or start everything
            with <code>make demo</code>) and start the server again.</p>
            <p>The interface answers at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></html>
            """
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: page)))
    }
}
