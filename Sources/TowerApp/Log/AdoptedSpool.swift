import Logging
import TowerJournal
import TowerStreaming

/// A spool that a dead process left: held and brought to the brokers.
final class AdoptedSpool: Sendable {
    private let spooled: SpooledLog
    private let journal: Journal
    private let path: String

    init(_ spooled: SpooledLog, _ journal: Journal, path: String) {
        self.spooled = spooled
        self.journal = journal
        self.path = path
    }

    var status: SpoolStatus { spooled.status }

    /// Returns when it is empty, or on cancellation.
    func drain(_ logger: Logger) async {
        logger.notice("takes over what a process left that died", metadata: ["folder": "\(path)", "records": "\(status.pendingRecords)"])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                do { try await spooled.run() } catch {
                    guard !Task.isCancelled else { return }
                    logger.error(
                        "the spool of a dead process cannot be emptied; the next start tries again",
                        metadata: ["folder": "\(path)", "error": "\(error)"])
                }
            }
            group.addTask { [self] in
                while status.pendingRecords > 0, !Task.isCancelled {
                    do { try await Task.sleep(for: .milliseconds(100)) } catch { return }
                }
            }
            // Whichever is first: everything was brought over, or it cannot be.
            await group.next()
            group.cancelAll()
        }
        if status.pendingRecords == 0 { await close() }
    }

    func close() async { try? await journal.close() }
}
