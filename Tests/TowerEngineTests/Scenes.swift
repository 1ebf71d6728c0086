/// Small logs, one a scenario. Times and values follow the scenario descriptions (DOMAIN 5.2).
enum Scenes {
    static let fleet = """
        site HUB name=Toumodi feeder_id=F-03 is_hub=true load_kw=3 battery.strings=2 battery.ah=200 battery.chemistry=vrla dg.kva=15 dg.tank_l=400 operators=["orange","mtn"]
        site KID1 name=Kokumbo feeder_id=F-09 load_kw=1 battery.strings=1 battery.ah=200 battery.chemistry=vrla dg.kva=10 dg.tank_l=200 operators=["orange"]
        site KID2 name=Angoda feeder_id=F-09 load_kw=1 battery.strings=1 battery.ah=200 battery.chemistry=vrla dg.kva=10 dg.tank_l=200 operators=["moov"]
        link KID1 HUB kind=hop parent=HUB frequency_ghz=18 length_km=9
        link KID2 HUB kind=hop parent=HUB frequency_ghz=18 length_km=7

        """

    /// S01
    static let carried =
        fleet + """
            02:00:00 HUB power.grid.telemetry v_l1=231
            02:14:00 HUB power.grid.outage state=raised last_v=0
            02:14:03 HUB battery.discharging state=raised
            02:14:50 HUB dg.started reason=grid
            02:15:00 HUB battery.discharging state=cleared
            02:20:00 HUB dg.telemetry state=running p=4
            02:20:00 HUB battery.telemetry i=6 v=54
            04:00:00 HUB power.grid.outage state=cleared
            04:04:00 HUB dg.stopped reason=grid

            """

    /// S02 as far as the battery, without its end.
    static let startFailed =
        fleet + """
            02:00:00 HUB power.grid.telemetry v_l1=231
            02:00:00 HUB battery.telemetry i=0.2 soc=100
            02:14:00 HUB power.grid.outage state=raised last_v=0
            02:14:03 HUB battery.discharging state=raised
            02:15:40 HUB dg.start_failed state=raised attempts=3
            02:20:00 HUB battery.telemetry i=-61 v=50.5 soc=92
            02:20:00 HUB power.grid.telemetry v_l1=0
            02:20:00 HUB dg.telemetry state=fault rpm=0
            02:25:00 HUB battery.telemetry i=-61 v=50.3 soc=88
            02:25:00 HUB power.dc.telemetry bus_v=50.3

            """

    static let dark =
        startFailed + """
            05:10:00 HUB battery.low state=raised soc=30
            05:40:00 HUB power.dc.low_voltage state=raised v=46.8
            06:00:00 HUB power.dc.lvd_open state=raised priority=1 v=46.2
            07:00:00 HUB power.dc.lvd_open state=raised priority=2 v=43.2
            07:00:10 HUB rms.dying_gasp state=raised
            07:00:12 HUB ran.cell_down state=raised cell=1
            07:00:14 KID1 mw.link_down state=raised peer=HUB
            07:00:40 KID1 ran.cell_down state=raised cell=1
            07:00:41 KID1 ran.cell_down state=raised cell=2
            07:00:52 KID2 ran.cell_down state=raised cell=1

            """

    /// S03
    static let dry =
        fleet + """
            00:30:00 HUB fuel.low state=raised hours_to_empty_p10=20
            00:31:00 HUB fuel.telemetry level=40
            02:14:00 HUB power.grid.outage state=raised
            02:14:03 HUB battery.discharging state=raised
            02:14:50 HUB dg.started reason=grid
            02:15:00 HUB battery.discharging state=cleared
            02:20:00 HUB dg.telemetry state=running
            02:20:00 HUB battery.telemetry i=5
            08:00:00 HUB fuel.telemetry level=6
            08:05:00 HUB dg.stopped reason=fuel
            08:05:03 HUB battery.discharging state=raised
            08:10:00 HUB battery.telemetry i=-60
            08:15:00 HUB battery.telemetry i=-60
            08:20:00 HUB battery.telemetry i=-60

            """

    /// S05
    static let rectifier =
        fleet + """
            02:00:00 HUB power.grid.telemetry v_l1=231
            02:14:00 HUB rectifier.system_failed state=raised
            02:14:03 HUB battery.discharging state=raised
            02:20:00 HUB power.grid.telemetry v_l1=230
            02:20:00 HUB battery.telemetry i=-61
            02:25:00 HUB power.grid.telemetry v_l1=230
            02:25:00 HUB battery.telemetry i=-61

            """

    /// S13
    static let cut = """
        site CORE name=Core is_hub=true operators=["orange"]
        site A name=Anono operators=["orange"]
        site B name=Bako operators=["mtn"]
        site C name=Cocody operators=["mtn"]
        link A CORE kind=fibre parent=CORE length_km=30
        link B A kind=hop parent=A frequency_ghz=18
        link C A kind=hop parent=A frequency_ghz=18
        10:00:00 A power.dc.telemetry bus_v=54
        10:00:00 B power.dc.telemetry bus_v=54
        10:12:00 A fibre.los state=raised peer=CORE
        10:12:00 CORE fibre.los state=raised peer=A
        10:12:20 A ran.cell_down state=raised cell=1
        10:12:31 B ran.cell_down state=raised cell=1
        10:12:32 B ran.cell_down state=raised cell=2
        10:12:40 C ran.cell_down state=raised cell=1

        """

    /// S14
    static let rain = """
        site A lat=6.8 lon=-5.2
        site B lat=6.82 lon=-5.25
        site C lat=6.86 lon=-5.3
        site D lat=6.9 lon=-5.35
        link B A kind=hop parent=A frequency_ghz=23 length_km=6
        link C B kind=hop parent=B frequency_ghz=23 length_km=6
        link D C kind=hop parent=C frequency_ghz=23 length_km=6
        15:00:00 B mw.rsl_low state=raised peer=A
        15:01:30 B mw.acm_downshift state=raised peer=A
        15:06:00 C mw.rsl_low state=raised peer=B
        15:07:00 C mw.acm_downshift state=raised peer=B
        15:09:00 C mw.link_down state=raised peer=B
        15:13:00 D mw.rsl_low state=raised peer=C
        15:14:00 D mw.acm_downshift state=raised peer=C

        """

    static let rainEnds = """
        15:20:00 B mw.acm_downshift state=cleared peer=A
        15:21:00 B mw.rsl_low state=cleared peer=A
        15:24:00 C mw.link_down state=cleared peer=B
        15:26:00 C mw.acm_downshift state=cleared peer=B
        15:27:00 C mw.rsl_low state=cleared peer=B
        15:33:00 D mw.acm_downshift state=cleared peer=C
        15:34:00 D mw.rsl_low state=cleared peer=C

        """

    /// S23: the site's controller goes silent while its neighbour is heard and its cells work.
    static let blind: String = {
        var text = fleet
        for minute in stride(from: 0, through: 240, by: 5) {
            let clock = "0\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60):00"
            if minute <= 120 { text += "\(clock) HUB rms.heartbeat seq=\(minute)\n" }
            text += "\(clock) KID1 rms.heartbeat seq=\(minute)\n\(clock) HUB ran.pm cell=1 unavail_s=0\n"
        }
        return text + "02:16:00 HUB rms.offline state=raised age=900\n"
    }()

    /// S25: twelve sites of one feeder; most are carried, a hub falls hours later and takes a hop along.
    static func feeder(_ count: Int = 12, isWired: (Int) -> Bool = { _ in true }) -> String {
        var text = ""
        for site in 1...count {
            text +=
                "site S\(site) name=Site\(site) feeder_id=F-12 load_kw=2 battery.strings=1 battery.ah=200 battery.chemistry=vrla dg.kva=10 dg.tank_l=200 operators=[\"mtn\"]\n"
        }
        text += "site FAR name=Far feeder_id=F-99 operators=[\"orange\"]\nlink FAR S1 kind=hop parent=S1 frequency_ghz=18\n"
        for site in 1...count where isWired(site) {
            text += "03:00:\(site < 10 ? "0" : "")\(site) S\(site) power.grid.outage state=raised\n"
        }
        for site in 1...count { text += "03:00:\(site + 20) S\(site) battery.discharging state=raised\n" }
        for site in 2...count {
            text +=
                "03:01:\(site + 20) S\(site) dg.started reason=grid\n03:01:\(site + 22) S\(site) battery.discharging state=cleared\n"
        }
        return text
    }

    static let hubFalls = """
        07:10:00 S1 power.dc.lvd_open state=raised priority=1 v=46
        08:00:00 S1 power.dc.lvd_open state=raised priority=2 v=43.2
        08:00:20 S1 ran.cell_down state=raised cell=1
        08:00:40 FAR ran.cell_down state=raised cell=1

        """
}
