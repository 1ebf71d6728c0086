import Foundation
import Synchronization

/// Where results go: each as a line at once, and all of them to a file if one is named.
public final class BenchOutput: Sendable {
    private let line: @Sendable (String) -> Void
    private let progressLine: @Sendable (String) -> Void
    private let file: String?
    private let written = Mutex<[String]>([])

    /// - Parameters:
    ///   - file: path that gets all lines; it is written anew after every result, so that a broken run leaves what it had.
    ///   - line: takes a line of JSON, without its end.
    ///   - progress: takes a sentence for the person who waits.
    public init(file: String?, line: @escaping @Sendable (String) -> Void, progress: @escaping @Sendable (String) -> Void) {
        self.file = file
        self.line = line
        progressLine = progress
    }

    func emit(_ result: BenchResult) throws {
        let json = result.json
        line(json)
        let all = written.withLock { lines in
            lines.append(json)
            return lines.joined(separator: "\n") + "\n"
        }
        guard let file else { return }
        do { try all.write(toFile: file, atomically: true, encoding: .utf8) } catch {
            throw CommandFailure("Could not write \(file): \(error.localizedDescription).")
        }
    }

    func progress(_ text: String) { progressLine(text) }
}
