import TowerForecast
import TowerModel

/// The watches of one site: pure functions over its telemetry, each with a memory of a few numbers.
struct SiteWatch: Sendable {
    static let cellsMax = 24
    static let stringsMax = 8

    var transfer = TransferWatch()
    var heat = HeatWatch()
    var light = LightWatch()
    var solar = SolarWatch()
    var fuel = FuelLedger()
    var losses = LossBook()
    var outlook = SiteOutlook()
    var wear = WearLine()
    var fuelSensor = SensorWatch()
    var shelterSensor = SensorWatch()
    var resistance = ResistanceWatch()
    var discharge = DischargeBook()
    /// State of health by the last test, 0...1.
    var health = 1.0
    var strings: [(name: UInt64, watch: FloatWatch)] = []
    var cells: [TrafficWatch] = []
    /// What covers work at the site until when, and the notice that said so.
    var permitUntil = Timestamp.distantPast
    var permitEvent = EventID(high: 0, low: 0)
    var lastOutside = Double.nan
    /// Tilt when it was first measured, degrees.
    var firstTilt = Double.nan
    /// What the generator's counters said last, hours and kWh, and when.
    var runHours = Double.nan
    var kilowattHours = Double.nan
    var generatorAt = Timestamp.distantPast
    /// Modules that the rectifier has, readings in a row that counted fewer, and when it last counted all.
    var modules = 0.0
    var modulesShort = 0
    var modulesFullAt = Timestamp.distantPast
    /// The generator says the contrary of its own meters: samples in a row.
    var contradictions = 0

    /// The string's place, made when there is room.
    mutating func stringIndex(_ name: UInt64) -> Int? {
        for index in strings.indices where strings[index].name == name { return index }
        guard strings.count < Self.stringsMax else { return nil }
        strings.append((name, FloatWatch()))
        return strings.count - 1
    }

    /// Mean current of the other strings that are there, A; not a number without any.
    func neighbours(of index: Int) -> Double {
        var sum = 0.0
        var count = 0.0
        for number in strings.indices where number != index && strings[number].watch.isMissing == 0 {
            sum += strings[number].watch.lastAmps
            count += 1
        }
        return count > 0 ? sum / count : .nan
    }

    /// The cell's place, made when there is room.
    mutating func cellIndex(_ high: Double, _ low: Double) -> Int? {
        for index in cells.indices where cells[index].nameLow == low && cells[index].nameHigh == high { return index }
        guard cells.count < Self.cellsMax else { return nil }
        var fresh = TrafficWatch()
        fresh.nameHigh = high
        fresh.nameLow = low
        cells.append(fresh)
        return cells.count - 1
    }

    /// The best share of their own usual traffic that the other cells have now.
    func bestShare(beside index: Int) -> Double? {
        var best: Double?
        for number in cells.indices where number != index && cells[number].samples > 6 && cells[number].usual >= 40 {
            best = max(best ?? 0, cells[number].share)
        }
        return best
    }

    private static func write(_ watch: some WatchState, _ writer: inout StateWriter) {
        let numbers = watch.numbers
        writer.write(count: numbers.count)
        for number in numbers { writer.write(number) }
    }

    private static func read<Watch: WatchState>(_ reader: inout StateReader, _ type: Watch.Type) throws(StateError) -> Watch {
        var numbers: [Double] = []
        for _ in 0..<(try reader.count("watch")) { numbers.append(try reader.double("watch")) }
        guard let watch = Watch(numbers: numbers) else { throw reader.outOfRange("watch") }
        return watch
    }

    func encode(into writer: inout StateWriter) {
        Self.write(transfer, &writer)
        Self.write(heat, &writer)
        Self.write(light, &writer)
        Self.write(solar, &writer)
        Self.write(fuel, &writer)
        Self.write(losses, &writer)
        Self.write(outlook, &writer)
        for number in wear.numbers { writer.write(number) }
        Self.write(fuelSensor, &writer)
        Self.write(shelterSensor, &writer)
        Self.write(resistance, &writer)
        Self.write(discharge, &writer)
        writer.write(count: strings.count)
        for string in strings {
            writer.write(fixed: string.name)
            Self.write(string.watch, &writer)
        }
        writer.write(count: cells.count)
        for cell in cells { Self.write(cell, &writer) }
        for instant in [permitUntil, generatorAt, modulesFullAt] { writer.write(instant) }
        writer.write(permitEvent)
        for number in [lastOutside, firstTilt, runHours, kilowattHours, health, modules] { writer.write(number) }
        writer.write(contradictions)
        writer.write(modulesShort)
    }

    init() {}

    init(decoding reader: inout StateReader) throws(StateError) {
        transfer = try Self.read(&reader, TransferWatch.self)
        heat = try Self.read(&reader, HeatWatch.self)
        light = try Self.read(&reader, LightWatch.self)
        solar = try Self.read(&reader, SolarWatch.self)
        fuel = try Self.read(&reader, FuelLedger.self)
        losses = try Self.read(&reader, LossBook.self)
        outlook = try Self.read(&reader, SiteOutlook.self)
        var worn: [Double] = []
        for _ in wear.numbers { worn.append(try reader.double("watch.wear")) }
        guard let wear = WearLine(numbers: worn) else { throw reader.outOfRange("watch.wear") }
        self.wear = wear
        fuelSensor = try Self.read(&reader, SensorWatch.self)
        shelterSensor = try Self.read(&reader, SensorWatch.self)
        resistance = try Self.read(&reader, ResistanceWatch.self)
        discharge = try Self.read(&reader, DischargeBook.self)
        for _ in 0..<(try reader.count("watch.strings", each: 9)) {
            let name = try reader.fixed64("watch.string")
            strings.append((name, try Self.read(&reader, FloatWatch.self)))
        }
        for _ in 0..<(try reader.count("watch.cells")) { cells.append(try Self.read(&reader, TrafficWatch.self)) }
        permitUntil = try reader.timestamp("watch.permit_until")
        generatorAt = try reader.timestamp("watch.generator_at")
        modulesFullAt = try reader.timestamp("watch.modules_full_at")
        permitEvent = try reader.id("watch.permit")
        lastOutside = try reader.double("watch.outside")
        firstTilt = try reader.double("watch.tilt")
        runHours = try reader.double("watch.run_hours")
        kilowattHours = try reader.double("watch.kilowatt_hours")
        health = try reader.double("watch.health")
        modules = try reader.double("watch.modules")
        contradictions = try reader.int("watch.contradictions")
        modulesShort = try reader.int("watch.modules_short")
    }
}
