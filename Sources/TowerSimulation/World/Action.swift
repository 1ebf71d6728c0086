/// One thing that will happen at an instant. Indices are into the fleet; a `generation` that has moved on cancels.
enum Action: Sendable {
    /// Readings; those of a slower rhythm end when the live one begins.
    case telemetry(site: Int32, isLive: Bool)
    case radioCounters(site: Int32)
    /// Battery and tank reach their next threshold, or it is time to look.
    case tick(site: Int32, generation: UInt32)
    case startFault(Int32)
    case endFault(Int32)
    /// The next thing that a fault does by its own plan.
    case step(fault: Int32, number: Int16)
    case gridOff(site: Int32, fault: Int32)
    case gridOn(site: Int32, fault: Int32)
    case generatorStart(site: Int32, generation: UInt32)
    case generatorCrankEnd(site: Int32, generation: UInt32, crank: Int8)
    case generatorCrank(site: Int32, generation: UInt32, crank: Int8)
    case generatorOnLoad(site: Int32, generation: UInt32)
    case generatorCooled(site: Int32, generation: UInt32)
    case generatorReset(site: Int32)
    case weakStarter(site: Int32)
    case testRunEnd(site: Int32, generation: UInt32)
    /// The controller looks at some of its inputs and reports what changed.
    case report(site: Int32, mask: UInt32)
    case cells(site: Int32)
    case linkReport(Int32)
    case dyingGasp(site: Int32, generation: UInt32)
    case controllerMissing(site: Int32, generation: UInt32)
    case controllerBoot(site: Int32, generation: UInt32)
    case storm(fault: Int32)
    case backgroundDip(site: Int32)
    case backgroundVisit(site: Int32)
    case visitStep(site: Int32, step: Int8, permit: Int32)
    case refuel(site: Int32)
}
