import Foundation
import TowerIngest
import TowerModel
import TowerPipeline
import TowerRegistry
import TowerStores
import TowerStreaming

extension PlatformStatus {
    /// Groups told at most: the platform's own first, then others by name.
    private static let groupsMax = 64
    /// A schema version that was not seen for so long is not in use.
    private static let inUseSeconds = 3600.0

    /// Prometheus text: numbers that are there already, nothing that is counted only now.
    func exposition() async -> String {
        var page = Exposition()
        addDoor(&page)
        addLog(&page)
        await addGroups(&page)
        addStore(&page)
        addRegistry(&page)
        addNotifications(&page)
        addProcess(&page)
        return page.text
    }

    private func addDoor(_ page: inout Exposition) {
        let counters = door.counters
        page.add(.accepted, counters.accepted)
        page.add(.duplicates, counters.duplicates)
        page.add(.rejected, counters.rejected.sorted { $0.key < $1.key }.map { (label: $0.key, value: Double($0.value)) })
        page.add(.flagged, counters.flagged)
        page.add(.requests, counters.requests)
        page.add(.refusedRequests, counters.refusedRequests)
        page.add(.bodyBytes, counters.bytes)
        page.add(.doorLetters, counters.deadLetters)
        page.add(.doorLettersDropped, counters.deadLettersDropped)
        page.add(.rememberedIDs, counters.rememberedIDs)
        page.add(.acknowledge, meters.append.total)
        page.add(.append, meters.logAppend)
    }

    private func addLog(_ page: inout Exposition) {
        page.add(.sync, meters.sync)
        page.add(.inFlight, served.bytesInFlight)
        page.add(.fenced, served.refusal == nil ? 0 : 1)
        page.add(.endSequence, served.endSequence)
        page.add(.damaged, Int64(served.damagedRanges))
        var disk = statvfs()
        let isKnown = statvfs(dataDirectory, &disk) == 0
        page.add(.diskFree, isKnown ? Int64(disk.f_bavail) * Int64(disk.f_frsize) : 0)
        page.add(.diskSize, isKnown ? Int64(disk.f_blocks) * Int64(disk.f_frsize) : 0)
        let spool = served.spool ?? SpoolStatus()
        page.add(.spoolFill, spool.fill)
        page.add(.spoolBytes, spool.pendingRecords > 0 ? spool.storedBytes : 0)
        page.add(.spoolRecords, spool.pendingRecords)
        page.add(.spoolRefused, spool.refusedAppends)
        page.add(.spoolOutages, spool.outages)
    }

    private func addGroups(_ page: inout Exposition) async {
        let known = await served.groups()
        let own = Set(Role.groups)
        func isOwn(_ name: String) -> Bool { own.contains(TenantShard.base(ofGroup: name)) }
        let described = (known.filter { isOwn($0.group) } + known.filter { !isOwn($0.group) }).prefix(Self.groupsMax)
        page.add(.offsetLag, described.map { (label: $0.group, value: Double($0.offsetLag)) })
        page.add(.timeLag, described.map { (label: $0.group, value: Double($0.timeLagMs) / 1000) })
        page.add(.paused, described.map { (label: $0.group, value: $0.isPaused ? 1 : 0) })
        let states = groups()
        page.add(.healthy, states.map { (label: $0.group, value: $0.isHealthy ? 1 : 0) })
        page.add(.records, states.map { (label: $0.group, value: Double($0.records)) })
        page.add(.groupLetters, states.map { (label: $0.group, value: Double($0.deadLetters)) })
        page.add(.retries, states.map { (label: $0.group, value: Double($0.retries)) })
        page.add(.slice, meters.slices.sorted)
        page.add(.processing, meters.processing.sorted)
        page.add(.decision, meters.decision.total)
        page.add(.projection, meters.processing[ProjectionProcessor.groupName] ?? BucketHistogram())
        let decoding = records.counters
        page.add(.decodedRecords, decoding.decoded)
        page.add(.offeredRecords, decoding.offered)
        page.add(.deliveredRecords, decoding.delivered)
        page.add(.decodedBytes, decoding.bytesHeld)
        page.add(.repeatedRecords, decoding.repeats)
        page.add(.strayRecords, decoding.strays)
        page.add(.activeShards, shards().sorted { $0.key < $1.key }.map { (label: $0.key, value: Double($0.value.count)) })
        let untreated = letters.untreated
        page.add(.untreatedLetters, untreated.count)
        page.add(.expiredLetters, letters.expired)
        page.add(.oldestLetter, untreated.oldestMs.map { age($0) } ?? 0)
    }

    private func addStore(_ page: inout Exposition) {
        page.add(.transaction, meters.stores.transactions.sorted)
        page.add(.query, meters.stores.queries.sorted)
        page.add(.storeErrors, meters.stores.errors)
        let sample = meters.sample.values
        page.add(.sites, sample.sites.sorted { $0.key < $1.key }.map { (label: $0.key, value: Double($0.value)) })
        page.add(.silentSites, sample.sites[SiteState.blind.rawValue] ?? 0)
    }

    private func addRegistry(_ page: inout Exposition) {
        page.add(.schemas, registry.state.schemaCount)
        let inUse = usage.versionsInUse(since: clock().adding(seconds: -Self.inUseSeconds))
        page.add(.versionsInUse, [(label: "producer", value: Double(inUse.produced)), (label: "consumer", value: Double(inUse.read))])
        page.add(.untrackedEvents, usage.droppedEvents)
    }

    private func addNotifications(_ page: inout Exposition) {
        let counts = meters.notify.counts
        page.add(.notified, NotificationMeters.Counts.byChannel(counts.sent))
        page.add(.notifyFailed, NotificationMeters.Counts.byChannel(counts.failed))
        page.add(.notifyExpired, counts.expired)
        page.add(.notifyWaiting, counts.waiting)
        page.add(.notifyDelivery, meters.notify.delivery.sorted)
    }

    private func addProcess(_ page: inout Exposition) {
        page.add(.buildInfo, [(label: Version.current, value: 1)])
        page.add(.roleInfo, roles.map(\.rawValue).sorted().map { (label: $0, value: 1) })
        page.add(.sampleAge, age(meters.sample.values.takenMs))
        page.add(.canaryLatency, meters.canary.latency.sorted)
        let canaries = meters.canary.counts
        page.add(.canaryAge, age(canaries.lastSuccessMs))
        page.add(.canariesSent, canaries.sent)
        page.add(.canariesFailed, canaries.failed)
        let spans = meters.tracer?.queue.counts ?? SpanQueue.Counts()
        page.add(.spansExported, spans.exported)
        page.add(.spansDropped, [(label: "collector", value: Double(spans.refused)), (label: "full", value: Double(spans.overflowed))])
        let facts = ProcessFacts.read()
        page.add(.resident, facts.residentBytes)
        page.add(.virtual, facts.virtualBytes)
        page.add(.processor, facts.processorSeconds)
        page.add(.openFiles, facts.openFiles)
        page.add(.maxFiles, facts.maxFiles)
        page.add(.threads, facts.threads)
        page.add(.startTime, facts.startSeconds)
    }

    /// Seconds since then.
    private func age(_ milliseconds: Int64) -> Double { Double(max(0, clock().milliseconds - milliseconds)) / 1000 }
}
