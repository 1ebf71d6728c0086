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

    private mutating func applyFade(_ index: Int, _ fade: Double, _ fault: Int32) {
        guard fade > 0.05 || links[index].rainDecibels > 0 else { return }
        links[index].rainDecibels = fade < 0.05 ? 0 : fade
        noteDeepest(index, fade, fault)
        watchLevel(index, fault)
    }

    private mutating func noteDeepest(_ index: Int, _ fade: Double, _ fault: Int32) {
        guard fade > 12, fade > faults[Int(fault)].deepestFade else { return }
        faults[Int(fault)].deepestFade = fade
        faults[Int(fault)].truth.root.managedObject = fleet.object(ofLink: index)
    }
}
