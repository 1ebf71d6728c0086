import Glibc
import TowerModel
import TowerPostgres
import TowerSQLite
import TowerStores

/// What a store costs: `StoreBench sqlite FILE` or `StoreBench postgres URL POSTMASTER-PID`; run.sh runs both, in turn.
///
/// Processor seconds are this process's, and with PostgreSQL those of the server's processes too.
@main struct StoreBench {
    static let sites = 10_000
    static let metrics = ["battery.i", "battery.v", "power.dc.bus_v", "env.temp", "dg.fuel"]
    static let tenant = TenantID("acme")
    static let start = Timestamp(seconds: 1_767_322_800)

    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            print("StoreBench sqlite FILE | postgres URL POSTMASTER-PID")
            return
        }
        let server = arguments.count > 3 ? Int(arguments[3]) : nil
        let store: any OpenStore = arguments[1] == "sqlite" ? try SQLiteStore(path: arguments[2]) : try await PostgresStore.open(url: arguments[2])
        try await inventory(store)
        try await samples(store, arguments[1], server)
        try await projection(store, arguments[1], server)
        try await reads(store, arguments[1])
        try await store.close()
    }

    static func name(_ site: Int) -> SiteID { SiteID("S-\(100_000 + site)") }

    static func inventory(_ store: any OpenStore) async throws {
        var batch = ProjectionBatch(group: "dashboard-service", from: .start, to: StorePosition(sequence: 1))
        batch.sites = (0..<sites).map {
            Site(siteID: name($0), tenantID: tenant, name: "Site \($0)", latitude: 1, longitude: 2, region: "R\($0 % 12)")
        }
        _ = try await store.apply(batch)
    }

    /// Ten slices of 100,000 readings, each two of every series.
    static func samples(_ store: any OpenStore, _ what: String, _ server: Int?) async throws {
        var series: [SampleBatch.Series] = []
        for site in 0..<sites { for metric in metrics { series.append(.init(tenantID: tenant, siteID: name(site), metric: metric)) } }
        let numbering = SampleBatch.Numbering()
        var position: Int64 = 0
        var (wall, processor, count) = (0.0, 0.0, 0)
        for slice in 0..<12 {
            let points = (0..<2 * series.count).map { index in
                SampleBatch.Point(
                    series: Int32(index % series.count), at: start.adding(seconds: Double(slice * 120 + index / series.count * 60)), value: Double(index))
            }
            let before = (now(), used(server))
            try await store.store(
                SampleBatch(numbering: numbering, series: series, points: points),
                PositionMove(group: "analytics-service", from: StorePosition(sequence: position), to: StorePosition(sequence: position + 1)))
            position += 1
            // The first two make the series and warm the caches.
            guard slice >= 2 else { continue }
            wall += now() - before.0
            processor += used(server) - before.1
            count += points.count
        }
        print("\(what) samples: \(Int(Double(count) / wall)) a second, \(Int(Double(count) / processor)) a processor second")
    }

    /// Slices as a fleet of telemetry sends them: every site heard, five points each, a hundred alarms.
    static func projection(_ store: any OpenStore, _ what: String, _ server: Int?) async throws {
        var (wall, processor) = ([Double](), [Double]())
        for slice in 0..<7 {
            var batch = ProjectionBatch(
                group: "dashboard-service", from: StorePosition(sequence: Int64(slice + 1)), to: StorePosition(sequence: Int64(slice + 2)))
            let at = start.adding(seconds: Double(slice * 60))
            for site in 0..<sites {
                batch.heard.append(.init(tenantID: tenant, siteID: name(site), at: at))
                for metric in metrics { batch.latest.append((tenant, name(site), LatestValue(metric: metric, value: Double(slice), at: at))) }
            }
            for number in 0..<100 {
                let id = EventID.derived(from: EventID(high: 1, low: UInt64(number)), "\(slice)")
                batch.alarms.append(
                    Alarm(
                        alarmID: id, tenantID: tenant, siteID: name(number * 7), managedObject: "grid", alarmType: "power.grid.outage",
                        probableCause: nil, severity: .major, state: .raised, raisedAt: at, changedAt: at, eventIDs: [id]))
            }
            let before = (now(), used(server))
            _ = try await store.apply(batch)
            guard slice >= 2 else { continue }
            wall.append(now() - before.0)
            processor.append(used(server) - before.1)
        }
        print("\(what) slice of 10,000 sites, 50,000 points, 100 alarms: \(ms(median(wall))) ms, \(ms(median(processor))) ms of processor")
    }

    static func reads(_ store: any OpenStore, _ what: String) async throws {
        func timed(_ name: String, _ body: () async throws -> Void) async throws {
            var times: [Double] = []
            for _ in 0..<15 {
                let before = now()
                try await body()
                times.append(now() - before)
            }
            print("\(what) \(name): \(ms(median(times))) ms, slowest \(ms(times.max() ?? 0)) ms")
        }
        let later = start.adding(seconds: 600)
        try await timed("fleet view of 10,000 sites") { _ = try await store.fleet(tenant: tenant, now: later) }
        try await timed("topology of 10,000 sites") { _ = try await store.topology(tenant: tenant) }
        try await timed("page of 100 sites") { _ = try await store.sites(tenant: tenant, filter: SiteFilter(), limit: 100, cursor: nil) }
        try await timed("page of 100 alarms") { _ = try await store.alarms(tenant: tenant, filter: AlarmFilter(isActive: true), limit: 100, cursor: nil) }
        try await timed("one site") { _ = try await store.site(tenant: tenant, id: name(77)) }
    }

    // MARK: Time

    static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Processor seconds of this process and of the server's.
    static func used(_ server: Int?) -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        var seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        guard let server, let folder = opendir("/proc") else { return seconds }
        defer { closedir(folder) }
        let tick = Double(sysconf(Int32(_SC_CLK_TCK)))
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard let number = Int(name), let fields = fields(number), number == server || fields[1] == Double(server) else { continue }
            seconds += (fields[11] + fields[12]) / tick
            // Children that have ended.
            if number == server { seconds += (fields[13] + fields[14]) / tick }
        }
        return seconds
    }

    /// Those of /proc/N/stat behind the name: state, parent, …
    static func fields(_ process: Int) -> [Double]? {
        guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 1024) { buffer, count in count = fread(buffer.baseAddress, 1, 1024, file) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
        return fields.count > 15 ? fields : nil
    }

    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    static func ms(_ seconds: Double) -> Double { (seconds * 10_000).rounded() / 10 }
}
