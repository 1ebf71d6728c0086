import TowerModel

/// From a fact to the bytes of an envelope, and to the truth about it.
extension World {
    mutating func nextEventID() -> EventID {
        // Version 4, variant 10: nothing in an id says what caused it.
        let high = ids.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = ids.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return EventID(high: high, low: low)
    }

    /// Writes the envelope up to and including `"payload":{`.
    mutating func open(_ type: StaticString, site: Int, id: EventID, milliseconds: Int64) {
        writer.reset()
        writer.raw("{\"event_id\":\"")
        writer.append(id)
        writer.raw("\",\"event_type\":\"")
        writer.raw(type)
        writer.raw(prefixes[site])
        clockText.append(milliseconds, to: &writer.bytes)
        writer.raw("\",\"version\":\"1.0\",\"payload\":")
        writer.beginObject()
    }

    mutating func close(site: Int, producer: AlarmType.Producer) {
        writer.endObject()
        sequence[site] += 1
        writer.raw(",\"metadata\":{\"producer\":\"")
        writer.raw(producer.name)
        writer.raw("\",\"seq\":")
        writer.bareInteger(sequence[site])
        writer.raw("}}")
    }

    /// Writes one alarm or notice, notes it in the fault's truth, and hands it to the channel.
    @discardableResult
    mutating func emitAlarm(
        _ site: Int, _ type: AlarmType, _ change: AlarmChange, fault: Int32, causes: (EventReference?, EventReference?),
        severity: StaticString? = nil, fields: (inout JSONWriter) -> Void
    ) -> EventReference {
        let reference = writeAlarm(site, type, change, fault: fault, at: nowMilliseconds, severity: severity, fields: fields)
        if fault >= 0, change == .raised {
            for cause in [causes.0, causes.1] {
                guard let cause else { continue }
                faults[Int(fault)].truth.edges.append(
                    FaultTruth.Edge(
                        causeEventID: cause.eventID, effectEventID: reference.eventID,
                        delaySeconds: Double(reference.milliseconds - cause.milliseconds) / 1000))
            }
        }
        if change == .raised, !type.isNotice, let bounces = channel.bounces() {
            // Chatter: the contact opens and closes again before it settles in the raised state.
            var at = nowMilliseconds
            for gap in bounces {
                at += gap
                _ = writeAlarm(site, type, .cleared, fault: fault, at: at, severity: severity, fields: fields)
                at += gap
                _ = writeAlarm(site, type, .raised, fault: fault, at: at, severity: severity, fields: fields)
            }
        }
        return reference
    }

    private mutating func writeAlarm(
        _ site: Int, _ type: AlarmType, _ change: AlarmChange, fault: Int32, at milliseconds: Int64, severity: StaticString?,
        fields: (inout JSONWriter) -> Void
    ) -> EventReference {
        let id = nextEventID()
        let written = type.producer == .controller ? channel.clock(site, milliseconds) : milliseconds
        open(type.name, site: site, id: id, milliseconds: written)
        if !type.isNotice {
            writer.key("state")
            writer.quoted(change.name)
        }
        fields(&writer)
        if !type.isNotice {
            writer.key("alarm")
            writer.beginObject()
            writer.key("alarm_type")
            writer.quoted(type.alarmType)
            if type.cause > 0 { writer.field("probable_cause", type.cause) }
            writer.key("perceived_severity")
            writer.quoted(change == .cleared ? "cleared" : severity ?? type.severity)
            writer.endObject()
        }
        close(site: site, producer: type.producer)
        channel.deliver(
            writer.bytes, site: site, kind: .alarm(type.rawValue), producer: type.producer, happened: milliseconds,
            written: written)
        if fault >= 0 { faults[Int(fault)].truth.eventIDs.append(id) }
        return EventReference(eventID: id, milliseconds: milliseconds)
    }

    /// Begins a reading at this instant.
    mutating func openReading(_ type: StaticString, site: Int, producer: AlarmType.Producer) {
        let written = producer == .controller ? channel.clock(site, nowMilliseconds) : nowMilliseconds
        open(type, site: site, id: nextEventID(), milliseconds: written)
    }

    mutating func closeReading(site: Int, producer: AlarmType.Producer) {
        close(site: site, producer: producer)
        let written = producer == .controller ? channel.clock(site, nowMilliseconds) : nowMilliseconds
        channel.deliver(
            writer.bytes, site: site, kind: .telemetry, producer: producer, happened: nowMilliseconds, written: written)
    }

    // MARK: Inventory

    mutating func emitInventory() {
        for site in fleet.sites.indices { emitSite(site) }
        for link in fleet.links.indices { emitLink(link) }
    }

    private mutating func emitSite(_ site: Int) {
        let spec = fleet.sites[site]
        open("inventory.site", site: site, id: nextEventID(), milliseconds: nowMilliseconds)
        writer.field("name", spec.name)
        writer.field("lat", spec.latitude, decimals: 5)
        writer.field("lon", spec.longitude, decimals: 5)
        writer.field("region", spec.region)
        writer.field("timezone", spec.timezone)
        writer.field("operators", spec.operators)
        writer.field("grid_class", spec.gridClass)
        if let feeder = spec.feeder { writer.field("feeder_id", fleet.feeders[feeder].feederID) }
        writer.field("is_hub", spec.isHub)
        writer.field("load_kw", spec.loadKilowatts, decimals: 2)
        writer.key("battery")
        writer.beginObject()
        writer.field("strings", spec.strings)
        writer.field("ah", spec.stringAmpHours, decimals: 0)
        writer.field("chemistry", "vrla")
        writer.field("installed", spec.batteryInstalled)
        writer.endObject()
        if let generator = spec.generator {
            writer.key("dg")
            writer.beginObject()
            writer.field("kva", generator.kva, decimals: 1)
            writer.field("tank_l", generator.tankLitres, decimals: 0)
            writer.endObject()
        }
        if spec.solarKilowattsPeak > 0 { writer.field("solar_kwp", spec.solarKilowattsPeak, decimals: 1) }
        close(site: site, producer: .headEnd)
        deliverInventory(site)
    }

    private mutating func emitLink(_ index: Int) {
        let spec = fleet.links[index]
        open("topology.link", site: spec.child, id: nextEventID(), milliseconds: nowMilliseconds)
        writer.field("a", fleet.sites[spec.child].siteID)
        writer.field("b", fleet.sites[spec.parent].siteID)
        writer.field("kind", spec.kind.rawValue)
        writer.field("parent", fleet.sites[spec.parent].siteID)
        if spec.frequencyGHz > 0 { writer.field("frequency_ghz", spec.frequencyGHz, decimals: 1) }
        writer.field("length_km", spec.lengthKilometres, decimals: 1)
        close(site: spec.child, producer: .headEnd)
        deliverInventory(spec.child)
    }

    private mutating func deliverInventory(_ site: Int) {
        channel.deliver(
            writer.bytes, site: site, kind: .inventory, producer: .headEnd, happened: nowMilliseconds, written: nowMilliseconds)
    }
}
