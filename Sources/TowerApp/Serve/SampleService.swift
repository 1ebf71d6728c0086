import Logging
import ServiceLifecycle
import TowerModel
import TowerStores

/// Gathers in the background what `/metrics` answers of the fleet and of dead letters.
struct SampleService: Service {
    let store: any Store
    let letters: DeadLetterWatch
    let sample: PlatformSample
    let period: Duration
    let clock: @Sendable () -> Timestamp
    let logger: Logger

    /// Tenants counted; those beyond are left out of a figure that is a sum anyway.
    private static let tenantsMax = 1000

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            while !Task.isCancelled {
                do {
                    try await take()
                    isFailing = false
                } catch {
                    // Its age says so too.
                    if !isFailing, !Task.isCancelled {
                        logger.warning("the figures for /metrics could not be gathered", metadata: ["error": "\(error)"])
                    }
                    isFailing = true
                }
                do { try await Task.sleep(for: period) } catch { return }
            }
        }
    }

    private func take() async throws {
        let now = clock()
        try await letters.refresh(nowMs: now.milliseconds)
        var values = PlatformSample.Values(takenMs: now.milliseconds)
        for state in SiteState.allCases { values.sites[state.rawValue] = 0 }
        for tenant in try await store.tenants().prefix(Self.tenantsMax) {
            for (state, count) in try await store.fleet(tenant: tenant, now: now).states { values.sites[state, default: 0] += count }
        }
        sample.set(values)
    }
}
