/// What is true of every instance of a scenario: its name, who answers for it and what to do first (DOMAIN 3, 5.2).
struct ScenarioCard: Sendable {
    var label: String
    /// `utility`, `towerco`, `operator`, `fibre_vendor`, `weather` or `third_party`.
    var responsible: String
    /// Whether downtime counts against the tower company: it sells power and a standing tower, so those causes do.
    var isChargeable: Bool
    /// Whether somebody has to drive there.
    var needsVisit: Bool
    var firstAction: String
}

extension ScenarioID {
    var card: ScenarioCard {
        switch self {
        case .s01:
            ScenarioCard(
                label: "Grid outage carried by generator or battery", responsible: "utility", isChargeable: false,
                needsVisit: false,
                firstAction: "None: watch until the grid is back")
        case .s02:
            ScenarioCard(
                label: "Grid outage and the generator does not start", responsible: "towerco", isChargeable: true,
                needsVisit: true,
                firstAction: "Send a technician with a starter battery; shed the non-critical load meanwhile")
        case .s03:
            ScenarioCard(
                label: "Fuel runs out during a grid outage", responsible: "towerco", isChargeable: true, needsVisit: true,
                firstAction: "Send a fuel truck")
        case .s04:
            ScenarioCard(
                label: "Rectifier module failed, redundancy lost", responsible: "towerco", isChargeable: false, needsVisit: true,
                firstAction: "Bring a rectifier module on the next visit; nobody needs to hurry")
        case .s05:
            ScenarioCard(
                label: "Rectifier system failed with the grid present", responsible: "towerco", isChargeable: true,
                needsVisit: true,
                firstAction: "Send a technician with rectifier modules")
        case .s06:
            ScenarioCard(
                label: "Cooling failed", responsible: "towerco", isChargeable: true, needsVisit: true,
                firstAction: "Send a cooling technician; lower the radio's power before it shuts down")
        case .s07:
            ScenarioCard(
                label: "Cooling lost its refrigerant slowly", responsible: "towerco", isChargeable: true, needsVisit: true,
                firstAction: "Plan a refill while the duty cycle still rises; after the trip send a cooling technician")
        case .s08:
            ScenarioCard(
                label: "Battery has aged", responsible: "towerco", isChargeable: true, needsVisit: true,
                firstAction: "Send a portable generator, then replace the bank")
        case .s09:
            ScenarioCard(
                label: "Battery stolen after an intrusion", responsible: "third_party", isChargeable: true, needsVisit: true,
                firstAction: "Send security, then a replacement bank before the next outage")
        case .s10:
            ScenarioCard(
                label: "Battery stolen without a door alarm", responsible: "third_party", isChargeable: true, needsVisit: true,
                firstAction: "Send a technician to look for the strings, with a replacement bank")
        case .s11:
            ScenarioCard(
                label: "Fuel theft", responsible: "third_party", isChargeable: false, needsVisit: true,
                firstAction: "Send security; bring the next delivery forward")
        case .s12:
            ScenarioCard(
                label: "Fuel siphoned or delivered short", responsible: "third_party", isChargeable: false, needsVisit: true,
                firstAction: "Audit the deliveries against the tank; meter the next one")
        case .s13:
            ScenarioCard(
                label: "Fibre cut", responsible: "fibre_vendor", isChargeable: false, needsVisit: true,
                firstAction: "Call the fibre vendor with the span; reroute where a ring allows")
        case .s14:
            ScenarioCard(
                label: "Rain fade of microwave hops", responsible: "weather", isChargeable: false, needsVisit: false,
                firstAction: "None: wait for the rain to pass, do not dispatch")
        case .s15:
            ScenarioCard(
                label: "Antenna misaligned by wind", responsible: "towerco", isChargeable: false, needsVisit: true,
                firstAction: "Send riggers to align the hop")
        case .s16:
            ScenarioCard(
                label: "Water in an antenna feeder", responsible: "operator", isChargeable: false, needsVisit: true,
                firstAction: "Send riggers to dry and seal the feeder of that sector")
        case .s17:
            ScenarioCard(
                label: "Satellite time lost: phase drifts into the neighbours", responsible: "operator", isChargeable: false,
                needsVisit: true,
                firstAction: "Restore satellite time or lock the culprit's cells; leave the victims alone")
        case .s18:
            ScenarioCard(
                label: "Copper and feeder theft", responsible: "third_party", isChargeable: false, needsVisit: true,
                firstAction: "Send security and riggers with feeder cable")
        case .s19:
            ScenarioCard(
                label: "Lightning surge", responsible: "weather", isChargeable: false, needsVisit: true,
                firstAction: "Let what recovers recover, then send one technician with surge arresters and modules")
        case .s20:
            ScenarioCard(
                label: "Transfer switch failed", responsible: "towerco", isChargeable: true, needsVisit: true,
                firstAction: "Send a technician to switch over by hand")
        case .s21:
            ScenarioCard(
                label: "Tower light failed", responsible: "towerco", isChargeable: false, needsVisit: true,
                firstAction: "Report to the aviation authority within 30 minutes; send riggers")
        case .s22:
            ScenarioCard(
                label: "Tower tilts", responsible: "towerco", isChargeable: true, needsVisit: true,
                firstAction: "Keep people away; send a structural engineer")
        case .s23:
            ScenarioCard(
                label: "Site controller offline", responsible: "towerco", isChargeable: false, needsVisit: true,
                firstAction: "Restart the modem remotely, then check the SIM; the site itself works")
        case .s24:
            ScenarioCard(
                label: "Lying sensor", responsible: "towerco", isChargeable: false, needsVisit: false,
                firstAction: "None for the asset: lower the sensor's trust, exchange it on the next visit")
        case .s25:
            ScenarioCard(
                label: "Feeder outage", responsible: "utility", isChargeable: true, needsVisit: true,
                firstAction: "Call the utility with the feeder; order the sites by autonomy and send portable generators")
        case .s26:
            ScenarioCard(
                label: "Work at the site", responsible: "operator", isChargeable: false, needsVisit: false,
                firstAction: "With a permit none; without one call the operator and note the violation")
        case .s27:
            ScenarioCard(
                label: "Sleeping cell", responsible: "operator", isChargeable: false, needsVisit: false,
                firstAction: "Restart the cell remotely")
        case .s28:
            ScenarioCard(
                label: "Flood", responsible: "weather", isChargeable: false, needsVisit: true,
                firstAction: "Cut the rectifier off remotely, warn the sites downstream, send pumps")
        case .s29:
            ScenarioCard(
                label: "Solar panels stolen or soiled", responsible: "third_party", isChargeable: false, needsVisit: true,
                firstAction: "Stolen: send security and panels; soiled: plan a cleaning visit")
        case .s30:
            ScenarioCard(
                label: "Two independent faults overlap", responsible: "towerco", isChargeable: true, needsVisit: true,
                firstAction: "Treat each by itself")
        }
    }
}
