import Testing

@testable import TowerApp

@Suite struct ConfigurationTests {
    @Test func flagsWinOverEnvironmentOverFileOverDefaults() throws {
        let file = "server:\n  port: 1\n  host: file\ndata.directory: from-file\n"
        let configuration = try Configuration(
            flags: ["server.port": "3"], environment: ["TOWERCO_SERVER_PORT": "2", "TOWERCO_SERVER_HOST": "environment", "HOME": "/x"],
            file: file)
        #expect(configuration.integer("server.port") == 3)
        #expect(configuration.text("server.host") == "environment")
        #expect(configuration.text("data.directory") == "from-file")
        #expect(configuration.integer("heartbeat.seconds") == 5)
    }

    @Test(arguments: [
        ("server.prot", "server.port"), ("server.hots", "server.host"), ("ingest.lines.mx", "ingest.lines.max"),
    ])
    func aMistypedKeyNamesTheNearestOne(key: String, nearest: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(flags: [key: "1"]) }
        #expect("\(error!)".contains("`\(nearest)`"))
    }

    @Test func anUnknownVariableIsAnErrorAndAReservedOneIsNot() throws {
        #expect(throws: ConfigurationError.self) { try Configuration(environment: ["TOWERCO_SERVER_PROT": "1"]) }
        _ = try Configuration(environment: ["TOWERCO_BOOTSTRAP_KEY": "a:b", "TOWERCO_TEST_KAFKA": "x"])
    }

    @Test(arguments: ["abc", "-1", "70000", ""])
    func aValueOutsideItsRangeNamesTheRange(text: String) {
        let error = #expect(throws: ConfigurationError.self) { try Configuration(flags: ["server.port": text]) }
        #expect("\(error!)".contains("0 to 65535"))
    }

    @Test(arguments: ["- a\n- b\n", "server: [1, 2]\n", "a: b: c\n"])
    func aFileThatIsNoMappingIsRefused(file: String) {
        #expect(throws: ConfigurationError.self) { try Configuration(file: file) }
    }

    @Test func keysAndEnvironmentNamesAreUnique() {
        #expect(Set(Settings.all.map(\.key)).count == Settings.all.count)
        #expect(Set(Settings.all.map(\.environmentName)).count == Settings.all.count)
        for setting in Settings.all {
            if case .integer(let range) = setting.kind { #expect(range.contains(Int(setting.fallback) ?? -1), "\(setting.key)") }
        }
    }
}

@Suite struct LatencyHistogramTests {
    @Test func quantilesAreWithinAQuarterOfTheTruth() {
        let histogram = LatencyHistogram()
        for value in 1...1000 { histogram.record(milliseconds: Double(value), now: 1) }
        let summary = histogram.recent()
        #expect(summary.count == 1000)
        #expect((500...625).contains(summary.p50Ms))
        #expect((990...1240).contains(summary.p99Ms))
    }

    @Test func oldWindowsLeaveTheRecentButNotTheTotal() {
        let histogram = LatencyHistogram(windowSeconds: 10)
        histogram.record(milliseconds: 5, now: 0)
        histogram.record(milliseconds: 7, now: 100)
        #expect(histogram.recent().count == 1)
        #expect(histogram.total.count == 2)
    }

    @Test func nothingRecordedIsZero() {
        #expect(LatencyHistogram().recent().count == 0)
        #expect(LatencyHistogram().recent().p99Ms == 0)
    }
}

@Suite struct LineReaderTests {
    @Test func longLinesAreCutAndReadingGoesOn() throws {
        let path = "/tmp/towerco-lines-\(UInt64.random(in: 0 ... .max))"
        let writer = try LineWriter(path: path)
        try writer.write("short".utf8)
        try writer.write([UInt8](repeating: 0x61, count: 5000))
        try writer.write("crlf\r".utf8)
        try writer.write("".utf8)
        try writer.write("last".utf8)
        try writer.flush()
        var reader = try LineReader(path: path, maxLineBytes: 1000, blockBytes: 256)
        var seen: [(Int, Bool)] = []
        try reader.forEach { line, isTooLong in
            seen.append((line.count, isTooLong))
            return true
        }
        #expect(seen.map(\.0) == [5, 1000, 4, 0, 4])
        #expect(seen.map(\.1) == [false, true, false, false, false])
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: CommandFailure.self) { _ = try LineReader(path: "/no/such/file") }
        #expect("\(error!)".contains("/no/such/file"))
    }
}
