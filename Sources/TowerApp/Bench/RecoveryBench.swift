import Foundation
import Glibc
import TowerJournal

/// `towerco bench recovery`: fills a journal, ends its writer in two ways, and times opening it again.
public struct RecoveryBench: Sendable {
    private let options: BenchOptions
    private let gigabytes: Double
    private let binary: String?
    private let isCold: Bool
    private let output: BenchOutput

    /// - Parameters:
    ///   - gigabytes: of values to write, 0.001 to 1,000.
    ///   - binary: the `towerco` that writes and is killed; `nil` is this one.
    ///   - isCold: drops the files from the page cache before opening.
    public init(_ options: BenchOptions, gigabytes: Double, binary: String?, isCold: Bool, output: BenchOutput) throws {
        try options.check()
        guard (0.001...1000).contains(gigabytes) else {
            throw CommandFailure("--gigabytes is \(gigabytes), but takes 0.001 to 1000.", isUsage: true)
        }
        self.options = options
        self.gigabytes = gigabytes
        self.binary = binary
        self.isCold = isCold
        self.output = output
    }

    public func run() async throws {
        let folder = try BenchFolder(options.directory)
        output.progress("recovery: writing \(gigabytes) GB")
        let directory = try folder.fresh("recovery")
        let log = try await Journal.forBench(directory)
        let load = options.load(topics: options.topics)
        let events = max(options.batch, Int(gigabytes * 1e9) / (load.blockBytes / options.batch))
        _ = try await load.append(to: log, callers: options.callers, bound: .init(seconds: .infinity, events: events))
        try await log.close()
        try await measure("recovery.closed", directory)
        output.progress("recovery: killing a writer")
        try killWriter(on: directory)
        try await measure("recovery.killed", directory)
        folder.remove("recovery")
    }

    /// Opens and closes, `pairs` times; only the first time does a killed journal need repair.
    private func measure(_ name: String, _ directory: String) async throws {
        var runs: [BenchResult] = []
        for round in 1...(name == "recovery.killed" ? 1 : options.pairs) {
            if isCold { try Self.dropFromCache(directory) }
            output.progress("\(name) \(round)")
            var result = BenchResult(name)
            let watch = Stopwatch()
            let log = try await Journal.forBench(directory)
            watch.read(into: &result)
            let report = log.recovery
            try await log.close()
            result.bytes = Int(report.bytes)
            result.topics = report.topics
            result.batch = options.batch
            result.add("gigabytes", Double(report.bytes) / 1e9)
            result.add("s_per_gb", result.wallSeconds / max(Double(report.bytes) / 1e9, 1e-9))
            result.add("segments", report.segments)
            result.add("scanned_segments", report.scannedSegments)
            result.add("dropped_bytes", Int(report.droppedBytes))
            result.add("damaged_ranges", report.quarantined.count)
            result.add("page_cache", isCold ? "dropped" : "as it was")
            runs.append(result)
            try output.emit(result)
        }
        guard runs.count > 1, var summary = BenchResult.summary(name, of: runs) else { return }
        summary.bytes = runs[0].bytes
        summary.details = [("runs", .integer(runs.count))]
        summary.add("s_per_gb", spread: runs.map { $0.wallSeconds / max(Double($0.bytes) / 1e9, 1e-9) })
        try output.emit(summary)
    }

    /// Another process appends to the same folder and gets SIGKILL in the middle of it.
    private func killWriter(on directory: String) throws {
        let child = try ChildProcess(
            binary ?? MeasuredServer.ownPath(),
            [
                "bench", "hold", "--dir", directory, "--topics", "\(options.topics)", "--batch", "\(options.batch)", "--seconds",
                "600",
            ],
            environment: ProcessInfo.processInfo.environment)
        guard child.wait(seconds: 120, for: { $0.contains("appending") ? true : nil }) != nil else {
            throw CommandFailure("The writer to be killed did not get to appending. It said:\n\(child.said.suffix(2000))")
        }
        child.stop(SIGKILL)
    }

    private static func dropFromCache(_ directory: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            let file = open(directory + "/" + name, O_RDONLY)
            guard file >= 0 else { continue }
            _ = fsync(file)
            _ = posix_fadvise(file, 0, 0, Int32(POSIX_FADV_DONTNEED))
            close(file)
        }
    }
}

/// The writer that `RecoveryBench` kills: appends until it is ended.
public struct HoldJob: Sendable {
    private let options: BenchOptions

    public init(_ options: BenchOptions) throws {
        try options.check()
        guard options.directory != nil else { throw CommandFailure("--dir is needed.", isUsage: true) }
        self.options = options
    }

    /// - Parameter appending: called once the first events are acknowledged.
    public func run(appending: () -> Void) async throws {
        let log = try await Journal.forBench(options.directory ?? "")
        let load = options.load(topics: options.topics)
        _ = try await load.append(to: log, callers: 1, bound: .init(seconds: 1, events: 20 * options.batch))
        appending()
        _ = try await load.append(to: log, callers: options.callers, bound: options.bound)
        try await log.close()
    }
}
