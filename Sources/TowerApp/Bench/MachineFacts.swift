import Foundation

/// What a figure must name to be compared: the machine it was taken on.
public struct MachineFacts: Sendable {
    public var cores: Int
    /// Name of the processor as the kernel gives it.
    public var model: String

    static let current = MachineFacts(
        cores: ProcessInfo.processInfo.activeProcessorCount,
        model: model(of: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""))

    static func model(of cpuInfo: String) -> String {
        let line = cpuInfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        let name = line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
        return name ?? "unknown"
    }
}
