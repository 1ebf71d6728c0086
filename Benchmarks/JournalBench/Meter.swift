import Glibc

/// Wall time and the process's own processor time since it was made.
struct Meter {
    private let wall = Self.seconds(CLOCK_MONOTONIC)
    private let usage = Self.usage()

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func usage() -> (user: Double, system: Double) {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return (seconds(usage.ru_utime), seconds(usage.ru_stime))
    }

    func spent() -> (wall: Double, user: Double, system: Double) {
        let now = Self.usage()
        return (Self.seconds(CLOCK_MONOTONIC) - wall, now.user - usage.user, now.system - usage.system)
    }

    func report(_ name: String, events: Int, extra: String = "") {
        let spent = spent()
        func rounded(_ value: Double) -> String { String((value * 1000).rounded() / 1000) }
        print(
            "{\"bench\":\"\(name)\",\"events\":\(events),\"wall_s\":\(rounded(spent.wall)),\"user_s\":\(rounded(spent.user)),"
                + "\"system_s\":\(rounded(spent.system)),\"m_ev_s\":\(rounded(Double(events) / spent.wall / 1e6)),"
                + "\"m_ev_s_core\":\(rounded(Double(events) / (spent.user + spent.system) / 1e6))\(extra)}")
    }
}

/// What the process holds in memory now, bytes.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return 0 }
    let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
}
