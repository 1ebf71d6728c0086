/// Rain cells over microwave hops.
extension World {
    private static let stormStepSeconds = 15.0

    /// Moves the rain cell on and lets each hop within reach fade by what falls on it.
    mutating func moveStorm(_ fault: Int32) {
        guard let storm = faults[Int(fault)].plan.storm else { return }
        let elapsed = now - faults[Int(fault)].plan.onset
        let core = faults[Int(fault)].plan.link
        for index in storm.links {
            let fade = storm.attenuation(of: Int(index), core: core, elapsed: elapsed, fleet: fleet)
            applyFade(Int(index), fade, fault)
        }
        if elapsed < faults[Int(fault)].plan.duration {
            schedule.add(at: now + Self.stormStepSeconds, .storm(fault: fault))
        } else {
            for index in storm.links { applyFade(Int(index), 0, fault) }
            finish(fault)
        }
    }

    /// Sets a hop's fade and raises or clears what follows: level low, modulation down, congestion, link down.
    private mutating func applyFade(_ index: Int, _ fade: Double, _ fault: Int32) {
        let spec = fleet.links[index]
        let before = links[index].fadeDecibels
        guard fade > 0.05 || before > 0 else { return }
        links[index].fadeDecibels = fade < 0.05 ? 0 : fade
        links[index].stormFault = fault
        let margin = spec.fadeMarginDecibels
        let site = spec.child
        if fade > 12, links[index].levelLow == nil {
            links[index].levelLow = tellTransport(index, .levelLow, site, .raised, fault: fault, cause: nil)
        }
        if fade > 16, links[index].downshift == nil {
            links[index].downshift = tellTransport(index, .downshift, site, .raised, fault: fault, cause: links[index].levelLow)
        }
        if fade > 20, links[index].congestion == nil {
            links[index].congestion = tellTransport(
                index, .congestion, site, .raised, fault: fault, cause: links[index].downshift)
        }
        noteDeepest(index, fade, fault)
        let isDown = fade > (links[index].isFadedDown ? margin - 4 : margin)
        if isDown != links[index].isFadedDown {
            links[index].isFadedDown = isDown
            refreshLink(index)
        }
        if fade < 16, links[index].congestion != nil {
            _ = tellTransport(index, .congestion, site, .cleared, fault: fault, cause: nil)
            links[index].congestion = nil
        }
        if fade < 12, links[index].downshift != nil {
            _ = tellTransport(index, .downshift, site, .cleared, fault: fault, cause: nil)
            links[index].downshift = nil
        }
        if fade < 8, links[index].levelLow != nil {
            _ = tellTransport(index, .levelLow, site, .cleared, fault: fault, cause: nil)
            links[index].levelLow = nil
        }
    }

    private mutating func noteDeepest(_ index: Int, _ fade: Double, _ fault: Int32) {
        guard fade > 12, fade > faults[Int(fault)].deepestFade else { return }
        faults[Int(fault)].deepestFade = fade
        faults[Int(fault)].truth.root.managedObject = fleet.object(ofLink: index)
    }
}
