import ServiceLifecycle
import TowerPipeline

/// A consumer group as a service: runs until the server stops.
///
/// A group that fails stays stopped and visible (readiness, `/metrics`, the platform page) while the others and the door go
/// on: events are still kept, and nothing after the group's position is lost.
struct GroupService<Work: Processor>: Service {
    let runner: ProcessorRunner<Work>

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do { try await runner.run() } catch {
                // The runner has logged it and shows it as failed.
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .seconds(3600)) } catch { return }
                }
            }
        }
    }
}
