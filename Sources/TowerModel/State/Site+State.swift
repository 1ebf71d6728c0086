extension Site {
    public func encode(into writer: inout StateWriter) {
        writer.write(siteID.rawValue)
        writer.write(tenantID.rawValue)
        writer.write(name)
        writer.write(latitude)
        writer.write(longitude)
        writer.write(region)
        writer.write(timezone)
        writer.write(operators)
        writer.write(gridClass)
        writer.write(feederID)
        writer.write(isHub)
        writer.write(loadKilowatts)
        writer.write(battery != nil)
        if let battery {
            writer.write(battery.strings)
            writer.write(battery.ampHours)
            writer.write(battery.chemistry)
            writer.write(battery.installed)
        }
        writer.write(generator != nil)
        if let generator {
            writer.write(generator.kva)
            writer.write(generator.tankLitres)
        }
        writer.write(solarKilowattsPeak)
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        siteID = SiteID(try reader.name("site.id"))
        tenantID = TenantID(try reader.name("site.tenant"))
        name = try reader.name("site.name")
        latitude = try reader.optionalDouble("site.lat")
        longitude = try reader.optionalDouble("site.lon")
        region = try reader.optionalName("site.region")
        timezone = try reader.optionalName("site.timezone")
        operators = try reader.names("site.operators")
        gridClass = try reader.optionalName("site.grid_class")
        feederID = try reader.optionalName("site.feeder")
        isHub = try reader.flag("site.is_hub")
        loadKilowatts = try reader.optionalDouble("site.load_kw")
        battery = nil
        if try reader.flag("site.battery") {
            let strings = try reader.int("site.battery.strings")
            let ampHours = try reader.double("site.battery.ah")
            let chemistry = try reader.name("site.battery.chemistry")
            battery = Battery(
                strings: strings, ampHours: ampHours, chemistry: chemistry, installed: try reader.optionalName("site.battery.installed"))
        }
        generator = nil
        if try reader.flag("site.dg") {
            let kva = try reader.double("site.dg.kva")
            generator = Generator(kva: kva, tankLitres: try reader.double("site.dg.tank_l"))
        }
        solarKilowattsPeak = try reader.optionalDouble("site.solar_kwp")
    }
}

extension AutonomyForecast {
    public func encode(into writer: inout StateWriter) {
        writer.write(siteID.rawValue)
        writer.write(at)
        writer.write(minutesP10)
        writer.write(minutesP50)
        writer.write(minutesP90)
        writer.write(endsWith)
        writer.write(busVolts)
        writer.write(batteryAmps)
        writer.write(stateOfCharge)
        writer.write(eventIDs)
        for number in [secondP10, secondP50, secondP90] { writer.write(number) }
    }

    public init(decoding reader: inout StateReader) throws(StateError) {
        siteID = SiteID(try reader.name("forecast.site"))
        at = try reader.timestamp("forecast.at")
        minutesP10 = try reader.double("forecast.p10")
        minutesP50 = try reader.double("forecast.p50")
        minutesP90 = try reader.double("forecast.p90")
        endsWith = try reader.name("forecast.ends_with")
        busVolts = try reader.optionalDouble("forecast.bus_volts")
        batteryAmps = try reader.optionalDouble("forecast.battery_amps")
        stateOfCharge = try reader.optionalDouble("forecast.state_of_charge")
        eventIDs = try reader.ids("forecast.events")
        secondP10 = try reader.optionalDouble("forecast.second_p10")
        secondP50 = try reader.optionalDouble("forecast.second_p50")
        secondP90 = try reader.optionalDouble("forecast.second_p90")
    }
}
