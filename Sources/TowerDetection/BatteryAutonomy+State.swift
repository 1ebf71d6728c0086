public import TowerModel

extension BatteryAutonomy {
    /// What it has learned. The settings are those of the program; the healths that are carried side by side never change.
    public func encode(into writer: inout StateWriter) {
        writer.write(ratedAmpHours)
        writer.write(ratedLoadWatts)
        writer.write(curve.isLithium)
        writer.write(newest)
        writer.write(currentAt, near: newest)
        writer.write(dischargeAmps)
        writer.write(busVolts)
        writer.write(temperature)
        writer.write(isFirstOpen)
        writer.write(reportedHealth)
        writer.write(firstVolts)
        writer.write(isFirstKnown)
        writer.write(keptShare)
        writer.write(ampsBefore)
        for number in fall.numbers { writer.write(number) }
        for hypothesis in hypotheses {
            for number in [hypothesis.depth, hypothesis.logWeight, hypothesis.offset, hypothesis.offsetVariance] { writer.write(number) }
        }
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        let ampHours = try reader.double("autonomy.ah")
        let watts = try reader.double("autonomy.watts")
        self.init(
            rated: ampHours, loadWatts: watts, isLithium: try reader.flag("autonomy.is_lithium"))
        newest = try reader.timestamp("autonomy.newest")
        currentAt = try reader.timestamp("autonomy.current_at", near: newest)
        dischargeAmps = try reader.optionalDouble("autonomy.discharge")
        busVolts = try reader.optionalDouble("autonomy.bus")
        temperature = try reader.double("autonomy.temperature")
        isFirstOpen = try reader.flag("autonomy.is_first_open")
        reportedHealth = try reader.optionalDouble("autonomy.reported_health")
        firstVolts = try reader.double("autonomy.first_volts")
        isFirstKnown = try reader.flag("autonomy.is_first_known")
        keptShare = try reader.double("autonomy.kept_share")
        ampsBefore = try reader.optionalDouble("autonomy.amps_before")
        var numbers: [Double] = []
        for _ in fall.numbers { numbers.append(try reader.double("autonomy.fall")) }
        fall = VoltageFall(numbers)
        for index in hypotheses.indices {
            hypotheses[index].depth = try reader.double("autonomy.depth")
            hypotheses[index].logWeight = try reader.double("autonomy.weight")
            hypotheses[index].offset = try reader.double("autonomy.offset")
            hypotheses[index].offsetVariance = try reader.double("autonomy.offset_variance")
        }
    }
}
