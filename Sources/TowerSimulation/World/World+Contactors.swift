/// Low-voltage disconnects, and the grid that comes and goes.
extension World {
    // MARK: Contactors

    mutating func openLVD1(_ site: Int) {
        sites[site].isLVD1Open = true
        report(site, SiteAlarm.lvd1.bit)
        powerChanged(site, delay: 0...30)
    }

    mutating func openLVD2(_ site: Int) {
        sites[site].isLVD2Open = true
        report(site, SiteAlarm.lvd2.bit)
        sites[site].batteryAmperes = 0
        silenceController(site)
        powerChanged(site, delay: 0...30)
        restoreAfterDark(site)
    }

    /// A bus without a battery loses its source: everything goes dark within the second, no contactor has time to tell.
    mutating func collapse(_ site: Int) {
        sites[site].isLVD1Open = true
        sites[site].isLVD2Open = true
        silenceController(site)
        powerChanged(site, delay: 0...1)
    }

    mutating func recoverBus(_ site: Int) {
        sites[site].isLVD1Open = false
        closeLVD2(site)
    }

    mutating func closeLVD1(_ site: Int) {
        sites[site].isLVD1Open = false
        report(site, SiteAlarm.lvd1.bit)
        powerChanged(site, delay: 60...180)
    }

    mutating func closeLVD2(_ site: Int) {
        sites[site].isLVD2Open = false
        wakeController(site)
        powerChanged(site, delay: 60...180)
    }

    /// Tells radio and transport that a branch of the site lost or got power.
    private mutating func powerChanged(_ site: Int, delay: ClosedRange<Double>) {
        if sites[site].powerFault >= 0 { touch(sites[site].powerFault, site) }
        schedule.add(at: now + random.uniform(delay.lowerBound, delay.upperBound), .cells(site: Int32(site)))
        for link in topology.links(of: site) { refreshLink(Int(link)) }
        refreshReachability(of: site)
    }

    // MARK: Grid

    mutating func loseGrid(_ site: Int, _ fault: Int32) {
        integrate(site)
        sites[site].gridCuts += 1
        guard sites[site].gridCuts == 1 else { return settle(site) }
        if !sites[site].isRectifierFailed { sites[site].powerFault = fault }
        touch(fault, site)
        sites[site].lastGeneratorStop = nil
        settle(site)
        schedule.add(at: now + random.uniform(0.1, 0.9), .report(site: Int32(site), mask: SiteAlarm.grid.bit))
        schedule.add(at: now + random.uniform(1.2, 5), .report(site: Int32(site), mask: SiteAlarm.discharging.bit))
        askGenerator(site)
    }

    mutating func restoreGrid(_ site: Int, _ fault: Int32) {
        integrate(site)
        guard sites[site].gridCuts > 0 else { return }
        sites[site].gridCuts -= 1
        guard sites[site].gridCuts == 0 else { return }
        dismissGenerator(site)
        settle(site)
        schedule.add(
            at: now + random.uniform(0.5, 3), .report(site: Int32(site), mask: SiteAlarm.grid.bit | SiteAlarm.discharging.bit))
    }
}
