/// `towerco bench events`: the load generator's events as text.
public struct EventsJob: Sendable {
    private let events: Int
    private let sites: Int
    private let tenant: String
    private let seed: UInt64

    public init(events: Int, sites: Int, tenant: String, seed: UInt64) throws {
        guard (1...100_000_000).contains(events) else { throw CommandFailure("--events takes 1 to 100000000.", isUsage: true) }
        guard (1...1_000_000).contains(sites) else { throw CommandFailure("--sites takes 1 to 1000000.", isUsage: true) }
        self.events = events
        self.sites = sites
        self.tenant = tenant
        self.seed = seed
    }

    /// - Parameter write: takes the next lines, each with its end.
    public func run(write: (ArraySlice<UInt8>) -> Void) {
        var mix = TelemetryMix(tenant: tenant, seed: seed)
        var body = EventBody(lines: mix.lines(min(events, 1000)), sites: sites, seed: seed)
        var left = events
        while left > 0 {
            body.renew(milliseconds: SystemSources.nowMilliseconds())
            let count = min(left, body.count)
            write(body.bytes[...body.ranges(count - 1).line.upperBound])
            left -= count
        }
    }
}
