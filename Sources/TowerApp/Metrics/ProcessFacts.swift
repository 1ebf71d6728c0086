import Foundation

/// What the kernel says of this process, read when somebody asks.
struct ProcessFacts: Sendable {
    var residentBytes: Int64 = 0
    var virtualBytes: Int64 = 0
    var processorSeconds = 0.0
    var openFiles = 0
    var maxFiles = 0
    var threads = 0
    /// Since the epoch.
    var startSeconds = 0.0

    /// Facts that cannot be read stay 0.
    static func read() -> ProcessFacts {
        var facts = ProcessFacts()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // The name, which may hold blanks, ends with the last parenthesis; the third field follows.
        if let stat = text("/proc/self/stat"), let close = stat.lastIndex(of: ")") {
            let fields = stat[stat.index(after: close)...].split(separator: " ").map { Double($0) ?? 0 }
            if fields.count > 21, ticks > 0 {
                facts.processorSeconds = (fields[11] + fields[12]) / ticks
                facts.threads = Int(fields[17])
                facts.virtualBytes = Int64(fields[20])
                facts.residentBytes = Int64(fields[21]) * Int64(sysconf(Int32(_SC_PAGESIZE)))
                facts.startSeconds = bootSeconds + fields[19] / ticks
            }
        }
        facts.openFiles = countOfOpenFiles()
        var limit = rlimit()
        // The C enumeration is imported as a type of its own here.
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            facts.maxFiles = Int(clamping: limit.rlim_cur)
        }
        return facts
    }

    private static let bootSeconds: Double = {
        let line = text("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) } ?? 0
    }()

    private static func countOfOpenFiles() -> Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            if entry.pointee.d_name.0 != UInt8(ascii: ".").asCharacter { count += 1 }
        }
        // The one that was opened to count.
        return max(count - 1, 0)
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var asCharacter: CChar { CChar(truncatingIfNeeded: self) }
}
