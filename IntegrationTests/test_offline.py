"""simulate, analyze, evaluate, rebuild: the same log gives the same bytes."""

import json
import random
import re
import uuid

from conftest import ROOT, Server, event, line, towerco, wait_until

SCENARIOS = "S01,S02,S03,S05,S13,S14,S23,S25"


def simulate(folder, seed, noise="none", sites=60, hours=30):
    towerco("simulate", "--sites", sites, "--hours", hours, "--scenario", SCENARIOS, "--seed", seed, "--noise", noise,
            "--out", folder / "events.ndjson", "--truth", folder / "truth.ndjson")


def test_simulated_faults_are_found_and_scored(folder):
    simulate(folder, seed=11, noise="missing=0.1")
    towerco("analyze", "--input", folder / "events.ndjson", "--out", folder / "incidents.ndjson")
    board = json.loads(towerco("evaluate", "--results", folder / "incidents.ndjson", "--truth", folder / "truth.ndjson",
                               "--events", folder / "events.ndjson", "--json").stdout)
    total = board["rows"][-1]
    assert total["scenario"] == "all" and total["faults"] >= 7
    assert total["top1"] >= 0.85, board  # the floor with one alarm in ten missing
    table = towerco("evaluate", "--results", folder / "incidents.ndjson", "--truth", folder / "truth.ndjson").stdout.decode()
    assert "S02" in table and "top-1" in table


def test_analysis_is_the_same_to_the_byte(folder):
    simulate(folder, seed=5, noise="missing=0.1,duplicates=0.005,skew=60", hours=12)
    for name in ("one", "two"):
        towerco("analyze", "--input", folder / "events.ndjson", "--out", folder / name)
    first, second = (folder / "one").read_bytes(), (folder / "two").read_bytes()
    assert first == second and first.count(b"\n") > 3
    piped = towerco("analyze", "--input", "-", "--out", "-", stdin=(folder / "events.ndjson").read_bytes()).stdout
    assert piped == first


def test_a_foreign_alarm_stream_without_templates_is_grouped(folder):
    """Devices and alarm types nobody has heard of: bursts spread over links, one root each."""
    rng = random.Random(99)
    devices = [f"ne-{n:03d}" for n in range(60)]
    events = []

    def at(second):
        return f"2025-03-{1 + second // 86400:02d}T{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"

    for a, b in zip(devices, devices[1:]):
        events.append(event(site=a, kind="topology.link", payload={"a": a, "b": b}, at=at(0)))
    bursts = 0
    for second in range(600, 4 * 86400, 900):
        bursts += 1
        start = rng.randrange(len(devices) - 3)
        for hop in range(3):
            for kind in ("LOS", "BER", "SYNC"):
                events.append(event(site=devices[start + hop], kind="alarm.raised", at=at(second + 2 * hop),
                                    payload={"alarm_type": f"X-{kind}", "device_id": devices[start + hop]}))
    for e in events:
        e["version"] = 1
    path = folder / "alarms.ndjson"
    path.write_bytes(b"\n".join(map(line, events)) + b"\n")
    result = towerco("analyze", "--input", path, "--out", folder / "out.ndjson")
    assert b"0 rejected" in result.stderr
    latest = {}
    for text in (folder / "out.ndjson").read_text().splitlines():
        incident = json.loads(text)
        latest[incident["incident_id"]] = incident
    kept = [i for i in latest.values() if i["status"] != "merged"]
    assert bursts * 0.8 <= len(kept) <= bursts * 1.3, f"{bursts} bursts became {len(kept)} incidents"
    assert all(i["root_cause_candidates"] for i in kept)


def test_read_models_are_rebuilt_from_the_log_as_they_were(folder):
    simulate(folder, seed=3, sites=30, hours=10)
    lines = [l.replace(b'"tenant_id":"sim"', b'"tenant_id":"acme"') for l in (folder / "events.ndjson").read_bytes().splitlines()]
    tenant = json.loads(lines[0])["tenant_id"]
    key = "sim-key-0123456789abcdef"
    server = Server(folder / "data", env={"TOWERCO_BOOTSTRAP_KEY": f"{tenant}:{key}"}).start()
    for start in range(0, len(lines), 5000):
        report = server.ingest(lines[start:start + 5000], key=key)
        assert report.status == 202 and not report.json["rejected"], report.body[:500]

    def settled():
        groups = server.all_items("/api/v1/consumer-groups", key)
        return len(groups) >= 4 and all(g["offset_lag"] == 0 for g in groups if g["group"] != "kpi-calculator")

    wait_until(settled, 240, "the groups to catch up")
    everything = "open,acknowledged,resolved,auto_closed,merged"
    incidents = sorted(server.all_items(f"/api/v1/incidents?status={everything}", key), key=lambda i: i["number"])
    assert incidents
    first = incidents[0]["snapshot"]["incident_id"]
    commented = server.post(f"/api/v1/incidents/{first}/comment", {"text": "on it"}, key=key)
    assert commented.status in (200, 202), commented.body
    wait_until(lambda: any("on it" in h["text"] for h in server.get(f"/api/v1/incidents/{first}", key).json["history"]), 30, "the comment")
    wait_until(settled, 60, "the groups to catch up again")
    before = {i["number"]: server.get(f"/api/v1/incidents/{i['number']}", key).json for i in incidents}
    assert server.stop() == 0

    for database in (folder / "data").rglob("*.sqlite*"):
        database.unlink()
    rebuilt = towerco("rebuild", "--data", folder / "data")
    assert re.search(rb"\d+ incidents", rebuilt.stdout + rebuilt.stderr)
    server.start()
    wait_until(settled, 240, "the groups to catch up after the rebuild")
    after = {number: server.get(f"/api/v1/incidents/{number}", key).json for number in before}
    assert server.stop() == 0
    assert after == before


def test_replay_prints_the_window_and_compares_with_a_shadow(folder):
    server = Server(folder / "data").start()
    ids = [str(uuid.uuid4()) for _ in range(3)]
    server.ingest([line({**event(site="P-1"), "event_id": i}) for i in ids])
    server.stop()
    printed = towerco("replay", "--data", folder / "data", "--topic", "towerco.sites.P-1.events").stdout.decode().splitlines()
    assert [json.loads(l)["event_id"] for l in printed] == ids
    shadow = towerco("replay", "--data", folder / "data", "--topic", "towerco.sites.*.events", "--shadow")
    assert b"0 differ" in shadow.stdout + shadow.stderr
    assert (ROOT / "README.md").exists()


def test_edges_and_root_causes_are_learned_from_a_foreign_stream(folder):
    """UP opens every burst and brings DOWN; the order of lines and of files does not matter."""
    rng = random.Random(5)

    def at(second):
        return f"2025-03-{1 + second // 86400:02d}T{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"

    def made(**parts):
        return {**event(**parts), "version": 1}

    alarms = [made(site="ne-1", kind="topology.link", payload={"a": "ne-1", "b": "ne-2"}, at=at(0))]
    for second in range(600, 4 * 86400, 900):
        for kind, lag in (("UP", 0), ("DOWN", rng.randrange(1, 9))):
            alarms.append(made(site="ne-1", kind="alarm.raised", at=at(second + lag), payload={"alarm_type": kind, "device_id": "ne-1"}))
        alarms.append(made(site="ne-2", kind="alarm.raised", at=at(second + rng.randrange(100, 800)),
                           payload={"alarm_type": "OTHER", "device_id": "ne-2"}))
    last = 3 * 86400 + 600
    opened = made(site="ne-1", kind="incident.opened", at=at(last + 20), payload={
        "incident_id": "burst-1", "alarms": [{"alarm_type": "DOWN", "device_id": "ne-1", "timestamp": at(last)},
                                             {"alarm_type": "UP", "device_id": "ne-1", "timestamp": at(last)}]})
    outputs = []
    for name in ("sorted", "shuffled"):
        path = folder / f"{name}.ndjson"
        path.write_bytes(b"\n".join(map(line, alarms)) + b"\n")
        done = towerco("analyze", "--input", path, "--out", "-", "--emit", "edges", "--cut", "precise")
        assert b"0 rejected" in done.stderr
        outputs.append(done.stdout)
        rng.shuffle(alarms)
    assert outputs[0] == outputs[1]
    edges = [json.loads(text) for text in outputs[0].splitlines()]
    assert [(e["cause"], e["effect"]) for e in edges if e["asserted"]] == [("UP", "DOWN")]
    (folder / "incident.ndjson").write_bytes(line(opened) + b"\n")
    done = towerco("analyze", "--topology", folder / "sorted.ndjson", "--input", folder / "incident.ndjson", "--out", "-", "--emit", "root-causes")
    answer = json.loads(done.stdout)
    assert answer["incident_id"] == "burst-1"
    best = max(answer["root_cause_candidates"], key=lambda c: c["score"])
    assert (best["alarm_type"], best["device_id"]) == ("UP", "ne-1")


def test_analysis_reads_the_settings_of_detection(folder):
    """A rhythm that breaks inside the range it always had is no novelty without the full detector."""
    with open(folder / "stream.ndjson", "wb") as file:
        for step in range(1200):
            value = 10 * ((step % 24) / 24) if not 900 <= step < 930 else 10 * ((step * 7 % 24) / 24)
            at = f"2026-01-{1 + step // 96:02d}T{step % 96 // 4:02d}:{step % 4 * 15:02d}:00Z"
            file.write(line(event(payload={"metric": "m", "value": round(value, 4)}, at=at)) + b"\n")

    def alerts(**env):
        return towerco("analyze", "--input", folder / "stream.ndjson", "--out", "-", "--emit", "alerts", env=env).stdout

    assert b'"novelty"' in alerts()
    assert alerts(TOWERCO_DETECTION_NOVELTY_SERIES="256") == alerts()
    assert b'"novelty"' not in alerts(TOWERCO_DETECTION_NOVELTY_SERIES="0")
    refused = towerco("analyze", "--input", folder / "stream.ndjson", "--out", "-", check=None,
                      env={"TOWERCO_DETECTION_NOVELTY_SERIES": "many"})
    assert refused.returncode != 0 and b"detection.novelty.series" in refused.stderr
