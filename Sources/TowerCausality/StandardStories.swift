// Written by `TOWERCO_REGENERATE=1 swift test --filter StandardStories` from causality/*.yaml: change those.

/// The shipped stories, inside the binary.
enum StandardStories {
    static let files: [TemplateFile] = [
        TemplateFile(
            name: "causality/10-power.yaml",
            text: #"""
                # Power: grid, generator, fuel, rectifier, transfer switch. Format: docs/causality.md.
                fragments:
                  battery runs out:
                    - {is: battery.sustained, after: start, lag: 330 .. 420 s, happens: 0.96, reported: 0}
                    - {is: battery.low, after: start, lag: 10000 ~ 22000 s, happens: 0.9, optional: true}
                    - {is: dc.low_voltage, after: start, lag: 12000 ~ 24000 s, happens: 0.95, optional: true}
                    - {is: dc.lvd1_open, after: start, lag: 15000 ~ 27000 s, happens: 0.9, optional: true}
                    - {is: dc.lvd2_open, after: dc.lvd1_open, lag: 600 .. 9000 s, happens: 0.9, optional: true}
                    - {is: rms.dying_gasp, after: dc.lvd2_open, lag: 0 .. 60 s, happens: 0.9, optional: true}
                    - {is: site.dark, after: dc.lvd2_open, lag: 0 .. 60 s, happens: 0.98, reported: 0, optional: true}
                    - {is: rms.silent, after: site.dark, lag: 60 .. 1800 s, happens: 0.9, optional: true}
                    - {is: rms.offline, after: site.dark, lag: 60 .. 1800 s, happens: 0.6, optional: true}
                    - {is: cell.down, at: anchor and dependents, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                    - {is: hop.down, at: touching links, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                    - {is: fibre.cut, at: touching links, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                    - {is: backhaul.lost, at: dependents, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                stories:
                  # S01: the grid fails, the generator carries the load until it is back.
                  - story: grid outage, generator carries
                    anchor: site
                    requires: generator
                    root: grid.lost
                    object: grid
                    event: power.grid.outage
                    label: Grid lost, generator carries the load
                    prior: 0.9
                    benign: true
                    nodes:
                      - {is: grid.lost, happens: 0.99}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.97}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.96}
                      - {is: dg.start_failed, after: grid.lost, lag: 30 .. 240 s, happens: 0.004}
                      - {is: dg.stopped_on_load, after: dg.running, lag: 60 .. 40000 s, happens: 0.01, reported: 0, optional: true}
                      - {is: fuel.exhausted, happens: 0.004, reported: 0, optional: true}
                      - {is: rectifier.failed, after: grid.lost, happens: 0.0002}
                    then: {fragment: battery runs out, after: battery.discharging, share: 0.06}
                  # A site with nothing but its battery: the same outage, and the clock runs.
                  - story: grid outage, battery alone
                    anchor: site
                    requires: no generator
                    root: grid.lost
                    object: grid
                    event: power.grid.outage
                    label: Grid lost, battery alone carries the load
                    prior: 0.9
                    benign: true
                    nodes:
                      - {is: grid.lost, happens: 0.99}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.97}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.005}
                      - {is: dg.start_failed, after: grid.lost, lag: 30 .. 240 s, happens: 0.002}
                      - {is: rectifier.failed, after: grid.lost, happens: 0.0002}
                    then: {fragment: battery runs out, after: battery.discharging}
                  # S02: the grid fails and the generator does not start.
                  - story: generator did not start
                    anchor: site
                    requires: generator
                    root: dg.start_failed
                    object: dg
                    event: dg.start_failed
                    trigger: grid.lost
                    label: Generator did not start
                    prior: 0.05
                    nodes:
                      - {is: grid.lost, happens: 0.99}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.97}
                      - {is: dg.start_failed, after: grid.lost, lag: 30 .. 240 s, happens: 0.99}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.02}
                      - {is: dg.start_battery_low, happens: 0.35, precursor: true, optional: true}
                      - {is: fuel.exhausted, happens: 0.01, reported: 0, optional: true}
                      - {is: fuel.low, happens: 0.03, precursor: true, optional: true}
                      - {is: dg.stopped_on_load, after: grid.lost, happens: 0.02, reported: 0, optional: true}
                      - {is: rectifier.failed, after: grid.lost, happens: 0.0004}
                    then: {fragment: battery runs out, after: battery.discharging}
                  # S03: the tank runs dry while the generator carries the load, or was dry when it was needed.
                  - story: fuel exhausted
                    anchor: site
                    requires: generator
                    root: fuel.exhausted
                    object: fuel
                    event: fuel.low
                    trigger: grid.lost
                    label: Fuel ran out
                    prior: 0.025
                    nodes:
                      - {is: grid.lost, happens: 0.97}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.97, optional: true}
                      - {is: fuel.low, happens: 0.95, precursor: true}
                      - {is: fuel.exhausted, happens: 0.93, reported: 0, optional: true}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.8}
                      - {is: dg.stopped_on_load, after: grid.lost, lag: 60 .. 200000 s, happens: 0.9, reported: 0, optional: true}
                      - {is: dg.start_failed, after: grid.lost, lag: 30 .. 200000 s, happens: 0.25, optional: true}
                      - {is: dg.start_battery_low, happens: 0.03, precursor: true, optional: true}
                      - {is: rectifier.failed, after: grid.lost, happens: 0.0004}
                    then: {fragment: battery runs out, after: battery.discharging}
                  # S05: the grid is there, the rectifier is not.
                  - story: rectifier failed
                    anchor: site
                    root: rectifier.failed
                    object: rectifier
                    event: rectifier.system_failed
                    label: Rectifier failed with the grid present
                    prior: 0.012
                    nodes:
                      - {is: rectifier.failed, happens: 0.99}
                      - {is: battery.discharging, after: rectifier.failed, lag: 0 .. 10 s, happens: 0.97}
                      - {is: grid.lost, happens: 0.01}
                      - {is: dg.running, happens: 0.02}
                      - {is: dg.start_failed, happens: 0.01}
                      - {is: fuel.exhausted, happens: 0.01, reported: 0, optional: true}
                    then: {fragment: battery runs out, after: battery.discharging}
                  # S20: the generator runs and its power does not arrive.
                  - story: transfer switch failed
                    anchor: site
                    requires: generator
                    root: ats.transfer_failed
                    object: ats
                    event: power.ats.transfer_failed
                    trigger: grid.lost
                    label: Transfer switch failed
                    prior: 0.006
                    nodes:
                      - {is: grid.lost, happens: 0.99}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.97}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.95}
                      - {is: ats.transfer_failed, after: grid.lost, lag: 20 .. 300 s, happens: 0.97}
                      - {is: dg.start_failed, after: grid.lost, lag: 30 .. 240 s, happens: 0.02}
                      - {is: rectifier.failed, after: grid.lost, happens: 0.0004}
                    then: {fragment: battery runs out, after: battery.discharging}

                """#),
        TemplateFile(
            name: "causality/20-reach.yaml",
            text: #"""
                # Reach: controllers and radios that cannot be heard.
                stories:
                  # S23: the controller is silent and everything else is well: blind, not down.
                  - story: site controller offline
                    anchor: site
                    root: rms.offline
                    object: rms
                    event: rms.offline
                    label: Site controller offline
                    prior: 0.25
                    nodes:
                      - {is: rms.offline, lag: 0 .. 1800 s, happens: 0.98}
                      - {is: rms.silent, lag: 0 .. 1800 s, happens: 0.97, reported: 0}
                      - {is: cell.down, at: anchor and dependents, happens: 0.01}
                      - {is: rms.dying_gasp, happens: 0.01}
                      - {is: hop.down, at: touching links, happens: 0.01}
                      - {is: dc.lvd2_open, happens: 0.005, optional: true}
                      - {is: dc.low_voltage, happens: 0.01, optional: true}
                  # One site's radio is off, with power and way to the core in order.
                  - story: radio failed
                    anchor: site
                    root: cell.down
                    object: ran
                    event: ran.cell_down
                    label: Radio failed
                    prior: 0.08
                    nodes:
                      - {is: cell.down, happens: 0.99}
                      - {is: rms.silent, happens: 0.02}
                      - {is: rms.offline, happens: 0.02}
                      - {is: rms.dying_gasp, happens: 0.005}
                      - {is: hop.down, at: touching links, happens: 0.02}
                      - {is: cell.down, at: dependents, happens: 0.02}

                """#),
        TemplateFile(
            name: "causality/30-backhaul.yaml",
            text: #"""
                # Backhaul: fibre and radio hops.
                stories:
                  # S13: everything behind the cut goes at once, with power healthy everywhere.
                  - story: fibre cut
                    anchor: link
                    requires: fibre
                    root: fibre.cut
                    object: link
                    event: fibre.los
                    label: Fibre cut
                    prior: 0.08
                    nodes:
                      - {is: fibre.cut, happens: 0.98, reported: 0.88}
                      - {is: backhaul.lost, at: dependents, after: fibre.cut, lag: 0 .. 30 s, happens: 0.95, reported: 0.3}
                      - {is: cell.down, at: dependents, after: fibre.cut, lag: 0 .. 120 s, happens: 0.93}
                      - {is: hop.down, happens: 0.05, optional: true}
                      - {is: rain.fade, happens: 0.005, optional: true}
                      - {is: rms.silent, at: dependents, after: fibre.cut, lag: 60 .. 1800 s, happens: 0.3, optional: true}
                      - {is: rms.offline, at: dependents, after: fibre.cut, lag: 60 .. 1800 s, happens: 0.3, optional: true}
                  # S14: rain crosses the hops one after the other; each fades, steps down, perhaps drops, and comes back.
                  - story: rain fade
                    anchor: link
                    requires: radio
                    root: rain.fade
                    object: link
                    event: mw.rsl_low
                    label: Rain fade
                    prior: 0.12
                    nodes:
                      - {is: rain.fade, happens: 0.97, reported: 0.88}
                      - {is: hop.modulation_down, after: rain.fade, lag: 0 .. 900 s, happens: 0.85}
                      - {is: hop.down, after: rain.fade, lag: 30 .. 2400 s, happens: 0.5, optional: true}
                      - {is: rain.fade, at: nearby links, after: rain.fade, lag: 0 .. 3600 s, happens: 0.6, optional: true}
                      - {is: hop.modulation_down, at: nearby links, after: rain.fade, lag: 0 .. 3600 s, happens: 0.5, optional: true}
                      - {is: hop.down, at: nearby links, after: rain.fade, lag: 0 .. 3600 s, happens: 0.35, optional: true}
                      - {is: backhaul.lost, at: dependents, after: hop.down, lag: 0 .. 60 s, happens: 0.8, optional: true}
                      - {is: cell.down, at: dependents, after: hop.down, lag: 0 .. 120 s, happens: 0.85, optional: true}
                      - {is: rms.silent, at: dependents, after: hop.down, lag: 60 .. 1800 s, happens: 0.3, optional: true}
                      - {is: rms.offline, at: dependents, after: hop.down, lag: 60 .. 1800 s, happens: 0.3, optional: true}
                  # A radio hop that drops without a fade: equipment, alignment, interference.
                  - story: hop failed
                    anchor: link
                    requires: radio
                    root: hop.down
                    object: link
                    event: mw.link_down
                    label: Hop failed
                    prior: 0.05
                    nodes:
                      - {is: hop.down, happens: 0.98, reported: 0.88}
                      - {is: rain.fade, happens: 0.1}
                      - {is: hop.modulation_down, happens: 0.1}
                      - {is: rain.fade, at: nearby links, happens: 0.03, optional: true}
                      - {is: backhaul.lost, at: dependents, after: hop.down, lag: 0 .. 60 s, happens: 0.95, reported: 0.3}
                      - {is: cell.down, at: dependents, after: hop.down, lag: 0 .. 120 s, happens: 0.93}
                      - {is: rms.silent, at: dependents, after: hop.down, lag: 60 .. 1800 s, happens: 0.3, optional: true}
                      - {is: rms.offline, at: dependents, after: hop.down, lag: 60 .. 1800 s, happens: 0.3, optional: true}

                """#),
        TemplateFile(
            name: "causality/40-shared.yaml",
            text: #"""
                # Shared: one cause above many sites.
                stories:
                  # S25: one feeder, many sites at once; most are carried, some fall by their autonomy and take others along.
                  - story: feeder lost
                    anchor: feeder
                    root: feeder.lost
                    object: feeder
                    event: power.grid.outage
                    label: Feeder lost
                    prior: 0.02
                    nodes:
                      - {is: grid.lost, at: members, lag: 0 .. 60 s, happens: 0.97}
                      - {is: battery.discharging, at: members, after: grid.lost, lag: 0 .. 15 s, happens: 0.96, optional: true}
                      - {is: dg.running, at: members, after: grid.lost, lag: 10 .. 150 s, happens: 0.8, optional: true}
                      - {is: dg.start_failed, at: members, after: grid.lost, lag: 30 .. 240 s, happens: 0.1, optional: true}
                      - {is: battery.low, at: members, after: grid.lost, lag: 12000 ~ 25000 s, happens: 0.3, optional: true}
                      - {is: dc.low_voltage, at: members, after: grid.lost, lag: 14000 ~ 27000 s, happens: 0.3, optional: true}
                      - {is: dc.lvd1_open, at: members, after: grid.lost, lag: 15000 ~ 28000 s, happens: 0.3, optional: true}
                      - {is: dc.lvd2_open, at: members, after: grid.lost, lag: 18000 ~ 32000 s, happens: 0.3, optional: true}
                      - {is: cell.down, at: members, after: grid.lost, lag: 18000 ~ 32000 s, happens: 0.3, optional: true}

                """#),
    ]
}
