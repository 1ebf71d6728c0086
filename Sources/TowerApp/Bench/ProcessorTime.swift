import Dispatch
import Foundation
import Glibc

/// Reads processor time: of this process, of others and of the whole machine.
enum ProcessorTime {
    /// Kernel ticks a second in `/proc`.
    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))

    /// Monotonic.
    static func nanoseconds() -> Int64 { Int64(DispatchTime.now().uptimeNanoseconds) }

    /// The calling thread's processor time, nanoseconds.
    static func thread() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// This process, all threads, seconds.
    static var own: Double { Double(clock()) / 1e6 }

    /// Seconds all cores were busy since the machine started: everything but idle and waiting for disks. `nil` where the machine
    /// does not say.
    static var machine: Double? {
        guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8) else { return nil }
        return busyTicks(text).map { $0 / ticks }
    }

    /// Columns: user, nice, system, idle, iowait, irq, softirq, steal; guests are part of user.
    ///
    /// - Returns: `nil` for what is no such file, and for one that counts nothing, as some sandboxes show it.
    static func busyTicks(_ stat: String) -> Double? {
        guard let line = stat.split(separator: "\n").first(where: { $0.hasPrefix("cpu ") }) else { return nil }
        let columns = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
        let busy = columns.enumerated().reduce(0) { $1.offset == 3 || $1.offset == 4 ? $0 : $0 + $1.element }
        return columns.count >= 4 && busy > 0 ? busy : nil
    }

    /// Seconds of everybody else between two readings of `machine`; `nil` when one of them is missing. The counter moves in
    /// ticks, so a short run may come out a little below nothing, which counts as nothing.
    static func others(from start: Double?, to end: Double?, without known: Double) -> Double? {
        guard let start, let end else { return nil }
        return max(0, end - start - known)
    }

    /// A process of one line of `/proc/PID/stat`: its parent, and its own and its waited-for children's ticks.
    struct Row: Equatable {
        var parent: Int32
        var ticks: Double
    }

    /// - Returns: `nil` for what is no such line. The name in parentheses may hold anything, so fields count from its end.
    static func row(_ stat: String) -> Row? {
        guard let close = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: close)...].split(separator: " ")
        guard fields.count > 14, let parent = Int32(fields[1]) else { return nil }
        return Row(parent: parent, ticks: fields[11...14].reduce(0) { $0 + (Double($1) ?? 0) })
    }

    /// Processor seconds of these processes and all their descendants, ended ones included once their parent has waited.
    static func seconds(ofProcesses roots: [Int32]) -> Double {
        guard !roots.isEmpty, let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return 0 }
        var rows: [Int32: Row] = [:]
        for name in names {
            guard let process = Int32(name), let text = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8) else {
                continue
            }
            rows[process] = row(text)
        }
        var family = Set(roots)
        var grew = true
        while grew {
            let children = rows.filter { family.contains($0.value.parent) && !family.contains($0.key) }.keys
            family.formUnion(children)
            grew = !children.isEmpty
        }
        return family.reduce(0) { $0 + (rows[$1]?.ticks ?? 0) } / ticks
    }

    /// Memory of a process that lies in RAM, bytes; 0 when it is gone.
    static func residentBytes(_ process: Int32) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kibibytes * 1024
    }
}
