/// Small logs of what happens beside the power chain and the way to the core, one a scenario (DOMAIN 5.2).
extension Scenes {
    /// Readings every five minutes from midnight for some hours; `at` is the minute, counted from there.
    static func every(_ minutes: Int = 5, hours: Int, from start: Int = 0, _ line: (Int) -> String) -> String {
        var text = ""
        for minute in stride(from: start, to: hours * 60, by: minutes) {
            text += clock(minute) + " " + line(minute) + "\n"
        }
        return text
    }

    /// The clock of a script, that many minutes after midnight.
    static func clock(_ minute: Int) -> String {
        let (hour, rest) = (minute / 60 % 24, minute % 60)
        return (minute >= 1_440 ? "\(minute / 1_440)+" : "") + "\(hour < 10 ? "0" : "")\(hour):\(rest < 10 ? "0" : "")\(rest):00"
    }

    /// Inventory first; events stay in the order in which they are written.
    static func inTime(_ text: String) -> String {
        let lines = text.split(separator: "\n").map(String.init)
        let isInventory = { (line: String) in line.hasPrefix("site ") || line.hasPrefix("link ") }
        return (lines.filter(isInventory) + lines.filter { !isInventory($0) }).joined(separator: "\n") + "\n"
    }

    /// Lines by their time, inventory first: what is written series by series arrives as one stream.
    static func inOrder(_ text: String) -> String {
        let lines = text.split(separator: "\n").map(String.init)
        let isInventory = { (line: String) in line.hasPrefix("site ") || line.hasPrefix("link ") }
        let events = lines.filter { !isInventory($0) }.enumerated().sorted {
            let (left, right) = ($0.element.prefix { $0 != " " }, $1.element.prefix { $0 != " " })
            return left != right ? left < right : $0.offset < $1.offset
        }
        return (lines.filter(isInventory) + events.map(\.element)).joined(separator: "\n") + "\n"
    }

    /// S04
    static let module = fleet + "02:14:00 HUB rectifier.module_failed state=raised slot=2 spare_left=1 severity=minor\n"

    /// S04 where no contact is wired: the rectifier counts three of four from 02:10 on.
    static let countedModule = inOrder(
        fleet + every(10, hours: 4) { "HUB rectifier.telemetry modules_ok=\($0 < 130 ? 4 : 3) modules_total=4 out_i=60" })

    /// S06
    static let cooling = inOrder(
        fleet
        + every(hours: 6) { "HUB env.telemetry t_in=\($0 < 120 ? 26 : min(52, 26 + Double($0 - 120) / 5)) t_out=24" } + """
            02:00:00 HUB hvac.failed state=raised unit=1
            02:50:00 HUB env.high_temp state=raised t=36
            04:10:00 HUB ran.cell_degraded state=raised cell=1
            05:40:00 HUB ran.cell_down state=raised cell=1

            """)

    /// S08: a battery of 400 Ah under 3 kW is rated for nearly five hours; this one holds 70 minutes.
    static let aged = """
        site BATT name=Tiassale feeder_id=F-05 load_kw=3 battery.strings=2 battery.ah=200 battery.chemistry=vrla operators=["orange"]
        00:10:00 BATT battery.telemetry i=0.2 v=54 soc=100 soh=61
        02:00:00 BATT power.grid.telemetry v_l1=231
        02:14:00 BATT power.grid.outage state=raised last_v=0
        02:14:03 BATT battery.discharging state=raised
        02:20:00 BATT battery.telemetry i=-61 v=48.5 soc=80
        02:50:00 BATT power.dc.low_voltage state=raised v=46.8
        03:00:00 BATT power.dc.lvd_open state=raised priority=1 v=46.2
        03:24:00 BATT power.dc.lvd_open state=raised priority=2 v=43.2
        03:24:10 BATT rms.dying_gasp state=raised
        03:24:12 BATT ran.cell_down state=raised cell=1

        """

    /// A site without a generator: the battery holds for as long as it is rated, and the disconnects are all that is heard of its end.
    static let batteryAlone = inOrder(
        """
        site ALONE name=Dabou feeder_id=F-07 load_kw=2.5 battery.strings=2 battery.ah=200 battery.chemistry=vrla operators=["orange"]
        link ALONE CORE kind=hop frequency_ghz=18 length_km=9
        link KID1 ALONE kind=hop parent=ALONE frequency_ghz=18 length_km=9
        02:14:00 ALONE power.grid.outage state=raised last_v=0
        02:14:03 ALONE battery.discharging state=raised
        09:10:00 ALONE power.dc.lvd_open state=raised priority=1 v=46.2
        09:44:00 ALONE power.dc.lvd_open state=raised priority=2 v=43.2
        09:44:01 ALONE rms.dying_gasp state=raised v=43.1
        09:44:02 KID1 ran.cell_down state=raised cell=1
        09:44:04 KID1 ran.cell_down state=raised cell=2

        """)

    /// S09: door, motion, no current in the string, and hours later a dip of the grid.
    static let batteryTheft = inOrder(
        fleet
        + every(hours: 6) { "HUB battery.telemetry i=\($0 < 130 ? 0.2 : 0) v=54.4 string_id=1" }
        + every(hours: 6) { _ in "HUB power.dc.telemetry bus_v=54.4" } + """
            02:02:00 HUB access.door_open state=raised door=main
            02:03:00 HUB access.intrusion state=raised sensor=motion
            02:10:00 HUB battery.string_open state=raised string_id=1

            """)

    /// S11
    static let fuelTheft = inOrder(
        fleet
        + every(hours: 6) { "HUB dg.telemetry state=stopped rpm=0 p=0 at=\($0)" }
        + every(hours: 6) { "HUB fuel.telemetry level=\($0 < 150 ? 300 : $0 < 170 ? 300 - Double($0 - 145) * 3 : 225)" })

    /// S14 has its own scene; S15: one hop falls at once in the wind, and stays.
    static let misaligned = inOrder(
        fleet
        + every(hours: 6) { "KID1 mw.telemetry peer=HUB rsl=\($0 < 125 ? -40 : -52)" }
        + every(hours: 6) { _ in "KID2 mw.telemetry peer=HUB rsl=-41" } + """
            01:50:00 HUB structure.high_wind state=raised wind=26
            02:05:00 KID1 mw.rsl_low state=raised peer=HUB
            02:06:00 KID1 mw.acm_downshift state=raised peer=HUB

            """)

    /// S16
    static let wetLine =
        fleet + """
            02:00:00 HUB ran.vswr state=raised port=2 ratio=2.1 severity=minor
            08:06:00 HUB ran.vswr state=changed port=2 ratio=3.1 severity=major
            08:20:00 HUB ran.cell_degraded state=raised cell=2 kpi=thr

            """

    /// S17: the victims are the neighbours.
    static let timing =
        fleet.replacing("site HUB name=Toumodi", with: "site HUB name=Toumodi lat=6.80 lon=-5.20")
        .replacing("site KID1 name=Kokumbo", with: "site KID1 name=Kokumbo lat=6.82 lon=-5.22")
        .replacing("site KID2 name=Angoda", with: "site KID2 name=Angoda lat=6.78 lon=-5.21") + """
            02:00:00 HUB sync.gnss_lost state=raised
            02:04:00 HUB sync.holdover state=raised est_error=20
            10:00:00 HUB sync.phase_error state=raised error=1620
            10:12:00 KID1 ran.rtwp_high state=raised cell=1
            10:15:00 KID2 ran.cell_degraded state=raised cell=2
            10:40:00 KID1 ran.cell_down state=raised cell=1

            """

    /// S18
    static let lineTheft =
        fleet + """
            02:00:00 HUB access.intrusion state=raised sensor=fence
            02:11:00 HUB ran.rru_link_lost state=raised port=1
            02:11:10 HUB ran.vswr state=raised port=1 ratio=9
            02:11:20 HUB ran.rru_link_lost state=raised port=2
            02:11:25 HUB ran.vswr state=raised port=2 ratio=9
            02:11:40 HUB ran.cell_down state=raised cell=1
            02:11:42 HUB ran.cell_down state=raised cell=2

            """

    /// S19
    static let surge =
        fleet + """
            02:00:00 HUB power.spd.failed state=raised branch=L1
            02:00:00 HUB rectifier.module_failed state=raised slot=3
            02:00:01 KID1 mw.link_down state=raised peer=HUB
            02:00:01 HUB rms.offline state=raised age=1

            """

    /// S20 without its alarm: the generator runs and gives nothing.
    static let transfer = inOrder(
        fleet + "02:00:00 HUB power.grid.telemetry v_l1=231\n02:00:00 HUB battery.telemetry i=0.2 soc=100\n" + """
            02:14:00 HUB power.grid.outage state=raised
            02:14:03 HUB battery.discharging state=raised
            02:14:50 HUB dg.started reason=grid

            """
        + every(hours: 4, from: 140) { _ in "HUB battery.telemetry i=-61 v=50.3 soc=80" }
        + every(hours: 4, from: 140) { _ in "HUB power.grid.telemetry v_l1=0" }
        + every(hours: 4, from: 140) { _ in "HUB dg.telemetry state=running rpm=1500 p=0" })

    /// S21
    static let light = fleet + "02:00:00 HUB light.failed state=raised position=top\n"

    /// S22
    static let tilt =
        fleet + """
            01:40:00 HUB structure.high_wind state=raised wind=30
            02:00:00 HUB structure.tilt state=raised tilt=0.9
            02:01:00 KID1 mw.rsl_low state=raised peer=HUB
            02:01:30 KID2 mw.rsl_low state=raised peer=HUB

            """

    /// S24: the gauge stands still while the generator burns.
    static let stuckGauge = inOrder(
        fleet
        + every(hours: 8) { "HUB dg.telemetry state=running rpm=1500 p=4 at=\($0)" }
        + every(hours: 8) { _ in "HUB fuel.telemetry level=300" })

    /// S26, announced and not.
    static let announcedWork = "01:00:00 HUB permit.issued permit_id=P1\n" + work
    static let work = """
        02:00:00 HUB access.door_open state=raised door=main
        02:20:00 HUB ran.cell_down state=raised cell=1
        02:30:00 HUB ran.cell_down state=raised cell=2

        """

    /// The same behind a door whose contact is not wired: the element manager says that a person took the cells off the air.
    static let lockedCells = """
        02:20:00 HUB ran.cell_down state=raised cell=1 cause=locked
        02:20:00 HUB ran.cell_down state=raised cell=2 cause=locked

        """

    /// S27: traffic of one cell falls to nothing while the others go on.
    static let sleeping = inOrder(
        fleet
        + every(15, hours: 8) { "HUB ran.pm cell=1 unavail_s=0 rrc_att=\($0 < 240 ? 700 : 2)" }
        + every(15, hours: 8) { "HUB ran.pm cell=2 unavail_s=0 rrc_att=\(640 + $0 % 40)" })

    /// S28
    static let flood =
        fleet + """
            02:00:00 HUB env.flood state=raised level=200
            03:10:00 HUB rectifier.system_failed state=raised
            03:10:05 HUB battery.discharging state=raised
            03:40:00 HUB rms.dying_gasp state=raised
            03:40:20 HUB ran.cell_down state=raised cell=1

            """

    /// S10: the strings are gone and no sensor says so; at the next dip the bus falls from float to nothing.
    static let collapse =
        fleet + """
            02:00:00 HUB power.grid.telemetry v_l1=231
            02:00:00 HUB power.dc.telemetry bus_v=54.3
            02:10:00 HUB power.dc.telemetry bus_v=54.3
            02:14:00 HUB ran.cell_down state=raised cell=1 cause=power
            02:14:01 HUB ran.cell_down state=raised cell=2 cause=power
            02:14:02 KID1 mw.link_down state=raised peer=HUB
            02:14:09 HUB rms.dying_gasp state=raised v=0
            02:14:30 KID1 ran.cell_down state=raised cell=1 cause=backhaul
            02:14:48 HUB dg.started reason=grid
            02:15:20 HUB ran.cell_down state=cleared cell=1
            02:15:20 HUB ran.cell_down state=cleared cell=2
            02:15:40 HUB power.grid.outage state=raised last_v=0

            """

    /// S28 where the water reaches rectifier and battery at once: no discharge, and everything beyond the site goes dark.
    static let drowned =
        fleet + """
            02:00:00 HUB env.flood state=raised level=120
            03:00:00 HUB power.dc.telemetry bus_v=54.3
            03:05:00 HUB power.dc.telemetry bus_v=54.3
            03:10:00 HUB ran.cell_down state=raised cell=1 cause=power
            03:10:01 HUB rectifier.system_failed state=raised
            03:10:03 KID1 mw.link_down state=raised peer=HUB
            03:10:04 KID2 mw.link_down state=raised peer=HUB
            03:10:08 HUB rms.dying_gasp state=raised v=0
            03:10:40 KID1 ran.cell_down state=raised cell=1 cause=backhaul
            03:10:44 KID2 ran.cell_down state=raised cell=1 cause=backhaul
            03:20:00 KID1 mw.telemetry peer=HUB rsl=-99
            03:30:00 KID1 mw.telemetry peer=HUB rsl=-99

            """

    /// S28 at two sites: the water comes to the hub, then to the next site, and takes both.
    static let downstream =
        fleet.replacing("site HUB name=Toumodi", with: "site HUB name=Toumodi lat=6.80 lon=-5.20")
        .replacing("site KID1 name=Kokumbo", with: "site KID1 name=Kokumbo lat=6.82 lon=-5.22") + """
            02:00:00 HUB env.flood state=raised level=120
            03:05:00 HUB power.dc.telemetry bus_v=54.3
            03:10:00 HUB rectifier.system_failed state=raised
            03:10:01 HUB ran.cell_down state=raised cell=1 cause=power
            03:10:08 HUB rms.dying_gasp state=raised v=0
            04:30:00 KID1 env.flood state=raised level=90
            05:30:00 KID1 power.dc.telemetry bus_v=54.3
            05:35:00 KID1 rectifier.system_failed state=raised
            05:35:01 KID1 ran.cell_down state=raised cell=1 cause=power
            05:35:02 KID1 ran.cell_down state=raised cell=2 cause=power
            05:35:08 KID1 rms.dying_gasp state=raised v=0
            05:50:00 KID1 rms.offline state=raised age=900

            """

    /// The same where the first site's flood sensor is not wired: its rectifier fails before the next site's, which stood in water 65 minutes.
    static let unheardFlood = downstream.split(separator: "\n").filter { !$0.contains("HUB env.flood") }.joined(separator: "\n") + "\n"

    /// S07 by its own alarm, S12 by its papers, S30 as one log.
    static let weakCooling = fleet + "02:00:00 HUB hvac.short_cycling state=raised starts=16\n"
    static let shortDelivery = fleet + "02:00:00 HUB fuel.voucher voucher_id=V1 volume=200\n02:00:30 HUB fuel.refuel volume=200 voucher_id=V1 measured=178\n"
    static let two = inTime(startFailed + rain.replacing("15:", with: "02:"))

    /// Every scenario of DOMAIN 5.2 with an instant at which its incident is told.
    static let thirty: [(scenario: String, text: String, until: String)] = [
        ("S01", carried, "06:00:00"), ("S02", startFailed, "02:40:00"), ("S03", dry, "08:40:00"), ("S04", module, "04:00:00"),
        ("S05", rectifier, "02:40:00"), ("S06", cooling, "05:55:00"), ("S07", weakCooling, "04:00:00"), ("S08", aged, "03:30:00"),
        ("S09", batteryTheft, "05:00:00"), ("S10", collapse, "02:20:00"), ("S11", fuelTheft, "05:00:00"), ("S12", shortDelivery, "04:00:00"),
        ("S13", cut, "10:20:00"), ("S14", rain, "15:16:00"), ("S15", misaligned, "05:00:00"), ("S16", wetLine, "08:30:00"),
        ("S17", timing, "10:50:00"), ("S18", lineTheft, "02:30:00"), ("S19", surge, "02:20:00"), ("S20", transfer, "03:30:00"),
        ("S21", light, "03:00:00"), ("S22", tilt, "03:00:00"), ("S23", inOrder(blind), "04:00:00"), ("S24", stuckGauge, "07:55:00"),
        ("S25", feeder() + hubFalls, "08:10:00"), ("S26", fleet + work, "03:00:00"), ("S27", sleeping, "07:45:00"),
        ("S28", downstream, "06:00:00"), ("S29", panels, "13:00:00"), ("S30", two, "02:40:00"),
    ]

    /// S29: nothing in full sun from ten o'clock on.
    static let panels = inOrder(
        "site SUN name=Korhogo solar_kwp=4 operators=[\"mtn\"]\n"
        + every(hours: 13, from: 480) { "SUN solar.telemetry poa=700 p=\($0 < 600 ? 2.2 : 0) i=20" })
}
