"""DEVELOPMENT ONLY. An invented night (Thursday 15 January 2026, 03:07) in the shapes of the API, for web/dev/server.py.

Nothing here is measured and nothing here ships: the console's real data comes from the log.
"""

import datetime
import math
import random
import uuid

NOW = datetime.datetime(2026, 1, 15, 3, 7, 24, tzinfo=datetime.timezone.utc)
TENANT = "acme-towers"
OPERATORS = ["Akwa Mobile", "Lagune Télécom", "Savana"]
REGIONS = {
    "Bas-Sassandra": (4.9, -6.6, 412), "Lacs": (6.6, -5.0, 238), "Montagnes": (7.4, -7.5, 391),
    "Vallée du Bandama": (7.7, -5.0, 466), "Savanes": (9.4, -5.6, 520), "Abidjan": (5.35, -4.0, 1486),
    "Zanzan": (8.3, -3.1, 330), "Sassandra-Marahoué": (6.9, -6.4, 480), "Comoé": (6.6, -3.5, 489),
}
_rng = random.Random(15)


def uid(*parts):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(map(str, parts))))


def at(hms, day=15):
    h, m, s = (list(map(int, hms.split(":"))) + [0])[:3]
    return datetime.datetime(2026, 1, day, h, m, s, tzinfo=datetime.timezone.utc).isoformat().replace("+00:00", ".000Z")


def ago(minutes):
    return (NOW - datetime.timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def site(site_id, name, region, lat, lon, hub=False, feeder=None, operators=None, **more):
    return {"site_id": site_id, "tenant_id": TENANT, "name": name, "lat": lat, "lon": lon, "region": region, "timezone": "Africa/Abidjan",
            "operators": operators or OPERATORS, "grid_class": "C", "is_hub": hub, "load_kw": 1.7,
            "battery": {"strings": 2, "ah": 300, "chemistry": "vrla", "installed": "2022-03-04"}, "dg": {"kva": 15, "tank_l": 200},
            **({"feeder_id": feeder} if feeder else {}), **more}


def view(base, state="in_service", reason="", severity="cleared", since=None, **more):
    return {"site": base, "state": state, "state_reason": reason, "severity": severity, "active_alarms": 0, "last_event_at": ago(0.03),
            "dependents": 0, **({"state_since": since} if since else {}), **more}


def forecast(site_id, p10, p50, p90, **more):
    return {"site_id": site_id, "at": ago(0.4), "minutes_p10": p10, "minutes_p50": p50, "minutes_p90": p90, "ends_with": "lvd2", "event_ids": [uid(site_id, "f")], **more}


def build_sites():
    sites, links = {}, []
    named = [
        ("SITE-002840", "Toumodi hub", "Lacs", 6.557, -5.019, True), ("SITE-002841", "Kokumbo", "Lacs", 6.52, -5.27, False),
        ("SITE-002842", "Angoda", "Lacs", 6.60, -5.16, False), ("SITE-002843", "Kimoukro", "Lacs", 6.50, -5.12, False),
        ("SITE-002844", "Lomo Nord", "Lacs", 6.47, -5.05, False), ("SITE-002845", "Bonikro", "Lacs", 6.62, -4.92, False),
        ("SITE-002846", "Pranouan", "Lacs", 6.68, -4.98, False), ("SITE-002800", "Yamoussoukro", "Lacs", 6.82, -5.28, True),
        ("SITE-002850", "Oumé hub", "Lacs", 6.38, -5.42, True), ("SITE-002851", "Oumé Est", "Lacs", 6.37, -5.36, False),
        ("SITE-002852", "Diégonéfla", "Lacs", 6.3, -5.5, False), ("SITE-002860", "Zambakro", "Lacs", 6.74, -5.42, True),
        ("SITE-002861", "Lolobo", "Lacs", 6.9, -5.3, False), ("SITE-002862", "Abli", "Lacs", 6.98, -5.25, False),
    ]
    for sid, name, region, lat, lon, hub in named:
        feeder = "TMD-F03" if sid in ("SITE-002840", "SITE-002843", "SITE-002845") else None
        sites[sid] = view(site(sid, name, region, lat, lon, hub, feeder))
    for index, name in enumerate(["Toumodi Gare", "Kokoumbo Sud", "Assandré", "Kpouèbo", "Djékanou", "Moronou", "Akakro", "Nzéré", "Zougoussi", "Taabo Rte", "Ahondo", "Sahuyé", "Logbakro", "Bendressou", "Lomo Sud"]):
        sid = f"SITE-0029{index:02}"
        sites[sid] = view(site(sid, name, "Lacs", 6.45 + _rng.random() * 0.3, -5.15 + _rng.random() * 0.35, False, "TMD-F03"))
    hops = [("SITE-002800", "SITE-002840", "fibre", 41, None), ("SITE-002840", "SITE-002841", "hop", 14, 18), ("SITE-002841", "SITE-002842", "hop", 9, 18),
            ("SITE-002840", "SITE-002843", "hop", 9, 23), ("SITE-002843", "SITE-002844", "hop", 6, 23), ("SITE-002840", "SITE-002845", "hop", 11, 23),
            ("SITE-002840", "SITE-002846", "hop", 16, 18), ("SITE-002800", "SITE-002850", "hop", 26, 15), ("SITE-002850", "SITE-002851", "hop", 8, 23),
            ("SITE-002850", "SITE-002852", "hop", 12, 23), ("SITE-002800", "SITE-002860", "fibre", 18, None), ("SITE-002860", "SITE-002861", "hop", 7, 23),
            ("SITE-002861", "SITE-002862", "hop", 8, 23), ("SITE-002846", "SITE-002851", "adjacent", 17.2, None)]
    for a, b, kind, km, ghz in hops:
        link = {"tenant_id": TENANT, "a": a, "b": b, "kind": kind, "length_km": km}
        if kind != "adjacent":
            link["parent"] = a
        if ghz:
            link["frequency_ghz"] = ghz
        links.append(link)
    for region, (lat, lon, count) in REGIONS.items():
        towns = [(lat + _rng.gauss(0, 0.5), lon + _rng.gauss(0, 0.5)) for _ in range(5)]
        have = sum(1 for each in sites.values() if each["site"]["region"] == region)
        hub = None
        for index in range(count - have):
            (a, b), (c, d) = _rng.sample(towns, 2)
            share, spread = (0, 0.11) if _rng.random() < 0.6 else (_rng.random(), 0.03)
            sid = f"SITE-{len(sites) + 10000:06}"
            sites[sid] = view(site(sid, f"{region} {index + 1}", region, round(a + (c - a) * share + _rng.gauss(0, spread), 4), round(b + (d - b) * share + _rng.gauss(0, spread), 4), index % 60 == 0, operators=_rng.sample(OPERATORS, _rng.randint(1, 3))))
            if index % 60 == 0:
                hub = sid
                links.append({"tenant_id": TENANT, "a": "SITE-002800", "b": sid, "kind": "fibre", "parent": "SITE-002800", "length_km": 80})
            else:
                links.append({"tenant_id": TENANT, "a": hub, "b": sid, "kind": "hop", "parent": hub, "length_km": 12, "frequency_ghz": 23})
    return sites, links


def ev(text, when, ratio, *ids):
    return {"text": text, "likelihood_ratio": ratio, "event_ids": [uid("ev", text, index) for index in range(ids[0] if ids else 1)], **({"at": when} if when else {})}


def node(nid, lane, condition, label, knowledge, when, site_id="SITE-002840", **more):
    return {"node_id": nid, "lane": lane, "condition": condition, "label": label, "site_id": site_id, "managed_object": lane, "knowledge": knowledge, "at": when,
            "is_root": False, "is_trigger": False, "count": 1, "event_ids": [uid("n", nid)], **more}


def candidate(label, probability, condition, mo="dg", **more):
    return {"site_id": "SITE-002840", "managed_object": mo, "condition": condition, "event_type": condition, "label": label, "probability": probability,
            "evidence_for": [], "evidence_against": [], "missing": [], **more}


def incident(number, title, severity, needs, opened_min, site_id, affected, candidates, **more):
    iid = uid("inc", number)
    snap = {"incident_id": iid, "tenant_id": TENANT, "revision": 3, "status": "open", "severity": severity, "opened_at": ago(opened_min - 1), "onset_at": ago(opened_min),
            "updated_at": ago(1), "needs_person": needs, "title": title, "explanation": title + ".", "reason": "new evidence", "site_id": site_id,
            "affected_sites": affected, "affected_operators": more.pop("operators", OPERATORS), "root_cause_candidates": candidates, "timeline": [], "edges": [], "autonomy": [],
            "actions": [], "event_ids": [uid(number, 1)], "alarm_ids": [uid(number, "a")], "alarm_count": 12}
    own = {key: more.pop(key) for key in ("status", "assignee", "acknowledged_by", "acknowledged_at") if key in more}
    snap.update(more)
    return {"number": f"INC-{number}", "snapshot": snap, "status": own.get("status", "open"), "site_name": more.get("site_name", ""), **{k: v for k, v in own.items() if k != "status"}}


def hit(site_id, impact, **more):
    return {"site_id": site_id, "impact": impact, "operators": OPERATORS, **more}


def toumodi():
    aff = [hit("SITE-002840", "root", since=at("02:29:31")), hit("SITE-002841", "down", since=at("02:29:43")), hit("SITE-002842", "down", since=at("02:29:49"))]
    aff += [hit(f"SITE-00284{n}", "at_risk", expected_at=at("03:45")) for n in (3, 4, 5, 6)]
    lead = candidate("Generator did not start: weak starter battery", 0.91, "dg.start_failed",
                     evidence_for=[ev("Three cranks failed, starter fell to 8.9 V", at("21:04:08", 14), 38), ev("Starter at rest fell 12.6 to 11.7 V in 23 days", at("02:00", 1), 6.2, 31),
                                   ev("18 sites of one feeder lost grid within 40 s", at("21:02:11", 14), 2.9, 18), ev("Discharge follows the 61 A model within 0.3 V", at("21:40", 14), 1.8)],
                     evidence_against=[ev("Run test passed on the first crank", at("09:00", 1), 1 / 2.4), ev("Starter battery is only 22 months old", None, 1 / 1.3)],
                     missing=[ev("Engine speed while cranking", None, 1.0, 0), ev("Hop alarm from Kokumbo within 60 s", at("02:30:33"), 1 / 1.1, 0), ev("Oil pressure", at("21:01", 14), 1.0, 0)])
    rest = [candidate("No fuel reached the engine", 0.05, "fuel.exhausted", "fuel"), candidate("Transfer switch failed", 0.02, "grid.lost", "grid"), candidate("Unknown", 0.02, "unknown", "")]
    timeline = [
        node("grid", "grid", "grid.lost", "Grid lost on feeder TMD-F03", "reported", at("21:02:11", 14), is_trigger=True, count=18),
        node("dg", "generator", "dg.start_failed", "Generator did not start", "reported", at("21:04:08", 14), is_root=True),
        node("batt", "battery", "battery.discharging", "Battery carries 61 A", "reported", at("21:02:14", 14)),
        node("low", "battery", "battery.low", "Battery low, 35 %", "reported", at("01:34:20")),
        node("lvd1", "battery", "dc.lvd1_open", "LVD 1 opens", "reported", at("02:29:31"), count=9),
        node("hop", "backhaul", "hop.down", "Hop to Kokumbo loses its feed", "inferred", at("02:29:33"), event_ids=[]),
        node("down", "site", "site.dark", "Kokumbo and Angoda down", "reported", at("02:29:43"), count=2),
        node("lvd2", "battery", "dc.lvd2_open", "LVD 2 opens", "predicted", at("03:45"), earliest=at("03:31"), latest=at("04:02"), event_ids=[]),
        node("dark", "backhaul", "site.dark", "Hub goes dark", "predicted", at("03:45:20"), earliest=at("03:31"), latest=at("04:02"), event_ids=[]),
        node("cut", "site", "backhaul.lost", "Four sites cut off", "predicted", at("03:45:50"), count=4, event_ids=[]),
    ]
    edges = [{"from": a, "to": b, "lag_seconds": s} for a, b, s in [("grid", "dg", 117), ("grid", "batt", 3), ("dg", "low", 16212), ("low", "lvd1", 3311), ("lvd1", "hop", 2), ("hop", "down", 10), ("lvd1", "lvd2", 4529), ("lvd2", "dark", 20), ("dark", "cut", 30)]]
    actions = [{"text": "Shed sector 2 and three carriers", "detail": "Adds 31 min (24 to 39). Operators agreed in contract.", "kind": "remote"},
               {"text": "Send Koné with a 12 V 100 Ah starter battery", "detail": "Yamoussoukro, 42 min away.", "kind": "visit"},
               {"text": "Warn three operators", "detail": "Own cells only.", "kind": "notify"}]
    item = incident(4182, "Toumodi hub loses power about 03:45 and takes four more sites", "critical", True, 365, "SITE-002840", aff, [lead, *rest], revision=14,
                    explanation="Toumodi hub loses power about 03:45 and takes four more sites, because its generator did not start when the grid failed at 21:02.",
                    timeline=timeline, edges=edges, actions=actions, alarm_count=214, onset_at=at("21:02:11", 14), opened_at=at("21:04:08", 14),
                    autonomy=[forecast("SITE-002840", 24, 38, 55, bus_volts=44.6, battery_amps=-38, state_of_charge=0.16)])
    item["site_name"] = "Toumodi hub"
    item["history"] = [
        {"event_id": uid("h", 1), "event_type": "incident.opened", "at": at("21:04:08", 14), "actor": "engine", "text": "opened"},
        {"event_id": uid("h", 2), "event_type": "incident.updated", "at": at("01:34:20"), "actor": "engine", "text": "new evidence: battery low"},
        {"event_id": uid("h", 3), "event_type": "incident.commented", "at": at("02:40"), "actor": "awa.kouassi", "text": "Guard says the engine turned over slowly."},
    ]
    return item


def fresh_incident():
    """Two minutes old: everything so far stands close together, what is predicted stands hours ahead."""
    place = "SITE-002850"
    timeline = [
        node("g", "grid", "grid.lost", "Grid lost at Oumé hub", "reported", ago(1.6), place, is_trigger=True),
        node("b", "battery", "battery.discharging", "Battery carries 44 A", "reported", ago(1.5), place),
        node("d", "generator", "dg.start_failed", "Generator did not start", "reported", ago(0.7), place, is_root=True),
        node("l1", "battery", "dc.lvd1_open", "LVD 1 opens", "predicted", ago(-95), place, earliest=ago(-70), latest=ago(-125), event_ids=[]),
        node("l2", "battery", "dc.lvd2_open", "LVD 2 opens", "predicted", ago(-150), place, earliest=ago(-110), latest=ago(-190), event_ids=[]),
        node("x", "site", "site.dark", "Oumé hub goes dark", "predicted", ago(-150.2), place, event_ids=[]),
        node("y", "site", "backhaul.lost", "Two sites cut off", "predicted", ago(-150.6), place, count=2, event_ids=[]),
    ]
    edges = [{"from": a, "to": b, "lag_seconds": s} for a, b, s in [("g", "b", 6), ("g", "d", 54), ("d", "l1", 5700), ("l1", "l2", 3300), ("l2", "x", 12), ("x", "y", 24)]]
    cause = candidate("Generator did not start", 0.83, "dg.start_failed", evidence_for=[ev("Start failed after three attempts", ago(0.7), 24), ev("Grid lost 54 s before", ago(1.6), 3.1)])
    item = incident(4190, "Oumé hub runs on its battery, its generator did not start", "critical", True, 1.6, place, [hit(place, "root"), hit("SITE-002851", "at_risk"), hit("SITE-002852", "at_risk")], [cause, candidate("Unknown", 0.17, "unknown", "")],
                    timeline=timeline, edges=edges, autonomy=[forecast(place, 110, 150, 190)], actions=[{"text": "Ask the guard whether the engine turned over", "detail": "If it did, fuel is likelier than the starter battery.", "kind": "check"}])
    return item


def build_incidents(sites):
    pick = lambda region, count, skip=20: [key for key, each in sites.items() if each["site"]["region"] == region and key >= "SITE-01"][skip:skip + count]
    fibre, rain, feeder, blind = pick("Bas-Sassandra", 5), pick("Montagnes", 2), pick("Vallée du Bandama", 11), pick("Zanzan", 2)
    tafire = pick("Savanes", 1)[0]
    sites[tafire]["site"]["name"] = "Tafiré"
    sites[feeder[0]]["site"]["name"], sites[feeder[1]]["site"]["name"], sites[feeder[2]]["site"]["name"] = "Sakassou", "Béoumi Est", "Dianra"
    items = [
        toumodi(),
        incident(4186, "Fibre cut between San-Pédro and Tabou isolates five sites", "critical", True, 72, fibre[0], [hit(key, "down", since=ago(72)) for key in fibre],
                 [candidate("Fibre cut, third party, km 31 ± 2", 0.96, "fibre.cut"), candidate("Unknown", 0.04, "unknown", "")], operators=["Lagune Télécom"], assignee="moussa.diallo", alarm_count=96),
        incident(4179, "188 l left the tank at Tafiré with the generator off", "major", True, 195, tafire, [hit(tafire, "at_risk", expected_at=ago(-190))],
                 [candidate("Fuel theft, door contact silent", 0.94, "fuel.low"), candidate("Unknown", 0.06, "unknown", "")], operators=["Akwa Mobile", "Savana"], autonomy=[forecast(tafire, 150, 190, 242)]),
        incident(4187, "Rain fade on two 23 GHz hops west of Man, back about 03:40", "critical", False, 28, rain[0], [hit(key, "down", since=ago(26)) for key in rain],
                 [candidate("Rain cell moving NE at 34 km/h", 0.97, "rain.fade")], operators=["Akwa Mobile", "Lagune Télécom"], pages_at=at("03:55")),
        incident(4184, "Feeder BKE-F07 lost grid, 11 of 14 sites run on battery as planned", "minor", False, 292, feeder[0], [hit(key, "on_battery", since=ago(40)) for key in feeder],
                 [candidate("Grid outage, battery-first sites", 0.99, "feeder.lost")], autonomy=[forecast(feeder[0], 90, 112, 140), forecast(feeder[1], 118, 146, 175), forecast(feeder[2], 215, 281, 342)], pages_at=at("04:10"), alarm_count=44),
        incident(4188, "Two sites stopped reporting, cells still carry traffic", "indeterminate", False, 19, blind[0], [hit(key, "blind", since=ago(19)) for key in blind],
                 [candidate("Blind, not down: SIM or modem", 0.88, "rms.offline"), candidate("Unknown", 0.12, "unknown", "")], operators=["Akwa Mobile"]),
        incident(4171, "Fuel at Odienné Nord reads the same 212 l through 9 h of running", "warning", False, 660, tafire, [], [candidate("Lying sensor, float stuck", 0.93, "unknown")], operators=["Savana"]),
        fresh_incident(),
        incident(4180, "Grid returned on feeder ABJ-F22, 16 generators stopped cleanly", "minor", False, 278, tafire, [], [candidate("Grid outage, carried, no service effect", 0.99, "feeder.lost")], status="resolved", resolved_at=ago(36)),
        incident(4177, "Tower light at Divo Centre restored after 22 min, notice withdrawn", "minor", False, 70, tafire, [], [candidate("Lamp driver restarted itself", 0.9, "unknown")], status="resolved", resolved_at=ago(49)),
    ]
    for each in items:
        each["site_name"] = each["site_name"] or sites[each["snapshot"]["site_id"]]["site"]["name"]
        if each["status"] == "resolved":
            each["snapshot"]["status"] = "resolved"
    mark = lambda key, state, severity, reason, since, number, **more: sites[key].update(state=state, severity=severity, state_reason=reason, state_since=since, incident_number=f"INC-{number}", incident_id=uid("inc", number), active_alarms=3, **more)
    for key in fibre:
        mark(key, "down", "critical", "fibre cut 01:55", ago(72), 4186)
    for key in rain:
        mark(key, "down", "critical", "rain fade 02:39", ago(26), 4187)
    for key in ("SITE-002841", "SITE-002842"):
        mark(key, "down", "critical", "power, feed lost 02:29", at("02:29:43"), 4182)
    for key in ("SITE-002843", "SITE-002844", "SITE-002845", "SITE-002846"):
        sites[key].update(incident_number="INC-4182", state="watch", severity="warning", state_reason="cut off about 03:45")
    mark("SITE-002840", "degraded", "major", "grid lost 21:02, on battery, LVD 1 open", at("21:02:11", 14), 4182, dependents=6, autonomy=forecast("SITE-002840", 24, 38, 55, bus_volts=44.6, battery_amps=-38, state_of_charge=0.16))
    for index, key in enumerate(feeder):
        mark(key, "on_battery", "minor", "grid lost 02:27, on battery", ago(40 if index > 1 else 10), 4184)
    for key in _rng.sample([key for key, each in sites.items() if each["state"] == "in_service"], 12):
        sites[key].update(state="on_battery", severity="minor", state_reason="grid lost, on battery", state_since=ago(90), active_alarms=1)
    for key in _rng.sample([key for key, each in sites.items() if each["state"] == "in_service"], 6):
        sites[key].update(state="degraded", severity="major", state_reason="sector 2 down", state_since=ago(190), active_alarms=1)
    for key in blind:
        mark(key, "blind", "indeterminate", "controller silent 02:48", ago(19), 4188, last_event_at=ago(19))
    sites[feeder[0]]["autonomy"], sites[feeder[1]]["autonomy"], sites[feeder[2]]["autonomy"] = items[4]["snapshot"]["autonomy"]
    sites[tafire].update(autonomy=items[2]["snapshot"]["autonomy"][0])
    sites["SITE-002840"]["latest"] = [{"metric": m, "value": v, "at": ago(0.04)} for m, v in [
        ("power.grid.v_l1", 0), ("power.dc.bus_v", 44.6), ("power.dc.load_i", 38), ("power.dc.load_p", 1.69), ("rectifier.out_i", 0), ("rectifier.modules_ok", 4), ("rectifier.modules_total", 4),
        ("battery.i", -38), ("battery.v", 44.6), ("battery.soc", 16), ("battery.soh", 71), ("battery.temp", 31), ("dg.start_batt", 8.9), ("dg.rpm", 0), ("dg.p", 0), ("fuel.level", 118)]]
    sites["SITE-002840"]["latest"] += [{"metric": "env.t_in", "value": 27.4, "at": ago(16)}]
    return items


def build_alarms(incidents, total=98412):
    kinds = [("critical", "ran.cell_down", "Grand-Béréby", "Cell 2, no transport", 4186), ("major", "mw.acm_downshift", "Man Ouest", "64QAM to QPSK", 4187), ("warning", "battery.discharging", "Béoumi Est", "22 A, 2:26 left", 4184),
             ("major", "ran.cell_degraded", "Toumodi hub", "Carrier 3 shed", 4182), ("minor", "env.high_temp", "Daloa Sud", "36.2 °C, limit 35", None), ("indeterminate", "rms.offline", "Bouna Nord", "No word for 15 min", 4188),
             ("major", "power.dc.lvd_open", "Toumodi hub", "LVD 1, 46.2 V", 4182), ("warning", "dg.service_due", "Issia", "1,512 h", None), ("minor", "rectifier.module_failed", "Divo Centre", "Slot 3, spare left", None)]
    ids = {"Toumodi hub": "SITE-002840"}

    def one(index):
        severity, kind, name, text, number = kinds[index % len(kinds)]
        seconds = 3 + index * 7
        cleared = index > 1203
        alarm = {"alarm_id": uid("al", index), "tenant_id": TENANT, "site_id": ids.get(name, "SITE-010200"), "managed_object": "cell:2", "alarm_type": kind, "perceived_severity": severity,
                 "state": "cleared" if cleared else "raised", "raised_at": ago(seconds / 60), "changed_at": ago(seconds / 60), "occurrences": 1, "is_flapping": index % 11 == 0, "source": "reported", "text": text, "event_ids": [uid("ae", index)]}
        return {"alarm": alarm, "site_name": name, **({"incident_number": f"INC-{number}"} if number else {})}

    power = [("critical", "dg.start_failed", "dg", "3 cranks, starter 8.9 V", at("21:04:08", 14)), ("major", "power.grid.outage", "grid", "3 phases, 0 V", at("21:02:11", 14)), ("major", "power.dc.lvd_open", "dc", "LVD 1, 46.2 V", at("02:29:31")),
             ("major", "battery.low", "battery:S1", "35 %", at("01:34:20")), ("warning", "battery.discharging", "battery:S1", "61 A", at("21:02:14", 14))]
    toumodi_alarms = [{"alarm": {"alarm_id": uid("tm", kind), "tenant_id": TENANT, "site_id": "SITE-002840", "managed_object": mo, "alarm_type": kind, "perceived_severity": severity, "state": "raised", "raised_at": when, "changed_at": when,
                                 "occurrences": 1, "is_flapping": False, "source": "reported", "text": text, "event_ids": [uid("te", kind)]}, "site_name": "Toumodi hub", "incident_number": "INC-4182"} for severity, kind, mo, text, when in power]
    return one, total, toumodi_alarms


def series(metric, start, end, points):
    out = []
    grid = datetime.datetime(2026, 1, 14, 21, 2, 11, tzinfo=datetime.timezone.utc).timestamp() * 1000
    lvd1 = datetime.datetime(2026, 1, 15, 2, 29, 31, tzinfo=datetime.timezone.utc).timestamp() * 1000
    rng = random.Random(metric)
    for index in range(points):
        t = start + (end - start) * index / (points - 1)
        hours = (t - grid) / 3_600_000
        if metric == "power.dc.bus_v":
            value = 54.4 if hours < 0 else 50.4 - 0.62 * hours - max(0, hours - 3.5) ** 2 * 0.42 + 0.5 * math.exp(-abs(t - lvd1) / 400_000)
        elif metric == "battery.i":
            value = 2 if hours < 0 else (-61 if t < lvd1 else -38)
            value += rng.gauss(0, 0.8)
        elif metric == "battery.temp":
            value = 26 + max(0, hours) * 0.8 + math.sin(t / 4e6)
        else:
            value = 25 + 4 * math.sin(t / 7e6 + len(metric)) + rng.gauss(0, 0.3)
        out.append([round(t), round(value, 2)])
    return out
