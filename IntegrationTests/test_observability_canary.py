"""The platform's own probes come all the way through and are seen nowhere but in their metric."""

from __future__ import annotations

import json

import pytest

from conftest import KEY, OTHER_KEY, Server, event, line, towerco, wait_until


def values(server) -> dict[str, float]:
    lines = server.get("/metrics", key=None).body.decode().splitlines()
    return {t.rsplit(" ", 1)[0]: float(t.rsplit(" ", 1)[1]) for t in lines if not t.startswith("#")}


@pytest.fixture
def server(folder):
    running = Server(folder / "data", env={"TOWERCO_CANARY_SECONDS": "1", "TOWERCO_METRICS_SAMPLE_SECONDS": "1"}).start()
    yield running
    if running.process.poll() is None:
        running.stop()


def through(server, count=4):
    """Two tenants, so two rounds of probes."""
    name = 'towerco_app_canary_seconds_count{stage="visible"}'
    return wait_until(lambda: (v := values(server)).get(name, 0) >= count and v, 60, "canaries to come through")


def test_a_canary_of_each_tenant_comes_through_and_its_age_is_young(server):
    seen = through(server)
    assert seen["towerco_app_canaries_sent_total"] >= 4 and seen["towerco_app_canaries_failed_total"] == 0
    assert seen["towerco_app_canary_last_success_age_seconds"] < 30
    assert seen['towerco_app_canary_seconds_count{stage="projected"}'] >= 4


def test_nobody_sees_a_canary(server):
    server.ingest([line(event(site="S-1"))])
    seen = through(server, 6)
    # Sites, events, KPIs, incidents, alarms, counts: one event of one site is all there is.
    for key, sites in ((KEY, ["S-1"]), (OTHER_KEY, [])):
        wait_until(lambda: [s["site"]["site_id"] for s in server.all_items("/api/v1/sites", key)] == sites, 60, "the sites")
        assert all("canary" not in json.dumps(item) for item in server.all_items("/api/v1/events", key))
        for path in ("/api/v1/kpis", "/api/v1/incidents", "/api/v1/alarms", "/api/v1/dead-letters"):
            assert all("canary" not in json.dumps(item) for item in server.all_items(path, key)), path
        assert server.get("/api/v1/fleet", key).json["total_sites"] == len(sites)
    assert seen["towerco_ingest_accepted_events_total"] == 1 and seen["towerco_ingest_requests_total"] == 1
    assert seen["towerco_ingest_flagged_events_total"] == 0
    assert server.get("/api/v1/platform").json["accepted_total"] == 1
    # Groups that never read one are not behind for it.
    for group in ("aiops-engine", "analytics-service", "kpi-calculator"):
        wait_until(lambda: values(server)[f'towerco_pipeline_offset_lag_records{{group="{group}"}}'] == 0, 60, group)


def test_the_same_log_says_the_same_with_canaries_in_it(server):
    server.ingest([line(event(site="S-1", kind="power.grid.outage", payload={"state": "raised"}))])
    wait_until(lambda: server.all_items("/api/v1/alarms"), 60, "an alarm")
    through(server, 6)
    data = server.data
    assert server.stop() == 0
    shadow = towerco("replay", "--shadow", "--data", data)
    assert shadow.returncode == 0
    out = [towerco("replay", "--data", data, "--into", "aiops-engine", "--out", "-").stdout for _ in range(2)]
    assert out[0] == out[1] and out[0] and b"canary" not in out[0]


def test_a_paused_projection_lets_the_age_grow_and_none_is_lost(server):
    through(server)
    where = ["--url", f"http://127.0.0.1:{server.port}", "--key", KEY]
    towerco("groups", "pause", "dashboard-service", *where)
    age = "towerco_app_canary_last_success_age_seconds"
    wait_until(lambda: values(server)[age] > 3, 60, "the age to grow")
    towerco("groups", "resume", "dashboard-service", *where)
    wait_until(lambda: values(server)[age] < 2, 60, "the age to fall")
    sent = values(server)["towerco_app_canaries_sent_total"]
    wait_until(lambda: values(server)['towerco_app_canary_seconds_count{stage="projected"}'] >= sent, 60, "all of them")


def test_none_are_sent_when_the_period_is_zero(folder):
    server = Server(folder / "data", env={"TOWERCO_CANARY_SECONDS": "0"}).start()
    server.ingest([line(event(site="S-1"))])
    wait_until(lambda: server.all_items("/api/v1/sites"), 60, "the site")
    assert values(server)["towerco_app_canaries_sent_total"] == 0
    assert all("canary" not in t["topic"] for t in server.get("/api/v1/topics").json["items"])
    assert server.stop() == 0
