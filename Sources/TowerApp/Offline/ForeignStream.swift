import Foundation
import TowerLearning
import TowerModel

/// Events of streams that no template knows, collected per tenant: links, raises, incidents to explain.
struct ForeignStream {
    struct Alarm {
        var type: String
        var device: String
        var at: Timestamp
    }

    struct Incident {
        var id: String
        var at: Timestamp
        var alarms: [Alarm]
        /// The component and the metric that are wrong, when the incident is about samples.
        var component: String
        var metric: Symbol?
    }

    struct Raise {
        var at: Timestamp
        var type: Int32
        var device: Int32
    }

    struct Tenant {
        var types = Names()
        var devices = Names()
        var links: [(Int32, Int32)] = []
        var raises: [Raise] = []
        var incidents: [Incident] = []
        var samples = ForeignSamples()
    }

    struct Names {
        private(set) var names: [String] = []
        private var numbers: [String: Int32] = [:]
        mutating func number(_ name: String) -> Int32 {
            if let known = numbers[name] { return known }
            numbers[name] = Int32(names.count)
            names.append(name)
            return Int32(names.count - 1)
        }
    }

    /// What a job has to bound, said to a person.
    struct Problem: Error, CustomStringConvertible {
        var description: String
    }

    private struct Keys {
        var raised, link, opened, sample: Symbol
        var a, b, from, to, alarmType, deviceID, phase: Symbol
    }

    private(set) var tenants: [String: Tenant] = [:]
    private let symbols: SymbolTable
    private let keys: Keys

    init(symbols: SymbolTable) {
        self.symbols = symbols
        keys = Keys(
            raised: symbols.intern("alarm.raised"), link: symbols.intern("topology.link"), opened: symbols.intern("incident.opened"),
            sample: symbols.intern("telemetry.sample"),
            a: symbols.intern("a"), b: symbols.intern("b"), from: symbols.intern("from"), to: symbols.intern("to"),
            alarmType: symbols.intern("alarm_type"), deviceID: symbols.intern("device_id"),
            phase: symbols.intern("phase"))
    }

    mutating func take(_ batch: EventBatch, maximumRaises: Int) throws {
        for event in 0..<batch.count {
            let type = batch.types[event]
            guard type == keys.raised || type == keys.link || type == keys.opened || type == keys.sample else { continue }
            let tenant = symbols.name(batch.tenants[event])
            if type == keys.raised {
                guard let alarm = batch.string(keys.alarmType, of: event), !alarm.isEmpty else { continue }
                let device = batch.string(keys.deviceID, of: event) ?? symbols.name(batch.sites[event])
                guard tenants[tenant]?.raises.count ?? 0 < maximumRaises else {
                    throw Problem(
                        description: "Learning from the alarms of \(tenant) stopped at \(grouped(maximumRaises)) raises, its bound; "
                            + "cut the file by time and run again")
                }
                tenants[tenant, default: Tenant()].take(alarm, device, at: batch.timestamps[event])
            } else if type == keys.link {
                guard let a = batch.string(keys.a, of: event) ?? batch.string(keys.from, of: event),
                    let b = batch.string(keys.b, of: event) ?? batch.string(keys.to, of: event), a != b
                else { continue }
                tenants[tenant, default: Tenant()].link(a, b)
                if batch.field(keys.from, of: event) != nil {
                    tenants[tenant]?.samples.dependencies.insert(.init(from: a, to: b))
                }
            } else if type == keys.sample {
                try takeSamples(batch, event, tenant)
            } else if let incident = incident(batch, event) {
                tenants[tenant, default: Tenant()].incidents.append(incident)
            }
        }
    }

    private struct OpenedLine: Decodable {
        struct Payload: Decodable {
            struct Alarm: Decodable {
                var alarm_type: String
                var device_id: String
                var timestamp: String
            }
            var incident_id: String
            var alarms: [Alarm]?
            var metric: String?
            var statistic: String?
        }
        var payload: Payload
    }

    private func incident(_ batch: EventBatch, _ event: Int) -> Incident? {
        guard let line = try? JSONDecoder().decode(OpenedLine.self, from: Data(batch.value(event))) else { return nil }
        let alarms = (line.payload.alarms ?? []).compactMap { alarm in
            var text = alarm.timestamp
            let at = text.withUTF8 { Timestamp.parse(UnsafeRawBufferPointer($0)) }
            return at.map { Alarm(type: alarm.alarm_type, device: alarm.device_id, at: $0) }
        }
        let metric = line.payload.metric.map { symbols.intern("metrics." + ([$0] + [line.payload.statistic].compactMap { $0 }).joined(separator: ".")) }
        return Incident(
            id: line.payload.incident_id, at: max(batch.timestamps[event], alarms.map(\.at).max() ?? .distantPast), alarms: alarms,
            component: symbols.name(batch.sites[event]), metric: metric)
    }

    /// Every number under `metrics` is a series of its own.
    private mutating func takeSamples(_ batch: EventBatch, _ event: Int, _ tenant: String) throws {
        let phase: ForeignSamples.Phase =
            switch batch.string(keys.phase, of: event) {
            case "baseline": .baseline
            case "incident": .incident
            default: .unsaid
            }
        let component = symbols.name(batch.sites[event])
        for index in batch.fieldRange(event) {
            let field = batch.fields[index]
            guard field.kind == .number, symbols.name(field.key).hasPrefix("metrics.") else { continue }
            let isKept = tenants[tenant, default: Tenant()].samples.take(
                field.number, of: field.key, on: component, at: batch.timestamps[event], phase: phase)
            guard isKept else {
                throw Problem(
                    description: "Reading the samples of \(tenant) stopped at \(grouped(ForeignSamples.maximumValues)) values, their bound; "
                        + "leave out metrics that no incident is about and run again")
            }
        }
    }
}

extension ForeignStream.Tenant {
    mutating func take(_ type: String, _ device: String, at: Timestamp) {
        raises.append(.init(at: at, type: types.number(type), device: devices.number(device)))
    }

    mutating func link(_ a: String, _ b: String) { links.append((devices.number(a), devices.number(b))) }
}

extension ForeignStream {
    /// A tenant's raises in order of time, everything numbered in order of name.
    struct History {
        typealias Raise = ForeignStream.Raise
        var typeNames: [String]
        var deviceNames: [String]
        var raises: [Raise]
        var configuration: LearningConfiguration
        private var neighboursOf: [[Int32]]
        private var typeNumbers: [String: Int32]
        private var deviceNumbers: [String: Int32]

        init(_ tenant: Tenant) {
            var types = Set(tenant.types.names)
            var devices = Set(tenant.devices.names)
            for alarm in tenant.incidents.flatMap(\.alarms) {
                types.insert(alarm.type)
                devices.insert(alarm.device)
            }
            // Types with raises come first: a bound must not fall on them because of a name in an incident.
            typeNames = tenant.types.names.sorted() + types.subtracting(tenant.types.names).sorted()
            deviceNames = tenant.devices.names.sorted() + devices.subtracting(tenant.devices.names).sorted()
            let typeOf = Dictionary(uniqueKeysWithValues: typeNames.enumerated().map { ($1, Int32($0)) })
            let deviceOf = Dictionary(uniqueKeysWithValues: deviceNames.enumerated().map { ($1, Int32($0)) })
            let typeMap = tenant.types.names.map { typeOf[$0] ?? 0 }
            let deviceMap = tenant.devices.names.map { deviceOf[$0] ?? 0 }
            raises = tenant.raises.map { Raise(at: $0.at, type: typeMap[Int($0.type)], device: deviceMap[Int($0.device)]) }
            raises.sort { ($0.at, $0.type, $0.device) < ($1.at, $1.type, $1.device) }
            var linked = [Set<Int32>](repeating: [], count: deviceNames.count)
            for (a, b) in tenant.links {
                let (one, other) = (deviceMap[Int(a)], deviceMap[Int(b)])
                linked[Int(one)].insert(other)
                linked[Int(other)].insert(one)
            }
            neighboursOf = linked.map { $0.sorted() }
            (typeNumbers, deviceNumbers) = (typeOf, deviceOf)
            configuration = LearningConfiguration()
            configuration.lateness = 0
            configuration.maximumRaises = max(1, raises.count)
        }

        func neighbours(_ device: Int32) -> [Int32] { neighboursOf[Int(device)] }

        /// Alarms in order of time; of those of one instant the order of the incident stays.
        func numbered(_ alarms: [Alarm]) -> [Raise] {
            alarms.map { Raise(at: $0.at, type: typeNumbers[$0.type] ?? 0, device: deviceNumbers[$0.device] ?? 0) }
                .enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        }
    }
}

extension ForeignStream.Tenant {
    func history() -> ForeignStream.History { ForeignStream.History(self) }
}
