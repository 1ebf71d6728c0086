import TowerModel

extension FaultTruth {
    /// Appends this fault as one line, fields in the order of the format note, newline included.
    public func appendLine(to bytes: inout [UInt8]) {
        var out = JSONWriter(bytes: bytes)
        bytes = []
        out.beginObject()
        out.field("fault_id", faultID)
        out.field("scenario", scenario.rawValue)
        out.field("label", label)
        out.field("benign", benign)
        out.key("root")
        root.append(to: &out)
        out.field("alternatives", alternatives)
        out.key("trigger")
        if let trigger { trigger.append(to: &out) } else { out.null() }
        out.field("onset", onset.description)
        out.key("clear")
        if let clear { out.string(clear.description) } else { out.null() }
        out.key("began")
        if let began { out.string(began.description) } else { out.null() }
        out.key("litres")
        if let litres { out.number(litres, decimals: 1) } else { out.null() }
        out.key("edges")
        out.beginArray()
        for edge in edges {
            out.beginObject()
            out.field("cause_event_id", edge.causeEventID.description)
            out.field("effect_event_id", edge.effectEventID.description)
            out.field("delay_seconds", edge.delaySeconds, decimals: 3)
            out.endObject()
        }
        out.endArray()
        out.field("affected_sites", affectedSites)
        out.field("affected_operators", affectedOperators)
        out.field("objects", objects)
        out.field("event_ids", eventIDs.map(\.description))
        out.field("responsible", responsible)
        out.key("chargeable_seconds")
        out.beginObject()
        for (name, seconds) in chargeableSeconds.sorted(by: { $0.key < $1.key }) { out.field(name, seconds, decimals: 1) }
        out.endObject()
        out.field("first_action", firstAction)
        out.field("decoys", decoys)
        out.endObject()
        out.raw("\n")
        bytes = out.bytes
    }
}

extension FaultTruth.Node {
    fileprivate func append(to out: inout JSONWriter) {
        out.beginObject()
        out.field("site_id", siteID)
        out.field("managed_object", managedObject)
        out.field("condition", condition)
        out.field("event_type", eventType)
        out.endObject()
    }
}
