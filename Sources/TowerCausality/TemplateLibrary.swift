/// The stories the engine knows. One table, written to be read by whoever knows towers.
///
/// Lags and shares follow the scenario descriptions S01, S02, S03, S05, S13, S14, S20, S23 and S25 (DOMAIN 5.2); battery
/// lags are replaced by the site's own autonomy forecast where there is one. `reported` counts one alarm in ten lost and
/// one type in ten not wired.
public struct TemplateLibrary: Sendable {
    public var templates: [CausalTemplate]
    public init(templates: [CausalTemplate]) { self.templates = templates }

    public static let standard = TemplateLibrary(templates: power + reach + backhaul + shared)

    /// A story and the end of a battery that nobody relieves: hours to the disconnects, then silence, then the sites behind.
    ///
    /// - Parameters:
    ///   - start: index of the node that begins the discharge.
    ///   - share: how often it comes to that at all in this story.
    private static func ending(_ story: [CausalTemplate.Node], after start: Int, share: Double = 1) -> [CausalTemplate.Node] {
        let first = story.count
        let (lvd1, lvd2, dark) = (first + 3, first + 4, first + 6)
        let end: [CausalTemplate.Node] = [
            .init(.batterySustained, after: start, .uniform(330, 420), probability: 0.96, reported: 0),
            .init(.batteryLow, after: start, .logNormal(median: 10_000, p90: 22_000), probability: 0.9, optional: true),
            .init(.lowVoltage, after: start, .logNormal(median: 12_000, p90: 24_000), probability: 0.95, optional: true),
            .init(.lvd1Open, after: start, .logNormal(median: 15_000, p90: 27_000), probability: 0.9, optional: true),
            .init(.lvd2Open, after: lvd1, .uniform(600, 9_000), probability: 0.9, optional: true),
            .init(.dyingGasp, after: lvd2, .uniform(0, 60), probability: 0.9, optional: true),
            .init(.siteDark, after: lvd2, .uniform(0, 60), probability: 0.98, reported: 0, optional: true),
            .init(.rmsSilent, after: dark, .uniform(60, 1_800), probability: 0.9, optional: true),
            .init(.rmsOffline, after: dark, .uniform(60, 1_800), probability: 0.6, optional: true),
            .init(.cellDown, .anchorAndDependents, after: dark, .uniform(0, 90), probability: 0.9, optional: true),
            .init(.hopDown, .touchingLinks, after: dark, .uniform(0, 90), probability: 0.9, optional: true),
            .init(.fibreCut, .touchingLinks, after: dark, .uniform(0, 90), probability: 0.9, optional: true),
            .init(.backhaulLost, .dependents, after: dark, .uniform(0, 90), probability: 0.9, optional: true),
        ]
        return story
            + end.map { node in
                var node = node
                node.probability *= share
                return node
            }
    }

    private static let power: [CausalTemplate] = [
        // S01: the grid fails, the generator carries the load until it is back.
        CausalTemplate(
            name: "grid outage, generator carries", anchor: .site, requirement: .generator, root: .gridLost, rootObject: "grid",
            eventType: "power.grid.outage", label: "Grid lost, generator carries the load", prior: 0.9, isBenign: true,
            nodes: ending(
                [
                    .init(.gridLost, probability: 0.99),
                    .init(.batteryDischarging, after: 0, .uniform(0, 10), probability: 0.97),
                    .init(.generatorRunning, after: 0, .uniform(10, 150), probability: 0.96),
                    .init(.generatorStartFailed, after: 0, .uniform(30, 240), probability: 0.004),
                    .init(
                        .generatorStoppedOnLoad, after: 2, .uniform(60, 40_000), probability: 0.01, reported: 0, optional: true),
                    .init(.fuelExhausted, probability: 0.004, reported: 0, optional: true),
                    .init(.rectifierFailed, after: 0, probability: 0.0002),
                ], after: 1, share: 0.06)),
        // A site with nothing but its battery: the same outage, and the clock runs.
        CausalTemplate(
            name: "grid outage, battery alone", anchor: .site, requirement: .noGenerator, root: .gridLost, rootObject: "grid",
            eventType: "power.grid.outage", label: "Grid lost, battery alone carries the load", prior: 0.9, isBenign: true,
            nodes: ending(
                [
                    .init(.gridLost, probability: 0.99),
                    .init(.batteryDischarging, after: 0, .uniform(0, 10), probability: 0.97),
                    .init(.generatorRunning, after: 0, .uniform(10, 150), probability: 0.005),
                    .init(.generatorStartFailed, after: 0, .uniform(30, 240), probability: 0.002),
                    .init(.rectifierFailed, after: 0, probability: 0.0002),
                ], after: 1)),
        // S02: the grid fails and the generator does not start.
        CausalTemplate(
            name: "generator did not start", anchor: .site, requirement: .generator, root: .generatorStartFailed,
            rootObject: "dg",
            eventType: "dg.start_failed", trigger: .gridLost, label: "Generator did not start", prior: 0.05,
            nodes: ending(
                [
                    .init(.gridLost, probability: 0.99),
                    .init(.batteryDischarging, after: 0, .uniform(0, 10), probability: 0.97),
                    .init(.generatorStartFailed, after: 0, .uniform(30, 240), probability: 0.99),
                    .init(.generatorRunning, after: 0, .uniform(10, 150), probability: 0.02),
                    .init(.starterBatteryLow, probability: 0.35, precursor: true, optional: true),
                    .init(.fuelExhausted, probability: 0.01, reported: 0, optional: true),
                    .init(.fuelLow, probability: 0.03, precursor: true, optional: true),
                    .init(.generatorStoppedOnLoad, after: 0, probability: 0.02, reported: 0, optional: true),
                    .init(.rectifierFailed, after: 0, probability: 0.0004),
                ], after: 1)),
        // S03: the tank runs dry while the generator carries the load, or was dry when it was needed.
        CausalTemplate(
            name: "fuel exhausted", anchor: .site, requirement: .generator, root: .fuelExhausted, rootObject: "fuel",
            eventType: "fuel.low", trigger: .gridLost, label: "Fuel ran out", prior: 0.025,
            nodes: ending(
                [
                    .init(.gridLost, probability: 0.97),
                    .init(.batteryDischarging, after: 0, .uniform(0, 10), probability: 0.97, optional: true),
                    .init(.fuelLow, probability: 0.95, precursor: true),
                    .init(.fuelExhausted, probability: 0.93, reported: 0, optional: true),
                    .init(.generatorRunning, after: 0, .uniform(10, 150), probability: 0.8),
                    .init(
                        .generatorStoppedOnLoad, after: 0, .uniform(60, 200_000), probability: 0.9, reported: 0, optional: true),
                    .init(.generatorStartFailed, after: 0, .uniform(30, 200_000), probability: 0.25, optional: true),
                    .init(.starterBatteryLow, probability: 0.03, precursor: true, optional: true),
                    .init(.rectifierFailed, after: 0, probability: 0.0004),
                ], after: 1)),
        // S05: the grid is there, the rectifier is not.
        CausalTemplate(
            name: "rectifier failed", anchor: .site, root: .rectifierFailed, rootObject: "rectifier",
            eventType: "rectifier.system_failed", label: "Rectifier failed with the grid present", prior: 0.012,
            nodes: ending(
                [
                    .init(.rectifierFailed, probability: 0.99),
                    .init(.batteryDischarging, after: 0, .uniform(0, 10), probability: 0.97),
                    .init(.gridLost, probability: 0.01),
                    .init(.generatorRunning, probability: 0.02),
                    .init(.generatorStartFailed, probability: 0.01),
                    .init(.fuelExhausted, probability: 0.01, reported: 0, optional: true),
                ], after: 1)),
        // S20: the generator runs and its power does not arrive.
        CausalTemplate(
            name: "transfer switch failed", anchor: .site, requirement: .generator, root: .transferFailed, rootObject: "ats",
            eventType: "power.ats.transfer_failed", trigger: .gridLost, label: "Transfer switch failed", prior: 0.006,
            nodes: ending(
                [
                    .init(.gridLost, probability: 0.99),
                    .init(.batteryDischarging, after: 0, .uniform(0, 10), probability: 0.97),
                    .init(.generatorRunning, after: 0, .uniform(10, 150), probability: 0.95),
                    .init(.transferFailed, after: 0, .uniform(20, 300), probability: 0.97),
                    .init(.generatorStartFailed, after: 0, .uniform(30, 240), probability: 0.02),
                    .init(.rectifierFailed, after: 0, probability: 0.0004),
                ], after: 1)),
    ]

    private static let reach: [CausalTemplate] = [
        // S23: the controller is silent and everything else is well: blind, not down.
        CausalTemplate(
            name: "site controller offline", anchor: .site, root: .rmsOffline, rootObject: "rms", eventType: "rms.offline",
            label: "Site controller offline", prior: 0.25,
            nodes: [
                .init(.rmsOffline, after: nil, .uniform(0, 1_800), probability: 0.98),
                .init(.rmsSilent, after: nil, .uniform(0, 1_800), probability: 0.97, reported: 0),
                .init(.cellDown, .anchorAndDependents, probability: 0.01),
                .init(.dyingGasp, probability: 0.01),
                .init(.hopDown, .touchingLinks, probability: 0.01),
                .init(.lvd2Open, probability: 0.005, optional: true),
                .init(.lowVoltage, probability: 0.01, optional: true),
            ]),
        // One site's radio is off, with power and way to the core in order.
        CausalTemplate(
            name: "radio failed", anchor: .site, root: .cellDown, rootObject: "ran", eventType: "ran.cell_down",
            label: "Radio failed", prior: 0.08,
            nodes: [
                .init(.cellDown, probability: 0.99),
                .init(.rmsSilent, probability: 0.02),
                .init(.rmsOffline, probability: 0.02),
                .init(.dyingGasp, probability: 0.005),
                .init(.hopDown, .touchingLinks, probability: 0.02),
                .init(.cellDown, .dependents, probability: 0.02),
            ]),
    ]

    private static let backhaul: [CausalTemplate] = [
        // S13: everything behind the cut goes at once, with power healthy everywhere.
        CausalTemplate(
            name: "fibre cut", anchor: .link, requirement: .fibre, root: .fibreCut, rootObject: "link", eventType: "fibre.los",
            label: "Fibre cut", prior: 0.08,
            nodes: [
                .init(.fibreCut, probability: 0.98, reported: 0.88),
                .init(.backhaulLost, .dependents, after: 0, .uniform(0, 30), probability: 0.95, reported: 0.3),
                .init(.cellDown, .dependents, after: 0, .uniform(0, 120), probability: 0.93),
                .init(.hopDown, probability: 0.05, optional: true),
                .init(.rainFade, probability: 0.005, optional: true),
                .init(.rmsSilent, .dependents, after: 0, .uniform(60, 1_800), probability: 0.3, optional: true),
                .init(.rmsOffline, .dependents, after: 0, .uniform(60, 1_800), probability: 0.3, optional: true),
            ]),
        // S14: rain crosses the hops one after the other; each fades, steps down, perhaps drops, and comes back.
        CausalTemplate(
            name: "rain fade", anchor: .link, requirement: .radio, root: .rainFade, rootObject: "link", eventType: "mw.rsl_low",
            label: "Rain fade", prior: 0.12,
            nodes: [
                .init(.rainFade, probability: 0.97, reported: 0.88),
                .init(.modulationDown, after: 0, .uniform(0, 900), probability: 0.85),
                .init(.hopDown, after: 0, .uniform(30, 2_400), probability: 0.5, optional: true),
                .init(.rainFade, .nearbyLinks, after: 0, .uniform(0, 3_600), probability: 0.6, optional: true),
                .init(.modulationDown, .nearbyLinks, after: 0, .uniform(0, 3_600), probability: 0.5, optional: true),
                .init(.hopDown, .nearbyLinks, after: 0, .uniform(0, 3_600), probability: 0.35, optional: true),
                .init(.backhaulLost, .dependents, after: 2, .uniform(0, 60), probability: 0.8, optional: true),
                .init(.cellDown, .dependents, after: 2, .uniform(0, 120), probability: 0.85, optional: true),
                .init(.rmsSilent, .dependents, after: 2, .uniform(60, 1_800), probability: 0.3, optional: true),
                .init(.rmsOffline, .dependents, after: 2, .uniform(60, 1_800), probability: 0.3, optional: true),
            ]),
        // A radio hop that drops without a fade: equipment, alignment, interference.
        CausalTemplate(
            name: "hop failed", anchor: .link, requirement: .radio, root: .hopDown, rootObject: "link", eventType: "mw.link_down",
            label: "Hop failed", prior: 0.05,
            nodes: [
                .init(.hopDown, probability: 0.98, reported: 0.88),
                .init(.rainFade, probability: 0.1),
                .init(.modulationDown, probability: 0.1),
                .init(.rainFade, .nearbyLinks, probability: 0.03, optional: true),
                .init(.backhaulLost, .dependents, after: 0, .uniform(0, 60), probability: 0.95, reported: 0.3),
                .init(.cellDown, .dependents, after: 0, .uniform(0, 120), probability: 0.93),
                .init(.rmsSilent, .dependents, after: 0, .uniform(60, 1_800), probability: 0.3, optional: true),
                .init(.rmsOffline, .dependents, after: 0, .uniform(60, 1_800), probability: 0.3, optional: true),
            ]),
    ]

    private static let shared: [CausalTemplate] = [
        // S25: one feeder, many sites at once; most are carried, some fall by their autonomy and take others along.
        CausalTemplate(
            name: "feeder lost", anchor: .feeder, root: .feederLost, rootObject: "feeder", eventType: "power.grid.outage",
            label: "Feeder lost", prior: 0.02,
            nodes: [
                .init(.gridLost, .members, after: nil, .uniform(0, 60), probability: 0.97),
                .init(.batteryDischarging, .members, after: 0, .uniform(0, 15), probability: 0.96, optional: true),
                .init(.generatorRunning, .members, after: 0, .uniform(10, 150), probability: 0.8, optional: true),
                .init(.generatorStartFailed, .members, after: 0, .uniform(30, 240), probability: 0.1, optional: true),
                .init(.batteryLow, .members, after: 0, .logNormal(median: 12_000, p90: 25_000), probability: 0.3, optional: true),
                .init(.lowVoltage, .members, after: 0, .logNormal(median: 14_000, p90: 27_000), probability: 0.3, optional: true),
                .init(.lvd1Open, .members, after: 0, .logNormal(median: 15_000, p90: 28_000), probability: 0.3, optional: true),
                .init(.lvd2Open, .members, after: 0, .logNormal(median: 18_000, p90: 32_000), probability: 0.3, optional: true),
                .init(.cellDown, .members, after: 0, .logNormal(median: 18_000, p90: 32_000), probability: 0.3, optional: true),
            ])
    ]
}
