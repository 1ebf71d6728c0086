import Glibc

/// The received level of a hop, and antennas that point elsewhere.
extension World {
    /// Raises or clears what follows from a hop's level: level low, modulation down, congestion, link down.
    mutating func watchLevel(_ index: Int, _ fault: Int32, cause: EventReference? = nil) {
        let spec = fleet.links[index]
        let fade = links[index].fadeDecibels
        links[index].stormFault = fault
        let margin = spec.fadeMarginDecibels
        let site = spec.child
        if fade > 12, links[index].levelLow == nil {
            links[index].levelLow = tellTransport(index, .levelLow, site, .raised, fault: fault, cause: cause)
        }
        if fade > 16, links[index].downshift == nil {
            links[index].downshift = tellTransport(index, .downshift, site, .raised, fault: fault, cause: links[index].levelLow)
        }
        if fade > 20, links[index].congestion == nil {
            links[index].congestion = tellTransport(
                index, .congestion, site, .raised, fault: fault, cause: links[index].downshift)
        }
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

    /// dB that a 60 cm dish loses when it is turned: 12·(angle/beamwidth)², at most 25 (then a side lobe carries).
    static func pointingLoss(degrees: Double, frequencyGHz: Double) -> Double {
        let beamwidth = 35 / max(6, frequencyGHz)
        return min(25, 12 * (degrees / beamwidth) * (degrees / beamwidth))
    }
}
