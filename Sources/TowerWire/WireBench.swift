import Glibc
import TowerModel

/// How fast events are read on this machine; one core, one decoder, warm.
public enum WireBench {
    public struct Result: Sendable, Codable {
        public var name: String
        public var events: Int
        /// Mean bytes of one event.
        public var eventBytes: Double
        public var seconds: Double
        /// Of this thread: what other load on the machine does not change.
        public var processorSeconds: Double
        /// Per second of processor time: one core's.
        public var eventsPerSecond: Double
        public var megabytesPerSecond: Double
        /// Events that were refused; a benchmark of refusals measures something else.
        public var refused: Int
    }

    /// Decodes the lines of `ndjson` again and again for about that long.
    ///
    /// - Parameter ndjson: events, one a line.
    public static func run(name: String, ndjson: [UInt8], seconds: Double = 1) -> Result {
        let lines = split(ndjson)
        let symbols = SymbolTable()
        var decoder = EventDecoder(symbols: symbols, limits: .offline)
        var events = 0
        var bytes = 0
        var refused = 0
        var elapsed = Duration.zero
        let clock = ContinuousClock()
        pass(ndjson, lines, &decoder, &refused)
        refused = 0
        let processorStart = threadSeconds()
        while elapsed < .seconds(seconds) {
            elapsed += clock.measure { pass(ndjson, lines, &decoder, &refused) }
            events += lines.count
            bytes += lines.reduce(0) { $0 + $1.count }
        }
        let processor = threadSeconds() - processorStart
        let (whole, attoseconds) = elapsed.components
        let spent = Double(whole) + Double(attoseconds) * 1e-18
        return Result(
            name: name, events: events, eventBytes: Double(bytes) / Double(max(events, 1)), seconds: spent,
            processorSeconds: processor, eventsPerSecond: Double(events) / processor,
            megabytesPerSecond: Double(bytes) / processor / 1e6, refused: refused)
    }

    /// The usual mix of telemetry of a fleet.
    public static func run(sites: Int = 10_000, events: Int = 100_000, seconds: Double = 1) -> Result {
        run(name: "wire.decode.telemetry", ndjson: telemetry(sites: sites, events: events), seconds: seconds)
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Batches of 500, as the door sees them.
    private static func pass(_ ndjson: [UInt8], _ lines: [Range<Int>], _ decoder: inout EventDecoder, _ refused: inout Int) {
        ndjson.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: lines.count, by: 500) {
                var batch = EventBatch(symbols: decoder.symbols)
                for line in lines[start..<min(start + 500, lines.count)]
                where decoder.append(UnsafeRawBufferPointer(rebasing: bytes[line]), to: &batch) != nil {
                    refused += 1
                }
            }
        }
    }

    private static func split(_ ndjson: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        for (index, byte) in ndjson.enumerated() where byte == 0x0A {
            if index > start { lines.append(start..<index) }
            start = index + 1
        }
        if start < ndjson.count { lines.append(start..<ndjson.count) }
        return lines
    }

    /// Battery and DC bus samples of many sites, 377 bytes a line at the mean, as the yardsticks have them.
    public static func telemetry(sites: Int, events: Int) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(events * 380)
        let start = Timestamp(milliseconds: 1_767_323_045_678)
        for index in 0..<events {
            let id = EventID.derived(from: .platformNamespace, "bench-\(index)")
            let site = String(1_000_000 + index * 7919 % sites).dropFirst()
            let at = start.adding(seconds: Double(index) / 1000)
            let volts = 53.4 + Double(index % 17) / 10
            out.append(
                contentsOf: """
                    {"event_id":"\(id)","event_type":"battery.telemetry","tenant_id":"acme-towers","site_id":"SITE-\(site)",\
                    "timestamp":"\(at)","version":"1.0","payload":{"string_id":"S\(index % 2 + 1)","v":\(volts),"i":-12.75,\
                    "soc":\(40 + index % 60).5,"soh":93.25,"temp":31.4,"r":0.62,"ah_in":1042.7,"ah_out":998.31},\
                    "metadata":{"producer":"rms-gw","seq":\(index)}}

                    """.utf8)
        }
        return out
    }
}
