/// Clock and processor time from its making on, split into the measured processes, this client and everybody else.
struct Stopwatch {
    /// Processes that are measured, with their descendants; empty when this process itself is.
    private let servers: [Int32]
    private let wall = ProcessorTime.nanoseconds()
    private let own = ProcessorTime.own
    private let served: Double
    private let machine = ProcessorTime.machine

    init(servers: [Int32] = []) {
        self.servers = servers
        served = ProcessorTime.seconds(ofProcesses: servers)
    }

    /// Fills the times of a result in.
    func read(into result: inout BenchResult) {
        result.wallSeconds = Double(ProcessorTime.nanoseconds() - wall) / 1e9
        let client = ProcessorTime.own - own
        let server = ProcessorTime.seconds(ofProcesses: servers) - served
        result.cpuSeconds = servers.isEmpty ? client : server
        result.otherCPUSeconds = ProcessorTime.others(from: machine, to: ProcessorTime.machine, without: client + server)
        if !servers.isEmpty { result.add("client_cpu_s", client) }
    }
}
