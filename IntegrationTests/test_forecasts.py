"""Longer forecasts and ledgers: from events to the API, and from a file to lines."""

import json

from conftest import event, line, towerco, wait_until


def at(day: int, hour: float = 0) -> str:
    minutes = int(hour * 60) % 1440
    return f"2026-01-{day:02d}T{minutes // 60:02d}:{minutes % 60:02d}:00.000Z"


def site_days(site: str = "S-1") -> list[bytes]:
    """Six days of a weak starter battery and a worn bank; on the fifth night 60 l leave the tank."""
    inventory = {
        "name": "Toumodi", "lat": 6.8, "lon": -5.2, "operators": ["A", "B"], "grid_class": "C", "load_kw": 2.0,
        "battery": {"strings": 2, "ah": 200, "chemistry": "vrla"}, "dg": {"kva": 15, "tank_l": 500},
    }
    lines = [line(event(site, "inventory.site", inventory, at=at(1)))]
    for day in range(1, 7):
        for step in range(96):
            hour, when = step / 4, at(day, step / 4)
            level = 400 - (60 if day == 6 or day == 5 and hour >= 2 else 0) + (step * 7 % 5 - 2) * 0.2
            lines.append(line(event(site, "dg.telemetry", {"state": "stopped", "rpm": 0, "p": 0, "run_h": 900, "e": 0, "start_batt": 11.9}, at=when)))
            lines.append(line(event(site, "fuel.telemetry", {"level": level}, at=when)))
            lines.append(line(event(site, "battery.telemetry", {"v": 54.4, "i": 0.2, "soc": 100, "soh": 84 - 0.1 * day, "temp": 26}, at=when)))
    return lines


def test_forecasts_reach_the_api(server):
    lines = site_days()
    for first in range(0, len(lines), 400):
        assert server.ingest(lines[first : first + 400]).status == 202

    def kinds():
        found = {item["kind"]: item for item in server.get("/api/v1/forecasts?site_id=S-1").json["items"]}
        return found if {"battery_health", "battery_life", "generator_start_failure"} <= found.keys() else None

    found = wait_until(kinds, 30, "forecasts of battery and generator")
    for item in found.values():
        assert item["p10"] <= item["p50"] <= item["p90"] and item["basis"]
    assert abs(found["battery_health"]["p50"] - 0.834) < 0.02 and found["battery_health"]["unit"] == "1"
    assert found["generator_start_failure"]["p50"] > 0.1
    only = server.get("/api/v1/forecasts?kind=battery_life").json
    assert [item["kind"] for item in only["items"]] == ["battery_life"]
    assert server.get("/api/v1/forecasts?kind=weather").status == 400


def test_a_theft_is_written_as_an_entry(tmp_path):
    source, out = tmp_path / "events.ndjson", tmp_path / "losses.ndjson"
    source.write_bytes(b"\n".join(site_days()))
    towerco("analyze", "--input", str(source), "--out", str(out), "--emit", "losses")
    entries = [json.loads(text) for text in out.read_text().splitlines()]
    assert [entry["kind"] for entry in entries] == ["fuel_theft"]
    entry = entries[0]
    assert abs(entry["litres"] - 60) < 3 and 0.9 <= entry["confidence"] < 1
    assert entry["from"] <= at(5, 2) <= entry["to"] and "sure" in entry["text"]


def test_the_ledger_bench_prints_a_line():
    one = towerco("bench", "ledgers", "--site-months", "4", "--days", "6", "--seed", "3").stdout
    two = towerco("bench", "ledgers", "--site-months", "4", "--days", "6", "--seed", "3").stdout
    (first, second) = (json.loads(one), json.loads(two))
    assert first["name"] == "ledgers.fuel" and first["site_months"] == 0.8
    varying = {"wall_s", "cpu_s", "events_per_s", "events_per_cpu_s", "other_cpu_s", "date"}
    assert {k: v for k, v in first.items() if k not in varying} == {k: v for k, v in second.items() if k not in varying}
    towerco("bench", "ledgers", "--missing", "2", check=2)
