"""A server that was killed goes on from its checkpoints, and nothing that it says afterwards shows it."""

import json
import os
import re
import time

from conftest import TENANT, Server, towerco, wait_until

GROUPS = ("aiops-engine", "kpi-calculator", "notification-service")


def fleet(folder):
    towerco("simulate", "--sites", 20, "--hours", 12, "--scenario", "S01,S02,S05", "--seed", 4, "--tenant", TENANT,
            "--out", folder / "events.ndjson")
    return (folder / "events.ndjson").read_bytes().splitlines()


def settled(server):
    groups = {g["group"]: g for g in server.all_items("/api/v1/consumer-groups")}
    return all(groups[name]["offset_lag"] == 0 for name in (*GROUPS, "dashboard-service"))


def feed(server, lines):
    for start in range(0, len(lines), 2500):
        assert not server.ingest(lines[start:start + 2500]).json["rejected"]
        wait_until(lambda: settled(server), 240, "the groups to catch up")


def kept(server, group):
    return sorted(int(path.stem.rsplit("-", 1)[1]) for path in (server.data / "checkpoints").glob(f"{group}-*.ckp"))


def resumptions(server):
    """What the newest start said of each group: where its checkpoint is, and how many records it read again."""
    found = {}
    for text in server.log:
        if "a consumer group" in text and "replayed=" in text:
            fields = dict(re.findall(r"(\w+)=(\S+)", text))
            found[fields["group"]] = {name: int(fields[name]) for name in ("checkpoint", "committed", "replayed")}
    return found


def logged(server, topic):
    return [json.loads(text) for text in towerco("replay", "--data", server.data, "--topic", topic).stdout.splitlines()]


def again(server, group):
    return [json.loads(text) for text in towerco("replay", "--data", server.data, "--into", group).stdout.splitlines()]


def test_kills_and_checkpoints_do_not_show_in_what_is_said(folder):
    lines = fleet(folder)
    server = Server(folder / "data", env={"TOWERCO_CHECKPOINT_RECORDS": "2000"})
    third = len(lines) // 3
    for part in range(3):
        server.log.clear()
        server.start()
        if part:
            started = wait_until(lambda: resumptions(server) if len(resumptions(server)) == len(GROUPS) else None, 60, "the groups' lines")
            for group in GROUPS:
                assert started[group]["checkpoint"] > 0, started
                assert started[group]["replayed"] < started[group]["committed"] - third // 2, started
        feed(server, lines[part * third:(part + 1) * third if part < 2 else len(lines)])
        wait_until(lambda: all(kept(server, group) for group in GROUPS), 60, "checkpoints on disk")
        if part < 2:
            server.kill()
    assert server.stop() == 0
    for group in GROUPS:
        assert len(kept(server, group)) == 2

    incidents = logged(server, f"towerco.incidents.{TENANT}.lifecycle")
    assert len(incidents) > 3
    # A fresh engine that reads the log from its beginning never stopped.
    assert [e for e in again(server, "aiops-engine") if e["event_type"].startswith("incident.")] == incidents
    kpis = [e for e in logged(server, f"towerco.kpis.{TENANT}.metrics") if e["event_type"].startswith("kpi.")]
    assert kpis and again(server, "kpi-calculator") == kpis


def test_a_stop_keeps_everything_and_damage_only_costs_time(folder):
    lines = fleet(folder)
    server = Server(folder / "data").start()
    feed(server, lines[:6000])
    assert server.stop() == 0
    newest = {group: kept(server, group)[-1] for group in GROUPS}

    server.log.clear()
    server.start()
    started = wait_until(lambda: resumptions(server) if len(resumptions(server)) == len(GROUPS) else None, 60, "the groups' lines")
    for group in GROUPS:
        assert started[group]["checkpoint"] == newest[group] and started[group]["replayed"] == 0, started
    server.kill()

    for path in (server.data / "checkpoints").glob("*.ckp"):
        whole = bytearray(path.read_bytes())
        whole[len(whole) // 2] ^= 1
        path.write_bytes(whole)
    left, young = server.data / "checkpoints" / "left.ckp.tmp", server.data / "checkpoints" / "young.ckp.tmp"
    for path in (left, young):
        path.write_bytes(b"half")
    hour_ago = time.time() - 3600
    os.utime(left, (hour_ago, hour_ago))
    server.log.clear()
    server.start()
    started = wait_until(lambda: resumptions(server) if len(resumptions(server)) == len(GROUPS) else None, 60, "the groups' lines")
    for group in GROUPS:
        assert started[group]["checkpoint"] == 0 and started[group]["replayed"] >= 6000, started
    assert any("does not match its checksum" in text for text in server.log)
    # Where processes share the folder, the younger one may be another's at work.
    assert not left.exists() and young.exists()
    assert server.stop() == 0
