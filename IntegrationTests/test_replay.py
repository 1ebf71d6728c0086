"""Replay over the real binary: windows to files, servers and processors, offline and while the server takes events in."""

import json
import re
import signal
import subprocess
import threading

import pytest

from conftest import BINARY, KEY, OTHER_KEY, OTHER_TENANT, ROOT, TENANT, Server, event, line, towerco, wait_until


def of(server, key=KEY):
    return ["--url", f"http://127.0.0.1:{server.port}", "--key", key]


def post(server, count, site="R-1", **more):
    """Posts events one batch, answers them as they were sent."""
    sent = [line(event(site=site, payload={"metric": "m", "value": n}, **more)) for n in range(count)]
    assert server.ingest(sent).json["accepted"] == count
    return sent


def sites(*arguments):
    return towerco("replay", "--topic", "towerco.sites.*.events", *arguments)


def test_a_window_offline_by_sequence_time_and_offset(folder):
    server = Server(folder / "data").start()
    first, second = post(server, 40), post(server, 25, site="R-2")
    rows = [json.loads(text) for text in server.get("/api/v1/topics/towerco.sites.*.events/records").body.splitlines()]
    assert server.stop() == 0
    data = ["--data", folder / "data"]
    everything = sites(*data).stdout.splitlines()
    assert everything == first + second
    by_sequence = sites(*data, "--from", rows[10]["sequence"], "--to", rows[30]["sequence"]).stdout.splitlines()
    assert by_sequence == everything[10:30]
    by_offset = sites(*data, "--from", "towerco.sites.R-2.events@5").stdout.splitlines()
    assert by_offset == second[5:]
    since = next(n for n, row in enumerate(rows) if row["ingested_at"] == rows[40]["ingested_at"])
    assert sites(*data, "--from", rows[40]["ingested_at"]).stdout.splitlines() == everything[since:]
    sites(*data, "--to", "beginning", "--out", folder / "none.ndjson")
    assert (folder / "none.ndjson").read_bytes() == b""
    assert b"-100" in towerco("replay", *data, "--speed=-100", check=2).stderr
    assert towerco("replay", *data, "--from", "yesterday", check=2).stderr


def test_replay_while_live_has_the_same_contents(server, folder):
    """T-20: a replay of a running server, while a writer keeps posting, gives exactly what was in the log when it began."""
    before = post(server, 3000)
    stop, posted = threading.Event(), []

    def write():
        while not stop.is_set():
            posted.extend(post(server, 50, site="LIVE"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: len(posted) >= 200, 30, "live traffic")
        for number in range(3):
            known = before + list(posted)
            out = folder / f"{number}.ndjson"
            told = sites(*of(server), "--out", out).stderr.decode()
            got = out.read_bytes().splitlines()
            assert got[:len(known)] == known, "everything acknowledged before is there, in order"
            assert re.search(r"records in [\d.]+ s, [\d,]+/s", told), told
            after = before + list(posted)
            # What was in flight at the end may be answered a moment later.
            wait_until(lambda: len(before) + len(posted) >= len(got), 30, "the answers")
            assert got == (before + list(posted))[:len(got)] and len(got) <= len(after) + 50
    finally:
        stop.set()
        writer.join()
    final = sites(*of(server)).stdout.splitlines()
    assert final == before + posted, "nothing lost, nothing twice"
    assert server.stop() == 0
    assert sites("--data", server.data).stdout.splitlines() == final, "offline says the same"


def test_a_replay_shows_only_the_callers_tenant(server):
    own = post(server, 5, site="SHARED")
    server.ingest([line(event(site="SHARED", tenant=OTHER_TENANT)) for _ in range(7)], key=OTHER_KEY)
    assert sites(*of(server)).stdout.splitlines() == own
    assert len(sites(*of(server, OTHER_KEY)).stdout.splitlines()) == 7
    refused = towerco("replay", *of(server), "--topic", f"towerco.incidents.{OTHER_TENANT}.lifecycle", check=1)
    assert b"404" in refused.stderr


def test_a_window_goes_through_another_servers_door(server, folder):
    sent = post(server, 120)
    other = Server(folder / "other").start()
    try:
        target = f"http://127.0.0.1:{other.port}"
        told = sites(*of(server), "--to", target, "--to", "end").stderr.decode()
        assert "120 accepted" in told, told
        assert sites(*of(other)).stdout.splitlines() == sent
        again = sites(*of(server), "--to", target).stderr.decode()
        assert "0 accepted, 120 known already" in again, again
    finally:
        other.stop()


def test_a_paced_replay_stops_on_interrupt_and_says_where_to_go_on(server):
    sent = post(server, 10, at="2026-01-02T03:04:05Z") + post(server, 10, at="2026-01-02T04:04:05Z")
    process = subprocess.Popen(
        [BINARY, "replay", *of(server), "--topic", "towerco.sites.*.events", "--speed", "1", "--pace", "event"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # The first ten are due at once, the others in an hour.
    got = [process.stdout.readline().rstrip(b"\n") for _ in range(10)]
    assert got == sent[:10]
    process.send_signal(signal.SIGINT)
    rest, told = process.communicate(timeout=60)
    assert process.returncode == 130 and rest == b"", told
    place = re.search(rb"--from (\d+)", told).group(1).decode()
    assert sites(*of(server), "--from", place).stdout.splitlines() == sent[10:]
    fast = sites(*of(server), "--speed", "1000000", "--pace", "event").stdout.splitlines()
    assert fast == sent


@pytest.fixture
def night(folder):
    """A simulated fleet's events in the log of a stopped server, processed."""
    towerco("simulate", "--sites", 25, "--hours", 10, "--scenario", "S01,S02,S05", "--seed", 4, "--tenant", TENANT, "--out", folder / "events.ndjson")
    lines = (folder / "events.ndjson").read_bytes().splitlines()
    server = Server(folder / "data").start()
    for start in range(0, len(lines), 5000):
        assert not server.ingest(lines[start:start + 5000]).json["rejected"]

    def settled():
        groups = {g["group"]: g for g in server.all_items("/api/v1/consumer-groups")}
        return all(groups[name]["offset_lag"] == 0 for name in ("aiops-engine", "dashboard-service"))

    wait_until(settled, 240, "the groups to catch up")
    assert server.stop() == 0
    return folder / "data"


def test_a_processor_decides_again_what_it_decided(night):
    decided = towerco("replay", "--data", night, "--into", "aiops-engine")
    again = [json.loads(text) for text in decided.stdout.splitlines()]
    logged = [json.loads(text) for text in towerco("replay", "--data", night, "--topic", f"towerco.incidents.{TENANT}.lifecycle").stdout.splitlines()]
    incidents = [e for e in again if e["event_type"].startswith("incident.")]
    assert logged and incidents == logged, "the same incidents, to the byte"
    assert re.search(rb"[\d,]+ records of the window read, [\d,]+ decided", decided.stderr)
    # A window decides what it decided then, because the processor is fed what came before.
    middle = [json.loads(t) for t in towerco("replay", "--data", night, "--into", "aiops-engine", "--from", "3000").stdout.splitlines()]
    of_incidents = [e for e in middle if e["event_type"].startswith("incident.")]
    assert 0 < len(of_incidents) < len(logged) and of_incidents == logged[-len(of_incidents):]
    kpis = towerco("replay", "--data", night, "--into", "kpi-calculator").stdout.splitlines()
    assert all(json.loads(text)["event_type"].startswith("kpi.") for text in kpis)
    one = towerco("replay", "--data", night, "--into", "aiops-engine", "--cold", "--topic", "towerco.sites.none.events")
    assert one.stdout == b""


def test_into_and_shadow_need_the_whole_log(server):
    assert b"tenant" in towerco("replay", *of(server), "--into", "aiops-engine", check=2).stderr
    assert b"tenant" in towerco("replay", *of(server), "--shadow", check=2).stderr
    locked = towerco("replay", "--data", server.data, check=1).stderr
    assert b"another process" in locked
