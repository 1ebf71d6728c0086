import Foundation
import TowerJournal
import TowerPostgres
import TowerStreaming

/// `towerco doctor`: looks at what a server needs before it starts, and says what to do about what is wrong.
public struct DoctorJob: Sendable {
    public enum Verdict: String, Sendable { case ok, warn, fail }

    public struct Finding: Sendable {
        public var check: String
        public var verdict: Verdict
        public var detail: String
    }

    public var directory: String
    public var port: Int
    public var consoleDirectory: String
    public var store: StoreChoice
    public var log: LogChoice

    public init(directory: String, port: Int, consoleDirectory: String, store: StoreChoice, log: LogChoice) {
        self.log = log
        self.directory = directory
        self.port = port
        self.consoleDirectory = consoleDirectory
        self.store = store
    }

    public func run() async -> [Finding] {
        var findings = [folder()]
        if findings[0].verdict != .fail {
            findings += [space(), sync()]
            findings.append(await journal())
        }
        if case .brokers(let kafka) = log.kind { findings += await brokers(kafka) }
        findings.append(await answers())
        findings += [portIsFree(), console(), openFiles()]
        return findings
    }

    public static func render(_ findings: [Finding]) -> String {
        var table = TextTable(["verdict", "check", "what was found"])
        table.rows = findings.map { [$0.verdict.rawValue, $0.check, $0.detail] }
        return table.render()
    }

    private func folder() -> Finding {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: directory, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                return Finding(check: "data folder", verdict: .fail, detail: "\(directory) is a file. Name a folder with --data.")
            }
        } else {
            do { try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true) } catch {
                return Finding(check: "data folder", verdict: .fail, detail: "\(directory) cannot be made: \(error.localizedDescription)")
            }
        }
        let writable = access(directory, W_OK) == 0
        return Finding(
            check: "data folder", verdict: writable ? .ok : .fail,
            detail: writable ? directory : "\(directory) is not writable for this user. Change its owner or name another with --data.")
    }

    private func space() -> Finding {
        var info = statvfs()
        guard statvfs(directory, &info) == 0 else { return Finding(check: "disk space", verdict: .warn, detail: "unknown") }
        let free = Int64(info.f_bavail) * Int64(info.f_frsize)
        let verdict: Verdict = free < 1 << 30 ? .fail : free < 10 << 30 ? .warn : .ok
        let advice = verdict == .ok ? "" : ". The log refuses events when it is full; retention.telemetry.hours shortens what is kept."
        return Finding(check: "disk space", verdict: verdict, detail: bytesInWords(free) + " free" + advice)
    }

    /// Times a few small synced writes: what each acknowledgement will cost at least.
    private func sync() -> Finding {
        let path = directory + "/.doctor-\(getpid())"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return Finding(check: "sync", verdict: .fail, detail: String(cString: strerror(errno))) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let block = [UInt8](repeating: 0x74, count: 4096)
        var times: [Double] = []
        for _ in 0..<20 {
            let began = ContinuousClock.now
            guard write(descriptor, block, block.count) == block.count, fdatasync(descriptor) == 0 else {
                return Finding(check: "sync", verdict: .fail, detail: "a synced write failed: \(String(cString: strerror(errno)))")
            }
            let passed = (ContinuousClock.now - began).components
            times.append(Double(passed.seconds) * 1000 + Double(passed.attoseconds) / 1e15)
        }
        times.sort()
        let median = (times[10] * 100).rounded() / 100
        return Finding(
            check: "sync", verdict: median > 50 ? .warn : .ok,
            detail: "4 kB written and synced in \(median) ms (median of 20), slowest \((times[19] * 100).rounded() / 100) ms")
    }

    /// Opens the log, which reads and repairs its tail, and says what it found.
    private func journal() async -> Finding {
        let folder = DataFolder(path: directory)
        guard FileManager.default.fileExists(atPath: folder.logDirectory) else {
            return Finding(check: "journal", verdict: .ok, detail: "none yet")
        }
        do {
            let journal = try await folder.openJournal()
            let report = journal.recovery
            try await journal.close()
            let size = "\(report.segments) segments, \(bytesInWords(report.bytes)), opened in \(Int(report.milliseconds.rounded())) ms"
            guard report.quarantined.isEmpty else {
                return Finding(
                    check: "journal", verdict: .warn,
                    detail: size + "; \(report.quarantined.count) damaged ranges, `towerco log verify` names them")
            }
            return Finding(check: "journal", verdict: .ok, detail: size)
        } catch let error as EventLogError where error.code == .locked {
            return Finding(check: "journal", verdict: .ok, detail: "in use by a running server")
        } catch {
            return Finding(check: "journal", verdict: .fail, detail: "\(error)")
        }
    }

    /// Looks at the store of the settings and changes nothing in it.
    private func answers() async -> Finding {
        guard !store.isEmbedded else { return Finding(check: "store", verdict: .ok, detail: "SQLite in the data folder") }
        do {
            let facts = try await PostgresStore.look(url: store.url, options: store.options)
            var detail = "PostgreSQL \(facts.serverVersion) at \(facts.name)"
            if let version = facts.timescaleVersion {
                detail += ", TimescaleDB \(version)" + (facts.timescaleLicense.map { " (\($0) licence)" } ?? "")
            }
            let known = PostgresStore.schemaVersion
            if (Int(facts.serverVersion.split(separator: ".")[0]) ?? 0) < 15 {
                return Finding(check: "store", verdict: .fail, detail: detail + ": towerco needs 15 or newer")
            }
            switch facts.schemaVersion {
            case 0: return Finding(check: "store", verdict: .ok, detail: detail + ", no schema yet: the first start makes it")
            case known: return Finding(check: "store", verdict: .ok, detail: detail + ", schema \(known)")
            case ..<known: return Finding(check: "store", verdict: .ok, detail: detail + ", schema \(facts.schemaVersion): the next start brings it to \(known)")
            default:
                return Finding(
                    check: "store", verdict: .fail,
                    detail: detail + ", schema \(facts.schemaVersion), but this towerco knows \(known): use the newer one")
            }
        } catch {
            return Finding(check: "store", verdict: .fail, detail: "\(error)")
        }
    }

    private func portIsFree() -> Finding {
        guard port != 0 else { return Finding(check: "port", verdict: .ok, detail: "any free one") }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        return Finding(
            check: "port", verdict: bound == 0 ? .ok : .warn,
            detail: bound == 0 ? "\(port) is free" : "\(port) is taken: a server may run already. --port names another.")
    }

    private func console() -> Finding {
        let exists = FileManager.default.fileExists(atPath: consoleDirectory + "/index.html")
        return Finding(
            check: "console", verdict: exists ? .ok : .warn,
            detail: exists ? consoleDirectory : "no bundle in \(consoleDirectory): `scripts/build-console.sh` makes it; the API works without.")
    }

    private func openFiles() -> Finding {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(7), &limit)  // RLIMIT_NOFILE
        return Finding(
            check: "open files", verdict: limit.rlim_cur < 4096 ? .warn : .ok,
            detail: "\(limit.rlim_cur) allowed" + (limit.rlim_cur < 4096 ? ": `ulimit -n 65536` before a start under load." : ""))
    }
}
