import Foundation
public import TowerModel
import TowerIncidents

// What a restart would otherwise read the whole log again for (docs/formats/checkpoint.md).

extension NotificationRouter {
    /// Version of the encoding of this room.
    public static let stateVersion: UInt64 = 1

    /// By what the state came about beside the log.
    public var settingsHash: UInt64? {
        var writer = StateWriter()
        writer.write(unsigned: Self.stateVersion)
        writer.write(context.newsSecondsMax)
        writer.write(Self.evidenceSecondsMax)
        return StateHash.of(writer.bytes)
    }

    /// Equal routers give equal bytes.
    public func encode(into writer: inout StateWriter) {
        let json = JSONState()
        writer.write(unsigned: Self.stateVersion)
        writer.write(now)
        writer.write(decisions)
        writer.write(count: tenants.count)
        for (tenant, state) in tenants.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.write(text: tenant.rawValue)
            writer.part { state.encode(into: &$0, json) }
        }
        writer.write(count: timers.all.count)
        for timer in timers.all { timer.encode(into: &writer) }
        writer.write(count: pending.count)
        for (_, delivery) in pending.sorted(by: { $0.key < $1.key }) { delivery.encode(into: &writer, json) }
    }

    /// Becomes what was encoded; unchanged where it throws. The context stays its own.
    public mutating func restore(from reader: inout StateReader) throws(StateError) {
        let json = JSONState()
        var restored = NotificationRouter(context: context)
        try reader.version(Self.stateVersion, "router")
        restored.now = try reader.timestamp("router.now")
        restored.decisions = try reader.int("router.decisions")
        for _ in 0..<(try reader.count("router.tenants")) {
            let name = try reader.text("router.tenant")
            let part = try reader.enter("router.tenant")
            let tenant = try Tenant(decoding: &reader, json)
            try reader.leave(part, "router.tenant")
            guard restored.tenants.updateValue(tenant, forKey: TenantID(name)) == nil else { throw reader.outOfRange("router.tenant") }
        }
        var timers: [TimerQueue.Timer] = []
        for _ in 0..<(try reader.count("router.timers")) {
            let timer = try TimerQueue.Timer(decoding: &reader)
            if let last = timers.last, last.at < timer.at { throw reader.outOfRange("router.timers") }
            timers.append(timer)
        }
        restored.timers = TimerQueue(timers)
        for _ in 0..<(try reader.count("router.pending")) {
            let delivery = try NotificationDelivery(decoding: &reader, json)
            restored.pending[delivery.deliveryID] = delivery
        }
        self = restored
    }
}

/// Values with a JSON form of their own (routes, incidents) go into the state in that form: they are few, and have one place
/// where a new field is added.
private struct JSONState {
    private let encoder = JSONEncoder()
    private let decoder = JSONDecoder()

    init() {
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }

    func write(_ value: some Encodable, into writer: inout StateWriter) {
        // What cannot be encoded leaves a text that no reader takes: the log is read instead.
        writer.write(text: (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "")
    }

    func read<Value: Decodable>(_ type: Value.Type, _ reader: inout StateReader, _ field: StaticString) throws(StateError) -> Value {
        let text = try reader.text(field)
        guard let value = try? decoder.decode(type, from: Data(text.utf8)) else { throw reader.outOfRange(field) }
        return value
    }
}

extension NotificationRouter.Tenant {
    fileprivate func encode(into writer: inout StateWriter, _ json: JSONState) {
        writer.write(count: routes.count)
        for route in routes { json.write(route, into: &writer) }
        writer.write(count: followed.count)
        for (subject, state) in followed.sorted(by: { $0.key < $1.key }) {
            subject.encode(into: &writer)
            state.encode(into: &writer, json)
        }
        writer.write(count: over.count)
        for subject in over { subject.encode(into: &writer) }
        writer.write(count: sites.count)
        for (site, facts) in sites.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.write(site.rawValue)
            writer.write(facts.name)
            writer.write(facts.region)
            writer.write(facts.operators)
        }
    }

    fileprivate init(decoding reader: inout StateReader, _ json: JSONState) throws(StateError) {
        self.init()
        for _ in 0..<(try reader.count("router.routes")) { routes.append(try json.read(NotificationRoute.self, &reader, "router.route")) }
        for _ in 0..<(try reader.count("router.followed")) {
            let subject = try NotificationRouter.Subject(decoding: &reader)
            followed[subject] = try Followed(decoding: &reader, json)
        }
        for _ in 0..<(try reader.count("router.over")) { over.append(try NotificationRouter.Subject(decoding: &reader)) }
        for _ in 0..<(try reader.count("router.sites")) {
            let site = SiteID(try reader.name("router.site"))
            let name = try reader.name("router.site.name")
            let region = try reader.optionalName("router.site.region")
            sites[site] = .init(name: name, region: region, operators: try reader.names("router.site.operators"))
        }
    }
}

extension NotificationRouter.Subject {
    fileprivate static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.incident(let left), .incident(let right)): left < right
        case (.alarm(let left), .alarm(let right)): left < right
        case (.incident, .alarm): true
        case (.alarm, .incident): false
        }
    }

    fileprivate func encode(into writer: inout StateWriter) {
        switch self {
        case .incident(let id):
            writer.write(true)
            writer.write(id)
        case .alarm(let name):
            writer.write(false)
            writer.write(name)
        }
    }

    fileprivate init(decoding reader: inout StateReader) throws(StateError) {
        self = try reader.flag("router.subject") ? .incident(try reader.id("router.subject")) : .alarm(try reader.name("router.subject"))
    }
}

extension Followed {
    fileprivate func encode(into writer: inout StateWriter, _ json: JSONState) {
        switch thing {
        case .incident(let state):
            writer.write(true)
            json.write(state, into: &writer)
        case .alarm(let alarm):
            writer.write(false)
            alarm.encode(into: &writer)
        }
        writer.write(newest)
        writer.write(isHistory)
        writer.write(count: told.count)
        for (route, told) in told.sorted(by: { $0.key < $1.key }) {
            writer.write(route)
            told.encode(into: &writer)
        }
    }

    fileprivate init(decoding reader: inout StateReader, _ json: JSONState) throws(StateError) {
        let thing: Thing =
            try reader.flag("followed.thing")
            ? .incident(try json.read(IncidentState.self, &reader, "followed.incident")) : .alarm(try Alarm(decoding: &reader))
        self.init(thing: thing, newest: try reader.id("followed.newest"))
        isHistory = try reader.flag("followed.is_history")
        for _ in 0..<(try reader.count("followed.told")) {
            let route = try reader.id("followed.route")
            told[route] = try Told(decoding: &reader)
        }
    }
}

extension Followed.Told {
    fileprivate func encode(into writer: inout StateWriter) {
        writer.write(count: lastAt.count)
        for (kind, at) in lastAt.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.write(kind.rawValue)
            writer.write(at)
        }
        writer.write(count: held.count)
        for (kind, count) in held.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.write(kind.rawValue)
            writer.write(count)
        }
        writer.write(newest)
        writer.write(round)
    }

    fileprivate init(decoding reader: inout StateReader) throws(StateError) {
        self.init()
        for _ in 0..<(try reader.count("told.last")) {
            let kind = try reader.named(NotificationKind.self, "told.kind")
            lastAt[kind] = try reader.timestamp("told.last")
        }
        for _ in 0..<(try reader.count("told.held")) {
            let kind = try reader.named(NotificationKind.self, "told.kind")
            held[kind] = try reader.int("told.held")
        }
        newest = try reader.optionalID("told.newest")
        round = try reader.int("told.round")
    }
}

extension TimerQueue.Timer {
    fileprivate func encode(into writer: inout StateWriter) {
        writer.write(at)
        writer.write(tenant.rawValue)
        subject.encode(into: &writer)
        writer.write(route)
        switch kind {
        case .held(let kind):
            writer.write(true)
            writer.write(kind.rawValue)
        case .step(let step, let round):
            writer.write(false)
            writer.write(step)
            writer.write(round)
        }
    }

    fileprivate init(decoding reader: inout StateReader) throws(StateError) {
        at = try reader.timestamp("timer.at")
        tenant = TenantID(try reader.name("timer.tenant"))
        subject = try NotificationRouter.Subject(decoding: &reader)
        route = try reader.id("timer.route")
        if try reader.flag("timer.kind") {
            kind = .held(try reader.named(NotificationKind.self, "timer.kind"))
        } else {
            let step = try reader.int("timer.step")
            kind = .step(step, round: try reader.int("timer.round"))
        }
    }
}

extension NotificationDelivery {
    fileprivate func encode(into writer: inout StateWriter, _ json: JSONState) {
        writer.write(deliveryID)
        writer.write(tenantID.rawValue)
        writer.write(routeID)
        writer.write(routeName)
        writer.write(kind.rawValue)
        writer.write(step)
        json.write(target, into: &writer)
        writer.write(incidentID)
        writer.write(alarmID)
        writer.write(siteID?.rawValue)
        writer.write(causeIDs)
        writer.write(decidedAt)
        writer.write(folded)
        writer.write(number)
        writer.write(traceparent)
        writer.write(text: message.subject)
        writer.write(text: message.text)
        writer.write(text: String(decoding: message.json, as: UTF8.self))
    }

    fileprivate init(decoding reader: inout StateReader, _ json: JSONState) throws(StateError) {
        let deliveryID = try reader.id("delivery.id")
        let tenant = TenantID(try reader.name("delivery.tenant"))
        let routeID = try reader.id("delivery.route")
        let routeName = try reader.name("delivery.route_name")
        let kind = try reader.named(NotificationKind.self, "delivery.kind")
        let step = try reader.int("delivery.step")
        let target = try json.read(NotificationTarget.self, &reader, "delivery.target")
        let incidentID = try reader.optionalID("delivery.incident")
        let alarmID = try reader.optionalID("delivery.alarm")
        let siteID = try reader.optionalName("delivery.site").map { SiteID($0) }
        let causeIDs = try reader.ids("delivery.causes")
        let decidedAt = try reader.timestamp("delivery.decided_at")
        let folded = try reader.int("delivery.folded")
        let number = try reader.int("delivery.number")
        let traceparent = try reader.optionalName("delivery.traceparent")
        let subject = try reader.text("delivery.subject")
        let text = try reader.text("delivery.text")
        let message = NotificationMessage(subject: subject, text: text, json: Array(try reader.text("delivery.json").utf8))
        self.init(
            deliveryID: deliveryID, tenantID: tenant, routeID: routeID, routeName: routeName, kind: kind, step: step, target: target,
            incidentID: incidentID, alarmID: alarmID, siteID: siteID, causeIDs: causeIDs, decidedAt: decidedAt, folded: folded,
            message: message)
        self.number = number
        self.traceparent = traceparent
    }
}
