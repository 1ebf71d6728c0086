import TowerDetection
import TowerModel

/// Groups of sensors whose fault-free state is known, by site and device.
struct WanderGroups: Sendable {
    struct Key: Hashable, Sendable {
        var site: Int32
        /// Hash of what names the device in the payload; 0 where nothing does.
        var instance: UInt64
    }

    struct Group: Sendable {
        var detector: WanderDetector
        /// By the number of the sensor.
        var sensors: [String] = []
        /// The same as symbols of the present table; empty until they are looked up.
        var symbols: [Int32] = []
        var managedObject: String
        var alarmType: String
        /// Newest row taken.
        var lastAt = Timestamp.distantPast
        /// The stretch that is anomalous now, told as an alarm or not.
        var stretch: Stretch?
    }

    struct Stretch: Sendable {
        var at: Timestamp
        var endAt: Timestamp
        var eventID: EventID
        var distance: Double
        /// Name of the sensor that was farthest.
        var sensor: String
        var isTold: Bool
    }

    var groups: [Group] = []
    var keys: [Key] = []
    var numberOfKey: [Key: Int] = [:]
    /// Groups beyond the bound.
    var refused = 0

    mutating func add(_ group: Group, _ key: Key) -> Int {
        groups.append(group)
        keys.append(key)
        numberOfKey[key] = groups.count - 1
        return groups.count - 1
    }

    /// Another symbol table follows.
    mutating func forgetSymbols() {
        for number in groups.indices { groups[number].symbols = [] }
    }

    // MARK: State

    func encode(into writer: inout StateWriter, near now: Timestamp) {
        writer.write(refused)
        writer.write(count: groups.count)
        for (key, group) in zip(keys, groups) {
            writer.write(key.site)
            writer.write(fixed: key.instance)
            writer.write(group.managedObject)
            writer.write(group.alarmType)
            writer.write(group.sensors)
            writer.write(group.lastAt, near: now)
            group.detector.encode(into: &writer)
            writer.write(group.stretch != nil)
            guard let stretch = group.stretch else { continue }
            writer.write(stretch.at, near: now)
            writer.write(stretch.endAt, near: now)
            writer.write(stretch.eventID)
            writer.write(stretch.distance)
            writer.write(stretch.sensor)
            writer.write(stretch.isTold)
        }
    }

    init() {}

    init(
        decoding reader: inout StateReader, near now: Timestamp, sites: Int, configuration: EngineConfiguration
    ) throws(StateError) {
        refused = try reader.int("wander.refused")
        let count = try reader.count("wander.groups", each: 20)
        guard count <= configuration.maximumWanderGroups else { throw reader.outOfRange("wander.groups") }
        for _ in 0..<count {
            let key = Key(site: try reader.index("wander.site", below: sites), instance: try reader.fixed64("wander.instance"))
            let object = try reader.name("wander.object")
            let type = try reader.name("wander.type")
            let sensors = try reader.names("wander.sensors")
            let lastAt = try reader.timestamp("wander.last_at", near: now)
            let detector = try WanderDetector(decoding: &reader, configuration: configuration.wander)
            guard detector.sensorCount == sensors.count else { throw reader.outOfRange("wander.sensors") }
            var group = Group(detector: detector, sensors: sensors, managedObject: object, alarmType: type, lastAt: lastAt)
            if try reader.flag("wander.stretch") {
                group.stretch = Stretch(
                    at: try reader.timestamp("wander.at", near: now), endAt: try reader.timestamp("wander.end_at", near: now),
                    eventID: try reader.id("wander.event"), distance: try reader.double("wander.distance"),
                    sensor: try reader.name("wander.sensor"), isTold: try reader.flag("wander.told"))
            }
            _ = add(group, key)
        }
        guard numberOfKey.count == groups.count else { throw reader.outOfRange("wander.groups") }
    }
}
