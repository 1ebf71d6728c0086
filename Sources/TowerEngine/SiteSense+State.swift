import TowerDetection
import TowerModel

extension Tristate {
    func encode(into writer: inout StateWriter, near now: Timestamp) {
        writer.write(byte: UInt8(bitPattern: state))
        writer.write(since, near: now)
        writer.write(lastAt, near: now)
        writer.write(contraryAt, near: now)
    }

    init(decoding reader: inout StateReader, near now: Timestamp) throws(StateError) {
        self.init()
        state = Int8(bitPattern: try reader.byte("sense.state"))
        since = try reader.timestamp("sense.since", near: now)
        lastAt = try reader.timestamp("sense.last_at", near: now)
        contraryAt = try reader.timestamp("sense.contrary_at", near: now)
        guard (-1...1).contains(state) else { throw reader.outOfRange("sense.state") }
    }
}

extension SiteSense {
    func encode(into writer: inout StateWriter, near now: Timestamp) {
        grid.encode(into: &writer, near: now)
        discharging.encode(into: &writer, near: now)
        generator.encode(into: &writer, near: now)
        rectifier.encode(into: &writer, near: now)
        lowVoltage.encode(into: &writer, near: now)
        fuelEmpty.encode(into: &writer, near: now)
        fuelLow.encode(into: &writer, near: now)
        for number in [busVolts, amps, charge, temperature, usualGap, generatorKilowatts, restCharge] { writer.write(number) }
        for instant in [busAt, ampsAt, lastHeard, heardSince, generatorRanAt, lastForecastAt] { writer.write(instant, near: now) }
        for id in [dischargeEvent, lastHeardEvent, stoppedOnLoadEvent] { writer.write(id) }
        writer.write(heard)
        writer.write(isWatched)
        writer.write(isSilent)
        writer.write(optional: stoppedOnLoadAt, near: now)
        writer.write(autonomy != nil)
        autonomy?.encode(into: &writer)
        writer.write(lastForecast != nil)
        lastForecast?.encode(into: &writer)
    }

    init(decoding reader: inout StateReader, near now: Timestamp) throws(StateError) {
        self.init()
        grid = try Tristate(decoding: &reader, near: now)
        discharging = try Tristate(decoding: &reader, near: now)
        generator = try Tristate(decoding: &reader, near: now)
        rectifier = try Tristate(decoding: &reader, near: now)
        lowVoltage = try Tristate(decoding: &reader, near: now)
        fuelEmpty = try Tristate(decoding: &reader, near: now)
        fuelLow = try Tristate(decoding: &reader, near: now)
        busVolts = try reader.double("sense.bus_volts")
        amps = try reader.double("sense.amps")
        charge = try reader.double("sense.charge")
        temperature = try reader.double("sense.temperature")
        usualGap = try reader.double("sense.usual_gap")
        generatorKilowatts = try reader.double("sense.generator_kw")
        restCharge = try reader.double("sense.rest_charge")
        busAt = try reader.timestamp("sense.bus_at", near: now)
        ampsAt = try reader.timestamp("sense.amps_at", near: now)
        lastHeard = try reader.timestamp("sense.last_heard", near: now)
        heardSince = try reader.timestamp("sense.heard_since", near: now)
        generatorRanAt = try reader.timestamp("sense.generator_ran_at", near: now)
        lastForecastAt = try reader.timestamp("sense.last_forecast_at", near: now)
        dischargeEvent = try reader.id("sense.discharge_event")
        lastHeardEvent = try reader.id("sense.last_heard_event")
        stoppedOnLoadEvent = try reader.id("sense.stopped_event")
        heard = try reader.int("sense.heard")
        isWatched = try reader.flag("sense.is_watched")
        isSilent = try reader.flag("sense.is_silent")
        stoppedOnLoadAt = try reader.optionalTimestamp("sense.stopped_at", near: now)
        autonomy = try reader.flag("sense.autonomy") ? try BatteryAutonomy(decoding: &reader) : nil
        lastForecast = try reader.flag("sense.forecast") ? try AutonomyForecast(decoding: &reader) : nil
    }
}

extension LinkSense {
    func encode(into writer: inout StateWriter, near now: Timestamp) {
        writer.write(baseline)
        writer.write(samples)
        fading.encode(into: &writer, near: now)
        writer.write(deepest)
        for number in step.numbers { writer.write(number) }
    }

    init(decoding reader: inout StateReader, near now: Timestamp) throws(StateError) {
        self.init()
        baseline = try reader.double("link_sense.baseline")
        samples = try reader.int("link_sense.samples")
        fading = try Tristate(decoding: &reader, near: now)
        deepest = try reader.double("link_sense.deepest")
        var numbers: [Double] = []
        for _ in step.numbers { numbers.append(try reader.double("link_sense.step")) }
        guard let step = StepWatch(numbers: numbers) else { throw reader.outOfRange("link_sense.step") }
        self.step = step
    }
}
