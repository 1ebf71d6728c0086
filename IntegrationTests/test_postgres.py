"""The same binary with its answers in PostgreSQL: a real server, killed while events come in."""

import json
import shutil

import pytest

from conftest import Server, event, line, towerco, wait_until
from postgres import PostgresServer


@pytest.fixture
def database():
    server = PostgresServer().start()
    yield server
    server.remove()


def story(folder):
    """Events of a simulated fleet with faults, the same for every store."""
    path = folder / "events.ndjson"
    if not path.exists():
        towerco("simulate", "--sites", "40", "--hours", "6", "--scenario", "S01,S02,S05,S13", "--seed", "3", "--tenant", "acme", "--out", path)
    return path.read_bytes().splitlines()


def answers(server):
    """What the API tells of everything that follows from the events."""
    def items(path, *without):
        return sorted(json.dumps({k: v for k, v in item.items() if k not in without}, sort_keys=True) for item in server.all_items(path))
    return {
        "sites": items("/api/v1/sites"), "alarms": items("/api/v1/alarms?limit=500"),
        "incidents": items("/api/v1/incidents?status=open,acknowledged,resolved,auto_closed,merged"),
        "kpis": items("/api/v1/kpis?limit=500"),
    }


def settled(server):
    """What writes to the store has read everything."""
    def is_so():
        lags = {group["group"]: group["offset_lag"] for group in server.all_items("/api/v1/consumer-groups")}
        return all(lags.get(group) == 0 for group in ("aiops-engine", "dashboard-service", "analytics-service"))
    wait_until(is_so, 240, "every group to reach the end of the log")


def feed(server, lines, between=None):
    size = -(-len(lines) // 8)
    for number, start in enumerate(range(0, len(lines), size)):
        answer = server.ingest(lines[start:start + size])
        assert answer.status == 202 and answer.json["rejected"] == [], answer.body
        if between:
            between(number)


def test_a_server_killed_midway_leaves_the_answers_of_sqlite(folder, database):
    lines = story(folder)
    env = {"TOWERCO_HEARTBEAT_SECONDS": "60", "TOWERCO_STORE_URL": database.url}
    server = Server(folder / "data", env=env).start()

    def hurt(number):
        if number == 1:
            database.kill()
        if number == 5:
            database.start()

    # Every body is acknowledged while there is no database.
    feed(server, lines, hurt)
    settled(server)
    # The process dies too; another one goes on from the position in the database.
    server.kill()
    server.start()
    settled(server)
    server.stop()
    assert not any("never-shown" in text for text in server.log)

    # The same log, in SQLite: only the log is copied. Nobody decides anything new while the answers are compared.
    shutil.copytree(folder / "data" / "log", folder / "copy" / "log")
    towerco("rebuild", "--data", folder / "copy")
    only = ["--role", "dashboard-service"]
    reference = Server(folder / "copy", *only).start()
    expected = answers(reference)
    reference.stop()
    assert expected["incidents"] and expected["alarms"] and expected["kpis"] and len(expected["sites"]) >= 40
    server = Server(folder / "data", *only, env=env).start()
    # What the calculators had written last may still have to be projected.
    wait_until(lambda: answers(server) == expected, 60, "the answers of SQLite")
    server.stop()
    assert database.sql("SELECT count(*) FROM (SELECT event FROM incident_history GROUP BY event HAVING count(*) > 1) AS twice") == "0"


def test_rebuild_and_doctor_find_the_store_of_the_settings(folder, database):
    env = {"TOWERCO_STORE_URL": database.url}
    before = towerco("doctor", "--data", folder / "data", "--port", "0", env=env).stdout.decode()
    assert "PostgreSQL" in before and "no schema yet" in before
    server = Server(folder / "data", env=env).start()
    server.ingest([line(event(site=f"S-{number}")) for number in range(5)])
    settled(server)
    wait_until(lambda: len(server.all_items("/api/v1/sites")) == 5, 60, "five sites")
    server.stop()
    database.sql("DELETE FROM sites")
    towerco("rebuild", "--data", folder / "data", env=env)
    assert database.sql("SELECT count(*) FROM sites") == "5"
    found = towerco("doctor", "--data", folder / "data", "--port", "0", env=env).stdout.decode()
    assert "schema 3" in found and "never-shown" not in found
    database.kill()
    away = towerco("doctor", "--data", folder / "data", "--port", "0", env=env, check=1).stdout.decode()
    assert "store.unavailable" in away and "never-shown" not in away
