import Glibc
import Synchronization
public import TowerEngine
import TowerJournal
import TowerModel
public import TowerPipeline
import TowerSQLite
import TowerStreaming
import TowerWire

extension Engine: EngineCore {}

/// What the consumer groups cost, each alone and all together: `PipelineBench EVENTS.ndjson DIRECTORY [group,group…|all] [live]`.
///
/// The events are appended to a journal first, 500 an append as the door does; then the groups read from its beginning.
/// `live` hands each append to the groups decoded, while they run.
@main struct PipelineBench {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func read(_ path: String) -> [UInt8] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        rewind(file)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in count = fread(buffer.baseAddress, 1, size, file) }
    }

    static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == 0x0A {
            if index > start { lines.append(start..<index) }
            start = index + 1
        }
        if start < bytes.count { lines.append(start..<bytes.count) }
        return lines
    }

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            print("PipelineBench EVENTS.ndjson DIRECTORY [engine|kpis|samples|projection|all …] [live]; PipelineBench - - detect")
            return
        }
        let names = arguments.dropFirst(3).filter { $0 != "live" }
        if names == ["detect"] { return DetectBench.run() }
        let bytes = read(arguments[1])
        let lines = lines(bytes)
        for name in names.isEmpty ? ["engine", "kpis", "samples", "projection", "all"] : Array(names) {
            let directory = arguments[2] + "/" + name
            mkdir(arguments[2], 0o755)
            mkdir(directory, 0o755)
            try await run(name, bytes, lines, directory: directory, isLive: arguments.contains("live"))
        }
    }

    static func run(_ name: String, _ bytes: [UInt8], _ lines: [Range<Int>], directory: String, isLive: Bool) async throws {
        let symbols = SymbolTable()
        let journal = try await Journal.open(
            directory: directory + "/log", configuration: JournalConfiguration(), clock: { now() })
        let store = try SQLiteStore(path: directory + "/answers.sqlite")
        #if BEFORE
            func runner<Work: Processor>(_ work: Work, isBulk: Bool = false) -> ProcessorRunner<Work> {
                ProcessorRunner(log: journal, processor: work)
            }
        #else
            let records = DecodedLog(log: journal, symbols: symbols)
            func runner<Work: Processor>(_ work: Work, isBulk: Bool = false) -> ProcessorRunner<Work> {
                ProcessorRunner(log: journal, records: records, processor: work, configuration: isBulk ? .bulk : .init())
            }
        #endif
        let engine = runner(EngineStage.processor(engine: Engine(), symbols: symbols, log: journal))
        let kpis = runner(KPIStage.processor(calculator: KPICalculator(symbols: symbols), symbols: symbols, log: journal))
        let samples = runner(SampleProcessor(store: store, symbols: symbols), isBulk: true)
        let projection = runner(ProjectionProcessor(store: store, symbols: symbols), isBulk: true)
        var runs: [(name: String, run: @Sendable () async throws -> Void, status: @Sendable () -> ProcessorStatus)] = [
            ("engine", { try await engine.run() }, { engine.status }), ("kpis", { try await kpis.run() }, { kpis.status }),
            ("samples", { try await samples.run() }, { samples.status }),
            ("projection", { try await projection.run() }, { projection.status }),
        ]
        if name != "all" { runs.removeAll { $0.name != name } }

        if !isLive { try await fill(journal, bytes, lines, symbols) { _, _, _ in } }
        let wall = seconds(CLOCK_MONOTONIC)
        let cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
        let tasks = runs.map { run in Task { try await run.run() } }
        if isLive {
            #if BEFORE
                try await fill(journal, bytes, lines, symbols) { _, _, _ in }
            #else
                try await fill(journal, bytes, lines, symbols) { records.offer($0, events: $1, positions: $2) }
            #endif
        }
        var end = await journal.end()
        while true {
            try await Task.sleep(for: .milliseconds(10))
            let statuses = runs.map { $0.status() }
            if let failed = statuses.first(where: { $0.state == .failed }) {
                print("\(failed.group) failed: \(failed.lastError ?? "")")
                break
            }
            guard statuses.allSatisfy({ $0.position >= end.sequence }) else { continue }
            // What the groups wrote themselves is to be read, too.
            let newest = await journal.end()
            if newest == end { break }
            end = newest
        }
        let spentWall = seconds(CLOCK_MONOTONIC) - wall
        let spentCPU = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu
        for task in tasks { task.cancel() }
        for task in tasks { try? await task.value }
        let events = Double(lines.count)
        func rounded(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }
        print(
            "{\"bench\":\"pipeline.\(name)\",\"live\":\(isLive),\"events\":\(lines.count),\"records\":\(end.sequence),"
                + "\"wall_s\":\(rounded(spentWall)),\"cpu_s\":\(rounded(spentCPU)),\"ns_event\":\(Int(spentCPU / events * 1e9)),"
                + "\"m_ev_s_core\":\(rounded(events / spentCPU / 1e6))}")
        #if !BEFORE
            let counters = records.counters
            print("  decoded \(counters.decoded) offered \(counters.offered) delivered \(counters.delivered)")
        #endif
        try store.close()
        try await journal.close()
    }

    /// Appends everything, and tells of each append with its events decoded.
    static func fill(
        _ journal: Journal, _ bytes: [UInt8], _ lines: [Range<Int>], _ symbols: SymbolTable,
        _ appended: (EventBatch, [Int32], [StoredPosition]) -> Void
    ) async throws {
        var decoder = EventDecoder(symbols: symbols)
        for start in stride(from: 0, to: lines.count, by: 500) {
            var batch = EventBatch(symbols: symbols)
            bytes.withUnsafeBytes { all in
                for line in lines[start..<min(start + 500, lines.count)] {
                    _ = decoder.append(UnsafeRawBufferPointer(rebasing: all[line]), to: &batch)
                }
            }
            let records = (0..<batch.count).map { event in
                let site = symbols.name(batch.sites[event])
                return Record(topic: Topic.siteEvents(site: site), key: Array(site.utf8), value: Array(batch.value(event)))
            }
            let positions = try await journal.append(records)
            appended(batch, Array(0..<Int32(batch.count)), positions)
        }
    }
}
