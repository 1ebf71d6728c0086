import Foundation
import Logging
import ServiceLifecycle
import TowerModel
import TowerNotify
import TowerPipeline
import TowerStreaming

/// The role `notification-service`: its group, and the outbox that works beside it.
///
/// A group that fails stops the outbox with it: whoever took over sends from then on.
struct NotificationService: Service {
    let runner: ProcessorRunner<NotificationProcessor>
    let outbox: NotificationOutbox
    /// Seals what routes keep secret.
    let secrets: SecretBox

    init(
        configuration: Configuration, secrets: SecretBox, log: any EventLog, records: DecodedLog, symbols: SymbolTable,
        checkpoints: CheckpointPlan?, clock: @escaping @Sendable () -> Timestamp, meters: Meters, logger: Logger,
        noteRead: @escaping @Sendable (EventRun) -> Void
    ) throws {
        let sender = try Self.sender(configuration, secrets, clock)
        var settings = NotificationOutbox.Configuration()
        settings.ageSecondsMax = Double(configuration.integer("notify.age.max_minutes")) * 60
        settings.retry = RetryPolicy(
            attemptsMax: configuration.integer("notify.attempts.max"),
            firstDelaySeconds: Double(configuration.integer("notify.retry.first_ms")) / 1000)
        let outbox = NotificationOutbox(
            log: log, sender: sender, configuration: settings, clock: clock, logger: logger,
            observe: { finished in
                meters.notify.finished(finished)
                if let trace = finished.trace { meters.tracer?.notified(finished, in: trace) }
            }, noteWaiting: meters.notify.waiting)
        var console = configuration.text("notify.console_url")
        while console.hasSuffix("/") { console.removeLast() }
        let router = NotificationRouter(
            context: .init(offset: SystemZones.offset, consoleURL: console, newsSecondsMax: settings.ageSecondsMax))
        runner = ProcessorRunner(
            log: log, records: records,
            processor: NotificationProcessor(router: router, outbox: outbox, symbols: symbols, log: log, checkpoints: checkpoints),
            logger: logger, observe: meters.observe, noteRead: noteRead)
        self.outbox = outbox
        self.secrets = secrets
    }

    func run() async throws {
        let (runner, outbox) = (runner, outbox)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await outbox.run() }
                // The runner has logged its error and shows it as failed; the door and the other groups go on.
                do { try await runner.run() } catch {}
                group.cancelAll()
            }
            while !Task.isCancelled {
                do { try await Task.sleep(for: .seconds(3600)) } catch { return }
            }
        }
    }

    private static func sender(
        _ configuration: Configuration, _ secrets: SecretBox, _ clock: @escaping @Sendable () -> Timestamp
    ) throws -> ChannelSender {
        let roots = TLSRoots(file: configuration.text("notify.tls.ca_file"))
        do {
            let rules = try AddressRules(allowing: configuration.text("notify.allow_private"))
            return ChannelSender(
                webhook: try WebhookSender(rules: rules, secrets: secrets, roots: roots, clock: clock),
                mail: try MailSender(settings: try relay(configuration), roots: roots, clock: clock))
        } catch let error as RouteError {
            throw CommandFailure("notify.allow_private: \(error)", isUsage: true)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure("notify.tls.ca_file holds no certificates that can be read: \(roots.file)", isUsage: true)
        }
    }

    /// `nil` without a relay.
    private static func relay(_ configuration: Configuration) throws -> SMTPSettings? {
        let host = configuration.text("notify.smtp.host")
        guard !host.isEmpty else { return nil }
        let from = configuration.text("notify.smtp.from")
        guard MailAddress.isValid(from) else {
            throw CommandFailure("notify.smtp.from must be a mail address when notify.smtp.host is set; it is `\(from)`.", isUsage: true)
        }
        guard let security = SMTPSettings.Security(rawValue: configuration.text("notify.smtp.security")) else {
            throw CommandFailure(
                "notify.smtp.security takes \(SMTPSettings.Security.allCases.map(\.rawValue).joined(separator: ", ")).", isUsage: true)
        }
        return SMTPSettings(
            host: host, port: configuration.integer("notify.smtp.port"), from: from, security: security,
            user: configuration.text("notify.smtp.user"), password: configuration.text("notify.smtp.password"),
            name: from.split(separator: "@").last.map(String.init) ?? "towerco")
    }
}
