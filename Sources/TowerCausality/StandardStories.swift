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
                      # Most outages end before the battery does, and a sound battery does not end early.
                      - {is: battery.short_autonomy, after: grid.lost, lag: 0.1 .. 6 h, happens: 0.015, reported: 0, optional: true}
                    then: {fragment: battery runs out, after: battery.discharging, share: 0.3}
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
                      - {is: battery.short_autonomy, happens: 0.05, reported: 0, optional: true}
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
                      - {is: battery.short_autonomy, happens: 0.05, reported: 0, optional: true}
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
                      - {is: battery.short_autonomy, happens: 0.05, reported: 0, optional: true}
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
                    prior: 0.02
                    nodes:
                      - {is: grid.lost, happens: 0.99}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.97}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.95}
                      - {is: ats.transfer_failed, after: grid.lost, lag: 20 .. 300 s, happens: 0.97}
                      - {is: dg.start_failed, after: grid.lost, lag: 30 .. 240 s, happens: 0.02}
                      - {is: rectifier.failed, after: grid.lost, happens: 0.0004}
                      - {is: battery.short_autonomy, happens: 0.05, reported: 0, optional: true}
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
                      # Whoever locks a cell says so: no radio fails that way.
                      - {is: cell.locked, happens: 0.001}

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
        TemplateFile(
            name: "causality/50-site.yaml",
            text: #"""
                # The site itself: rectifier modules, cooling, batteries, doors, lights, structure, floods. Format: docs/causality.md.
                stories:
                  # S04: one module of several failed; the spare carries on.
                  - story: rectifier module failed
                    scenario: S04
                    anchor: site
                    root: rectifier.module_failed
                    object: rectifier
                    event: rectifier.module_failed
                    label: Rectifier module failed, the others carry the load
                    prior: 0.1
                    severity: minor
                    sentence: "{place} lost a rectifier module at {time}; the others carry the load, without a spare."
                    actions:
                      - {kind: visit, text: Bring a rectifier module on the next visit, detail: "{place}. No service is lost"}
                    nodes:
                      - {is: rectifier.module_failed, happens: 0.99}
                      - {is: rectifier.failed, happens: 0.002}
                      - {is: battery.discharging, happens: 0.005}
                      - {is: spd.failed, happens: 0.01}
                  # S06: cooling stops, the shelter warms, radios derate and stop.
                  - story: cooling failed
                    scenario: S06
                    anchor: site
                    root: hvac.failed
                    object: hvac
                    event: hvac.failed
                    label: Cooling failed
                    prior: 0.06
                    sentence: "{place} has had no cooling since {time}; its radios derate within hours and stop after that."
                    actions:
                      - {kind: remote, text: Restart the cooling unit remotely, detail: "{place}"}
                      - {kind: visit, text: Send a cooling technician, detail: "{place}. Radios stop three to eight hours after the cooling"}
                    nodes:
                      - {is: hvac.failed, happens: 0.97}
                      - {is: env.heating, after: hvac.failed, lag: 0.2 .. 2.5 h, happens: 0.9, reported: 0, telling: true}
                      - {is: env.high_temp, after: hvac.failed, lag: 0.3 .. 4 h, happens: 0.9, optional: true, telling: true}
                      - {is: battery.high_temp, after: hvac.failed, lag: 1 .. 10 h, happens: 0.4, optional: true}
                      - {is: hvac.degrading, lag: 0 .. 40 d, happens: 0.1, reported: 0.4, precursor: true, optional: true}
                      - {is: cell.degraded, after: hvac.failed, lag: 1 .. 6 h, happens: 0.7, optional: true}
                      - {is: cell.down, after: hvac.failed, lag: 2 .. 10 h, happens: 0.7, optional: true}
                      - {is: grid.lost, happens: 0.02}
                  # S07: cooling that loses a little every day, for weeks.
                  - story: cooling grows weaker
                    scenario: S07
                    anchor: site
                    root: hvac.degrading
                    object: hvac
                    event: hvac.short_cycling
                    label: Cooling grows weaker
                    prior: 0.03
                    severity: minor
                    sentence: "{place} is warmer every day than the weather explains, since {time}: its cooling loses strength and fails on the next hot day."
                    actions:
                      - {kind: visit, text: Plan a service of the cooling unit within the week, detail: "{place}. Look for a refrigerant leak"}
                    nodes:
                      - {is: hvac.degrading, happens: 0.97, reported: 0.5}
                      - {is: env.high_temp, after: hvac.degrading, lag: 0 .. 40 d, happens: 0.4, optional: true}
                      - {is: env.heating, after: hvac.degrading, lag: 0 .. 40 d, happens: 0.3, optional: true}
                      - {is: hvac.failed, after: hvac.degrading, lag: 7 .. 42 d, happens: 0.02, optional: true}
                      - {is: cell.degraded, after: hvac.degrading, lag: 7 .. 42 d, happens: 0.1, optional: true}
                  # S08: nothing says that a battery has aged until it is needed. Where there is a generator, it should have carried the load.
                  - story: battery aged
                    scenario: S08
                    anchor: site
                    requires: no generator
                    root: battery.aged
                    object: battery
                    event: battery.test_result
                    trigger: grid.lost
                    label: Battery aged, the outage outlasted it
                    prior: 0.04
                    sentence: "{place} lost power long before its battery's rated time, because the battery has aged; the grid failed at {trigger}."
                    actions:
                      - {kind: visit, text: Replace the battery, detail: "{place}. What it gave proves a capacity under 80 % of the rated one"}
                    nodes:
                      - {is: grid.lost, happens: 0.98}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.97}
                      - {is: battery.aged, happens: 0.9, reported: 0.1, precursor: true}
                      - {is: battery.short_autonomy, after: grid.lost, lag: 0.1 .. 8 h, happens: 0.95, reported: 0, telling: true}
                      - {is: dg.start_failed, happens: 0.03}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.05, optional: true}
                      - {is: rectifier.failed, happens: 0.0004}
                    then: {fragment: battery runs out, after: battery.discharging}
                  # S09: somebody comes in, the strings go, the bus stays on the rectifier; the next dip of the grid ends the site.
                  - story: battery stolen
                    scenario: S09
                    anchor: site
                    root: battery.missing
                    object: battery
                    event: battery.missing
                    label: Battery gone
                    prior: 0.02
                    sentence: "{place} has no battery since {time}: its strings take no current while the bus stays up. The next dip of the grid takes the site down."
                    actions:
                      - {kind: visit, text: Send security and a technician with batteries, detail: "{place}"}
                      - {kind: check, text: Look at the camera and the door records, detail: "{place}"}
                    nodes:
                      - {is: battery.missing, happens: 0.98, reported: 0.3}
                      - {is: access.intrusion, lag: 0 .. 3 h, happens: 0.4, precursor: true, optional: true}
                      - {is: access.door_open, lag: 0 .. 3 h, happens: 0.45, precursor: true, optional: true}
                      - {is: access.permitted, lag: 0 .. 12 h, happens: 0.05, precursor: true, optional: true}
                      # The dip comes hours or days later, at no time of its own.
                      - {is: grid.lost, lag: 0 .. 10 d, happens: 0.5, optional: true}
                      - {is: battery.discharging, after: grid.lost, lag: 0 .. 10 s, happens: 0.05, optional: true}
                      - {is: rectifier.failed, happens: 0.02}
                      - {is: env.flood, happens: 0.01}
                      - {is: site.collapsed, lag: 0 .. 10 d, happens: 0.6, reported: 0, optional: true, telling: true}
                      - {is: dg.running, after: grid.lost, lag: 10 .. 150 s, happens: 0.6, optional: true}
                      - {is: site.dark, after: site.collapsed, lag: 0 .. 5 s, happens: 0.9, reported: 0, optional: true}
                      - {is: rms.dying_gasp, after: site.dark, lag: 0 .. 30 s, happens: 0.8, optional: true}
                      - {is: rms.silent, after: site.dark, lag: 1 .. 30 min, happens: 0.9, optional: true}
                      - {is: rms.offline, after: site.dark, lag: 1 .. 30 min, happens: 0.6, optional: true}
                      - {is: cell.down, at: anchor and dependents, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                      - {is: backhaul.lost, at: dependents, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                      - {is: hop.down, at: touching links, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                      - {is: fibre.cut, at: touching links, after: site.dark, lag: 0 .. 90 s, happens: 0.9, optional: true}
                  # Doors: work that was announced, and work that was not.
                  - story: permitted work
                    scenario: S26
                    anchor: site
                    root: access.permitted
                    object: door
                    event: permit.issued
                    label: Permitted work on site
                    prior: 0.15
                    benign: true
                    attention: record
                    sentence: "Permitted work at {place} since {time}; what dips or locks there comes back with it."
                    nodes:
                      # Permit, change window and visit each announce it: one of the three is heard.
                      - {is: access.permitted, happens: 0.99, reported: 0.99}
                      - {is: access.door_open, happens: 0.9, telling: true}
                      - {is: access.intrusion, happens: 0.03}
                      - {is: battery.discharging, lag: 0 .. 6 h, happens: 0.3, optional: true}
                      - {is: cell.locked, lag: 0 .. 6 h, happens: 0.4, optional: true}
                      - {is: cell.down, lag: 0 .. 6 h, happens: 0.4, optional: true}
                      - {is: cell.degraded, lag: 0 .. 6 h, happens: 0.3, optional: true}
                      - {is: dc.low_voltage, lag: 0 .. 6 h, happens: 0.1, optional: true}
                      - {is: rms.offline, happens: 0.03, optional: true}
                      - {is: battery.missing, happens: 0.003, reported: 0.3}
                  - story: unpermitted work
                    scenario: S26
                    anchor: site
                    root: access.unpermitted
                    object: door
                    event: access.door_open
                    label: Work on site without a permit
                    prior: 0.05
                    severity: major
                    sentence: "Somebody works at {place} since {time} and no permit covers it."
                    actions:
                      - {kind: check, text: Call the site's operators, detail: "{place}: who is on site, and why without a permit"}
                      - {kind: visit, text: Send security, detail: "{place}, when nobody claims the work"}
                    nodes:
                      - {is: access.unpermitted, happens: 0.9, reported: 0}
                      - {is: access.door_open, happens: 0.85, telling: true}
                      - {is: access.intrusion, happens: 0.4, telling: true}
                      - {is: access.permitted, happens: 0.02, reported: 0.85}
                      - {is: battery.discharging, lag: 0 .. 6 h, happens: 0.3, optional: true}
                      - {is: cell.locked, lag: 0 .. 6 h, happens: 0.4, optional: true, telling: true}
                      - {is: cell.down, lag: 0 .. 6 h, happens: 0.4, optional: true}
                      - {is: cell.degraded, lag: 0 .. 6 h, happens: 0.3, optional: true}
                      - {is: dc.low_voltage, lag: 0 .. 6 h, happens: 0.1, optional: true}
                      - {is: battery.missing, happens: 0.01, reported: 0.3}
                      - {is: fuel.theft, happens: 0.01}
                  # S19: one stroke, many unrelated devices in the same second.
                  - story: lightning surge
                    scenario: S19
                    anchor: site
                    root: lightning.surge
                    object: spd
                    event: power.spd.failed
                    label: Lightning surge
                    prior: 0.02
                    sentence: "A surge hit {place} at {time}: unrelated devices failed in the same second."
                    actions:
                      - {kind: remote, text: Restart what answers, detail: "{place}: part of it recovers within minutes"}
                      - {kind: visit, text: "Send a technician with surge arresters, rectifier modules and a controller", detail: "{place}"}
                    nodes:
                      - {is: lightning.surge, happens: 0.99, reported: 0}
                      - {is: spd.failed, after: lightning.surge, lag: 0 .. 5 s, happens: 0.9, telling: true}
                      - {is: rectifier.module_failed, after: lightning.surge, lag: 0 .. 5 s, happens: 0.6, telling: true}
                      - {is: rectifier.failed, after: lightning.surge, lag: 0 .. 5 s, happens: 0.2, optional: true}
                      - {is: battery.discharging, after: lightning.surge, lag: 0 .. 20 s, happens: 0.25, optional: true}
                      - {is: rms.offline, after: lightning.surge, lag: 0 .. 1800 s, happens: 0.5, optional: true}
                      - {is: rms.silent, after: lightning.surge, lag: 0 .. 1800 s, happens: 0.5, optional: true}
                      - {is: rms.dying_gasp, after: lightning.surge, lag: 0 .. 5 s, happens: 0.1, optional: true}
                      - {is: hop.down, at: touching links, after: lightning.surge, lag: 0 .. 5 s, happens: 0.5, optional: true}
                      - {is: hop.modulation_down, at: touching links, after: lightning.surge, lag: 0 .. 5 s, happens: 0.2, optional: true}
                      - {is: cell.down, at: anchor and dependents, after: lightning.surge, lag: 0 .. 90 s, happens: 0.3, optional: true}
                      - {is: grid.lost, after: lightning.surge, lag: 0 .. 5 s, happens: 0.2, optional: true}
                      - {is: ran.rru_link_lost, after: lightning.surge, lag: 0 .. 90 s, happens: 0.4, optional: true}
                      - {is: cell.degraded, after: lightning.surge, lag: 0 .. 5 min, happens: 0.2, optional: true}
                      - {is: sync.gnss_lost, after: lightning.surge, lag: 0 .. 5 s, happens: 0.1, optional: true}
                      - {is: light.failed, after: lightning.surge, lag: 0 .. 5 s, happens: 0.1, optional: true}
                  # S21: the obstruction light: a legal clock, no service.
                  - story: tower light out
                    scenario: S21
                    anchor: site
                    root: light.failed
                    object: light
                    event: light.failed
                    label: Obstruction light out
                    prior: 0.1
                    severity: major
                    sentence: "The obstruction light of {place} is out since {time}; aviation must be told within 30 minutes."
                    actions:
                      - {kind: notify, text: Send the notice to aviation, detail: "{place}: within 30 minutes of the failure"}
                      - {kind: visit, text: Send a rigger with a lamp, detail: "{place}"}
                    nodes:
                      - {is: light.failed, happens: 0.99}
                      - {is: grid.lost, happens: 0.02}
                      - {is: spd.failed, happens: 0.01}
                  # S22: the tower leans, and every hop from it shifts.
                  - story: tower tilts
                    scenario: S22
                    anchor: site
                    root: structure.tilt
                    object: structure
                    event: structure.tilt
                    label: Tower tilts
                    prior: 0.01
                    sentence: "The tower of {place} tilts since {time}: guy wire or foundation. Its hops move with it."
                    actions:
                      - {kind: visit, text: Close the site and send a structural engineer, detail: "{place}: keep people away from the tower"}
                    nodes:
                      - {is: structure.tilt, happens: 0.98}
                      - {is: structure.high_wind, lag: 0 .. 12 h, happens: 0.7, precursor: true, optional: true}
                      - {is: rain.fade, at: touching links, lag: 0 .. 12 h, happens: 0.6, optional: true}
                      - {is: hop.level_step, at: touching links, lag: 0 .. 12 h, happens: 0.5, reported: 0, optional: true}
                      - {is: hop.modulation_down, at: touching links, lag: 0 .. 12 h, happens: 0.5, optional: true}
                      - {is: hop.down, at: touching links, lag: 0 .. 12 h, happens: 0.3, optional: true}
                  # S28: water first, then what stands in it.
                  - story: flood
                    scenario: S28
                    anchor: site
                    root: env.flood
                    object: env
                    event: env.flood
                    label: Flood
                    prior: 0.02
                    sentence: "{place} stands in water since {time}; its power goes when the water reaches it, and its neighbours downstream are next."
                    actions:
                      - {kind: remote, text: Switch off what can be spared, detail: "{place}"}
                      - {kind: check, text: Warn the sites downstream, detail: "Neighbours of {place} follow"}
                    nodes:
                      - {is: env.flood, happens: 0.98}
                      - {is: access.door_open, after: env.flood, lag: 0 .. 3 h, happens: 0.3, optional: true}
                      - {is: rectifier.failed, after: env.flood, lag: 0.4 .. 3.5 h, happens: 0.6, optional: true}
                      - {is: rectifier.module_failed, after: env.flood, lag: 0.4 .. 3.5 h, happens: 0.3, optional: true}
                      - {is: grid.lost, after: env.flood, lag: 0 .. 3.5 h, happens: 0.3, optional: true}
                      - {is: battery.discharging, after: rectifier.failed, lag: 0 .. 1 h, happens: 0.4, optional: true}
                      # The water that reaches the rectifier reaches the battery: the bus is gone at once.
                      - {is: site.collapsed, after: rectifier.failed, lag: 0 .. 30 min, happens: 0.5, reported: 0, optional: true, telling: true}
                      - {is: battery.missing, after: env.flood, lag: 0.4 .. 8 h, happens: 0.2, optional: true}
                      - {is: rms.dying_gasp, after: env.flood, lag: 0.4 .. 8 h, happens: 0.5, optional: true}
                      - {is: rms.silent, after: env.flood, lag: 0.4 .. 8 h, happens: 0.6, optional: true}
                      - {is: rms.offline, after: env.flood, lag: 0.4 .. 8 h, happens: 0.5, optional: true}
                      - {is: cell.down, at: anchor and dependents, after: env.flood, lag: 0.4 .. 8 h, happens: 0.7, optional: true}
                      - {is: backhaul.lost, at: dependents, after: env.flood, lag: 0.4 .. 8 h, happens: 0.6, optional: true}
                      - {is: hop.down, at: touching links, after: env.flood, lag: 0.4 .. 8 h, happens: 0.7, optional: true}
                      - {is: fibre.cut, at: touching links, after: env.flood, lag: 0.4 .. 8 h, happens: 0.7, optional: true}
                      # Downstream it comes later, and does the same.
                      - {is: env.flood, id: downstream, at: nearby sites, after: env.flood, lag: 0.3 .. 8 h, happens: 0.4, optional: true}
                      # The order in which rectifiers fail is the order of the water, whichever flood sensor is wired.
                      - {is: rectifier.failed, id: downstream rectifier, at: nearby sites, after: rectifier.failed, lag: 0 .. 8 h, happens: 0.05, optional: true}
                      - {is: site.collapsed, id: downstream collapse, at: nearby sites, after: downstream rectifier, lag: 0 .. 30 min, happens: 0.5, reported: 0, optional: true}
                      - {is: rms.dying_gasp, id: downstream gasp, at: nearby sites, after: downstream rectifier, lag: 0 .. 5 h, happens: 0.5, optional: true}
                      - {is: rms.silent, id: downstream silence, at: nearby sites, after: downstream rectifier, lag: 0 .. 5 h, happens: 0.6, optional: true}
                      - {is: rms.offline, id: downstream offline, at: nearby sites, after: downstream rectifier, lag: 0 .. 5 h, happens: 0.5, optional: true}
                      # Where neither flood nor rectifier is heard, a site that goes at once near the water went by it.
                      - {is: site.collapsed, id: downstream end, at: nearby sites, after: env.flood, lag: 0.7 .. 12 h, happens: 0.1, reported: 0, optional: true}
                      - {is: cell.down, id: downstream cells, at: nearby sites, after: downstream rectifier, lag: 0 .. 5 h, happens: 0.7, optional: true}
                    then: {fragment: battery runs out, after: battery.discharging}
                  # S24: a sensor that contradicts physics says something about itself, not about the site.
                  - story: sensor lies
                    scenario: S24
                    anchor: site
                    root: sensor.faulty
                    object: sensor
                    event: fuel.sensor_fault
                    label: Sensor contradicts physics
                    prior: 0.1
                    severity: minor
                    attention: record
                    sentence: "A sensor of {place} contradicts physics since {time}; what it says is not believed."
                    actions:
                      - {kind: visit, text: Look at the sensor on the next visit, detail: "{place}"}
                    nodes:
                      - {is: sensor.faulty, happens: 0.99}
                      - {is: fuel.theft, happens: 0.05}
                      - {is: grid.lost, happens: 0.05}

                """#),
        TemplateFile(
            name: "causality/60-fuel-and-sun.yaml",
            text: #"""
                # Fuel and sun: what leaves the tank unburned, and panels that give less than the sun. Format: docs/causality.md.
                stories:
                  # S11: the generator is off, and the level falls by tens of litres within minutes.
                  - story: fuel stolen
                    scenario: S11
                    anchor: site
                    root: fuel.theft
                    object: fuel
                    event: fuel.loss_suspected
                    label: Fuel stolen
                    prior: 0.04
                    severity: major
                    sentence: "Fuel left the tank of {place} at {time} with the generator off and no delivery: it was taken."
                    actions:
                      - {kind: visit, text: Send security and dip the tank, detail: "{place}"}
                      - {kind: check, text: Look at the door and camera records, detail: "{place}"}
                    nodes:
                      - {is: fuel.theft, happens: 0.98}
                      - {is: access.door_open, lag: 0 .. 2 h, happens: 0.3, precursor: true, optional: true}
                      - {is: access.intrusion, lag: 0 .. 2 h, happens: 0.3, precursor: true, optional: true}
                      - {is: access.permitted, lag: 0 .. 12 h, happens: 0.03, precursor: true, optional: true}
                      - {is: fuel.low, after: fuel.theft, lag: 0 .. 10 d, happens: 0.3, optional: true}
                      - {is: sensor.faulty, happens: 0.02}
                  # S12: one to three litres a day, or less delivered than paid for.
                  - story: fuel siphoned
                    scenario: S12
                    anchor: site
                    root: fuel.siphon
                    object: fuel
                    event: fuel.loss_suspected
                    label: Fuel siphoned off day by day
                    prior: 0.03
                    severity: minor
                    sentence: "The tank of {place} loses more every day than its generator burns; noticed at {time}."
                    actions:
                      - {kind: check, text: Compare the ledger with the last vouchers, detail: "{place}"}
                      - {kind: visit, text: Look for a tap or a leak on the next visit, detail: "{place}"}
                    nodes:
                      - {is: fuel.siphon, happens: 0.98, reported: 0.2}
                      - {is: fuel.low, after: fuel.siphon, lag: 0 .. 30 d, happens: 0.2, optional: true}
                  - story: short delivery
                    scenario: S12
                    anchor: site
                    root: fuel.short_delivery
                    object: fuel
                    event: fuel.refuel
                    label: Less fuel delivered than paid for
                    prior: 0.03
                    severity: minor
                    sentence: "The delivery to {place} at {time} brought less than its voucher says."
                    actions:
                      - {kind: notify, text: Dispute the voucher with the supplier, detail: "{place}: the tank measured less"}
                    nodes:
                      - {is: fuel.short_delivery, happens: 0.98, reported: 0.2}
                  # S29: panels gone, or a little less every day.
                  - story: solar panels gone
                    scenario: S29
                    anchor: site
                    root: solar.panel_missing
                    object: solar
                    event: solar.panel_missing
                    label: Solar panels gone
                    prior: 0.03
                    severity: major
                    sentence: "The panels of {place} give nothing in full sun since {time}: taken or cut off."
                    actions:
                      - {kind: visit, text: Send security and a solar technician, detail: "{place}"}
                    nodes:
                      - {is: solar.panel_missing, happens: 0.98}
                      - {is: access.intrusion, lag: 0 .. 1 h, happens: 0.3, precursor: true, optional: true}
                      - {is: access.door_open, lag: 0 .. 1 h, happens: 0.2, precursor: true, optional: true}
                      - {is: solar.soiling, happens: 0.3, optional: true}
                      - {is: battery.low, after: solar.panel_missing, lag: 1 .. 40 h, happens: 0.2, optional: true}
                  - story: solar panels soiled
                    scenario: S29
                    anchor: site
                    root: solar.soiling
                    object: solar
                    event: solar.underperformance
                    label: Solar panels soiled
                    prior: 0.05
                    severity: warning
                    sentence: "The panels of {place} give a little less every day; noticed at {time}."
                    actions:
                      - {kind: visit, text: Clean the panels on the next visit, detail: "{place}"}
                    nodes:
                      - {is: solar.soiling, happens: 0.98, reported: 0.6}
                      - {is: solar.panel_missing, happens: 0.01}

                """#),
        TemplateFile(
            name: "causality/70-radio.yaml",
            text: #"""
                # Radio: antenna lines, timing, cells that sleep, antennas that turn. Format: docs/causality.md.
                stories:
                  # S15: wind turned one antenna; the level fell at once and stays in dry weather.
                  - story: antenna misaligned
                    scenario: S15
                    anchor: link
                    requires: radio
                    root: antenna.misaligned
                    object: link
                    event: mw.rsl_low
                    label: Antenna turned by wind
                    prior: 0.03
                    sentence: "The level of {place} fell at once at {time} and stays: an antenna is out of line, this is no rain."
                    actions:
                      - {kind: visit, text: Send a rigger to align the antenna, detail: "{place}"}
                      - {kind: check, text: Read both ends' level and transmit power, detail: Both ends fall alike when an antenna has turned}
                    nodes:
                      - {is: antenna.misaligned, happens: 0.99, reported: 0}
                      - {is: hop.level_step, after: antenna.misaligned, lag: 0 .. 1.5 h, happens: 0.9, reported: 0, telling: true}
                      - {is: rain.fade, after: antenna.misaligned, lag: 0 .. 10 min, happens: 0.9, reported: 0.88, telling: true}
                      - {is: hop.modulation_down, after: antenna.misaligned, lag: 0 .. 15 min, happens: 0.7, optional: true}
                      - {is: hop.down, after: antenna.misaligned, lag: 0 .. 15 min, happens: 0.15, optional: true}
                      - {is: structure.high_wind, at: ends, lag: 0 .. 3 h, happens: 0.7, precursor: true, optional: true, telling: true}
                      - {is: rain.fade, at: nearby links, happens: 0.02, optional: true}
                      - {is: backhaul.lost, at: dependents, after: hop.down, lag: 0 .. 60 s, happens: 0.5, optional: true}
                      - {is: cell.down, at: dependents, after: hop.down, lag: 0 .. 120 s, happens: 0.8, optional: true}
                  # S16: water creeps into one line: reflections for days, worse when it rains.
                  - story: water in the antenna line
                    scenario: S16
                    anchor: site
                    root: antenna_line.water
                    object: port
                    event: ran.vswr
                    label: Water in the antenna line
                    prior: 0.05
                    sentence: "One antenna line of {place} reflects more and more since {time}: water is in it. One sector only."
                    actions:
                      - {kind: visit, text: Send a rigger with connectors and sealing, detail: "{place}: the sector that reports"}
                    nodes:
                      - {is: antenna_line.water, happens: 0.99, reported: 0}
                      - {is: ran.vswr, after: antenna_line.water, lag: 0 .. 5 min, happens: 0.97, telling: true}
                      - {is: cell.degraded, after: ran.vswr, lag: 0 .. 2 d, happens: 0.6, optional: true}
                      - {is: cell.down, after: ran.vswr, lag: 0 .. 2 d, happens: 0.4, optional: true}
                      - {is: ran.rru_link_lost, happens: 0.03}
                      - {is: access.intrusion, happens: 0.01}
                  # S18: lines cut and carried off: several ports in one minute.
                  - story: antenna line stolen
                    scenario: S18
                    anchor: site
                    root: antenna_line.theft
                    object: port
                    event: ran.rru_link_lost
                    label: Antenna lines cut
                    prior: 0.015
                    sentence: "Several antenna lines of {place} opened within a minute at {time}: they were cut."
                    actions:
                      - {kind: visit, text: Send security and a rigger with cable, detail: "{place}"}
                    nodes:
                      - {is: antenna_line.theft, happens: 0.99, reported: 0}
                      - {is: ran.rru_link_lost, after: antenna_line.theft, lag: 0 .. 90 s, happens: 0.9, telling: true}
                      - {is: ran.vswr, after: antenna_line.theft, lag: 0 .. 90 s, happens: 0.85, telling: true}
                      - {is: access.intrusion, lag: 0 .. 40 min, happens: 0.6, precursor: true, optional: true}
                      - {is: access.door_open, lag: 0 .. 40 min, happens: 0.4, precursor: true, optional: true}
                      - {is: access.permitted, lag: 0 .. 12 h, happens: 0.04, precursor: true, optional: true}
                      - {is: cell.down, after: antenna_line.theft, lag: 0 .. 5 min, happens: 0.85, optional: true}
                      - {is: cell.degraded, after: antenna_line.theft, lag: 0 .. 5 min, happens: 0.4, optional: true}
                  # S17: timing is lost here, and hours later the neighbours suffer.
                  - story: satellite timing lost
                    scenario: S17
                    anchor: site
                    root: sync.gnss_lost
                    object: sync
                    event: sync.gnss_lost
                    label: Satellite timing lost
                    prior: 0.06
                    sentence: "{place} lost its satellite timing at {time}; when its clock has drifted, the cells of its neighbours suffer, not its own."
                    actions:
                      - {kind: remote, text: Restart the receiver and lock to packet timing, detail: "{place}"}
                      - {kind: visit, text: Send a technician with an antenna, detail: "{place}; look for a jammer when several sites lose timing"}
                    nodes:
                      - {is: sync.gnss_lost, happens: 0.97}
                      - {is: sync.holdover, after: sync.gnss_lost, lag: 0 .. 15 min, happens: 0.9, telling: true}
                      - {is: sync.phase_error, after: sync.gnss_lost, lag: 3 .. 26 h, happens: 0.7, optional: true, telling: true}
                      - {is: cell.interference, at: nearby sites, after: sync.phase_error, lag: 0 .. 2 h, happens: 0.6, optional: true}
                      - {is: cell.degraded, at: nearby sites, after: sync.phase_error, lag: 0 .. 2 h, happens: 0.6, optional: true}
                      - {is: cell.down, at: nearby sites, after: sync.phase_error, lag: 0 .. 3 h, happens: 0.4, optional: true}
                      - {is: cell.interference, after: sync.phase_error, lag: 0 .. 2 h, happens: 0.3, optional: true}
                      - {is: cell.degraded, after: sync.phase_error, lag: 0 .. 2 h, happens: 0.3, optional: true}
                      - {is: cell.down, after: sync.phase_error, lag: 0 .. 3 h, happens: 0.4, optional: true}
                      - {is: spd.failed, happens: 0.01}
                  # S27: on the air, without an alarm, and nobody is served.
                  - story: sleeping cell
                    scenario: S27
                    anchor: site
                    root: cell.sleeping
                    object: cell
                    event: ran.sleeping_cell
                    label: Sleeping cell
                    prior: 0.06
                    severity: major
                    sentence: "A cell of {place} serves nobody since {time} although it is on the air and its neighbours are busy."
                    actions:
                      - {kind: remote, text: Restart the cell remotely, detail: "{place}"}
                    nodes:
                      - {is: cell.sleeping, happens: 0.98, reported: 0.3}
                      - {is: cell.down, happens: 0.03}
                      - {is: ran.vswr, happens: 0.02}

                """#),
    ]
}
