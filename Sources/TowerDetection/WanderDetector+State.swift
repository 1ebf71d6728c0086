public import TowerModel

extension WanderDetector {
    public func encode(into writer: inout StateWriter) {
        writer.write(count: elapsed)
        writer.write(isAnomalous)
        writer.write(isTrained)
        writer.write(count: sensors.count)
        for sensor in sensors {
            for number in [sensor.middle, sensor.deviation, sensor.smoothed, sensor.mean, sensor.wander] { writer.write(number) }
        }
        writer.write(count: rows)
        writer.write(count: columns.count)
        for (column, anchor) in zip(columns, anchors) {
            writer.write(anchor)
            for value in column { writer.write(value) }
        }
    }

    public init(decoding reader: inout StateReader, configuration: WanderConfiguration) throws(StateError) {
        self.init(configuration: configuration)
        elapsed = Int(truncatingIfNeeded: try reader.unsigned("wander.elapsed"))
        isAnomalous = try reader.flag("wander.is_anomalous")
        isTrained = try reader.flag("wander.is_trained")
        let count = try reader.count("wander.sensors", each: 40)
        guard count <= configuration.maximumSensors, elapsed >= 0 else { throw reader.outOfRange("wander.sensors") }
        for _ in 0..<count {
            var sensor = Sensor()
            sensor.middle = try reader.double("wander.middle")
            sensor.deviation = try reader.double("wander.deviation")
            sensor.smoothed = try reader.double("wander.smoothed")
            sensor.mean = try reader.double("wander.mean")
            sensor.wander = try reader.double("wander.wander")
            sensors.append(sensor)
        }
        rows = Int(truncatingIfNeeded: try reader.unsigned("wander.rows"))
        let kept = min(rows, configuration.maximumRows)
        guard rows >= 0 else { throw reader.outOfRange("wander.rows") }
        let gathered = try reader.count("wander.columns", each: 8 + kept * 4)
        guard gathered <= count else { throw reader.outOfRange("wander.columns") }
        for _ in 0..<gathered {
            anchors.append(try reader.double("wander.anchor"))
            var column: [Float] = []
            column.reserveCapacity(kept)
            for _ in 0..<kept { column.append(try reader.float("wander.value")) }
            columns.append(column)
        }
    }
}
