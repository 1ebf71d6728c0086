import Foundation
import TowerModel
import TowerStores

extension StormBench {
    /// A server of this program's own with every role: from the door to the incidents that the API shows.
    func server(seed: UInt64) async throws -> BenchResult {
        let folder = try BenchFolder(options.directory)
        let server = try MeasuredServer(binary: options.binary, directory: try folder.fresh("storm"), roles: ["all"])
        let client = ServerClient(url: "http://127.0.0.1:\(server.port)", key: MeasuredServer.key)
        // A burst tells of the last minute; a paced storm of the one that comes.
        let now = SystemSources.now()
        let storm = storm(seed: seed, start: options.isPaced ? now.adding(seconds: 20) : now.adding(seconds: -options.seconds))
        try await post(storm.inventory, client)
        try await post(storm.before, client)
        try await settled(client)
        let ahead = options.isPaced ? storm.configuration.start.seconds(since: SystemSources.now()) : 0
        if ahead > 0 { try await Task.sleep(for: .seconds(ahead)) }
        output.progress("storm.server: \(storm.storm.count) alarms")
        var result = BenchResult("storm.server")
        let watch = Stopwatch(servers: [server.process.id])
        let began = ProcessorTime.nanoseconds()
        if options.isPaced { try await postPaced(storm, client) } else { try await post(storm.storm, client) }
        let sent = ProcessorTime.nanoseconds()
        try await settled(client)
        result.add("sent_s", Double(sent - began) / 1e9)
        result.add("backlog_gone_s", Double(ProcessorTime.nanoseconds() - sent) / 1e9)
        var whole: Double?
        var census = StormCensus(storm, [])
        // What is young waits for its other signs for up to 45 seconds, plus a period of judgement.
        while whole == nil, Double(ProcessorTime.nanoseconds() - sent) / 1e9 < 180 {
            try await Task.sleep(for: .seconds(1))
            census = StormCensus(storm, try await incidents(client))
            if census.lost == 0 { whole = Double(ProcessorTime.nanoseconds() - sent) / 1e9 }
        }
        watch.read(into: &result)
        // Merges and splits have come to an end half a minute later.
        try await Task.sleep(for: .seconds(30))
        census = StormCensus(storm, try await incidents(client))
        for line in census.lostLines { output.progress("lost: \(line)") }
        result.events = storm.storm.count
        result.bytes = storm.storm.reduce(0) { $0 + $1.text.utf8.count }
        result.topics = storm.siteCount
        result.add("paced", options.isPaced)
        result.add("roots", storm.roots.count)
        census.add(to: &result)
        result.add("all_in_incidents_s", whole ?? -1)
        result.add("resident_mb", Double(ProcessorTime.residentBytes(server.process.id)) / 1e6)
        try server.stop()
        folder.remove("storm")
        return result
    }

    private func post(_ lines: [AlarmStorm.Line], _ client: ServerClient) async throws {
        for start in stride(from: 0, to: lines.count, by: 1000) {
            try await post(lines[start..<min(start + 1000, lines.count)], client)
        }
    }

    private func post(_ lines: ArraySlice<AlarmStorm.Line>, _ client: ServerClient) async throws {
        struct Taken: Decodable { var accepted: Int }
        guard !lines.isEmpty else { return }
        let body = Array(lines.map(\.text).joined(separator: "\n").utf8)
        let answer = try await client.send("POST", "/api/v1/events", body: body, contentType: "application/x-ndjson")
        let taken = try? JSONDecoder().decode(Taken.self, from: Data(answer.body))
        guard taken?.accepted == lines.count else {
            throw CommandFailure("The server took \(taken?.accepted ?? 0) of \(lines.count) events: \(String(decoding: answer.body.prefix(500), as: UTF8.self))")
        }
    }

    /// A request each quarter of a second with what has happened meanwhile.
    private func postPaced(_ storm: AlarmStorm, _ client: ServerClient) async throws {
        var next = storm.storm.startIndex
        while next < storm.storm.endIndex {
            let now = SystemSources.now()
            let end = storm.storm[next...].firstIndex { $0.arrivedAt > now } ?? storm.storm.endIndex
            try await post(storm.storm[next..<end], client)
            next = end
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    /// Waits until every group has read all there is, and nothing follows from it, three times in a row.
    private func settled(_ client: ServerClient) async throws {
        struct Groups: Decodable { var items: [GroupView] }
        var quiet = 0
        let began = ProcessorTime.nanoseconds()
        while quiet < 3 {
            let groups = try await client.get("/api/v1/consumer-groups", as: Groups.self).items
            quiet = !groups.isEmpty && groups.allSatisfy { $0.offsetLag == 0 } ? quiet + 1 : 0
            guard Double(ProcessorTime.nanoseconds() - began) / 1e9 < 600 else {
                throw CommandFailure("The server had not read its log after ten minutes: \(groups.map { "\($0.group) \($0.offsetLag)" }.joined(separator: ", "))")
            }
            if quiet < 3 { try await Task.sleep(for: .milliseconds(20)) }
        }
    }

    private func incidents(_ client: ServerClient) async throws -> [IncidentSnapshot] {
        try await client.list("/api/v1/incidents?limit=200", of: IncidentView.self, most: 100_000).map(\.snapshot)
    }
}
