"""A real Prometheus scrapes the real server: targets are up, and an alert fires and resolves with what happens."""

from __future__ import annotations

import pytest

from conftest import KEY, Server, event, line, towerco, wait_until
from prometheus import Prometheus


@pytest.fixture
def server(folder):
    running = Server(folder / "data", env={
        "TOWERCO_METRICS_SAMPLE_SECONDS": "1", "TOWERCO_HEARTBEAT_SECONDS": "1", "TOWERCO_CANARY_SECONDS": "1",
    }).start()
    yield running
    if running.process.poll() is None:
        running.stop()


@pytest.fixture
def prometheus(server, folder):
    # Two seconds behind is an alert here; shipped it is thirty.
    running = Prometheus(folder / "prometheus", [f"127.0.0.1:{server.port}"], {
        "time_lag_seconds:max > 30": "time_lag_seconds:max > 2", "last_success_age_seconds > 60": "last_success_age_seconds > 3",
        "oldest_seconds) > 86400": "oldest_seconds) > 0.5",
    })
    yield running
    running.stop()


def where(server):
    return ["--url", f"http://127.0.0.1:{server.port}", "--key", KEY]


def is_up(prometheus) -> bool:
    targets = prometheus.api("targets")["activeTargets"]
    return bool(targets) and all(t["health"] == "up" for t in targets)


def test_stopping_a_group_makes_the_lag_alert_fire_and_resuming_it_resolves_it(server, prometheus):
    wait_until(lambda: is_up(prometheus), 60, "the target to be up")
    wait_until(lambda: prometheus.query('group:towerco_pipeline_time_lag_seconds:max{group="aiops-engine"}'), 60, "the recorded lag")
    assert not prometheus.is_firing("TowercoConsumerLag")
    towerco("groups", "pause", "aiops-engine", *where(server))
    server.ingest([line(event(site=f"S-{n}")) for n in range(50)])
    wait_until(lambda: prometheus.is_firing("TowercoConsumerLag"), 90, "the lag alert to fire")
    firing = prometheus.alerts("TowercoConsumerLag")
    assert [a["labels"]["group"] for a in firing] == ["aiops-engine"], "the others read on"
    assert firing[0]["annotations"]["runbook_url"] == "docs/runbooks/lag.md"
    assert prometheus.is_firing("TowercoGroupPaused")
    towerco("groups", "resume", "aiops-engine", *where(server))
    wait_until(lambda: not prometheus.alerts("TowercoConsumerLag"), 90, "the lag alert to resolve")


def test_a_late_canary_fires_and_the_next_one_resolves_it(server, prometheus):
    wait_until(lambda: prometheus.query("towerco_app_canary_seconds_count") and is_up(prometheus), 60, "canaries")
    assert not prometheus.is_firing("TowercoCanaryLate")
    towerco("groups", "pause", "dashboard-service", *where(server))
    wait_until(lambda: prometheus.is_firing("TowercoCanaryLate"), 90, "the canary alert to fire")
    towerco("groups", "resume", "dashboard-service", *where(server))
    wait_until(lambda: not prometheus.alerts("TowercoCanaryLate"), 90, "the canary alert to resolve")


def test_a_server_that_dies_is_noticed(server, prometheus):
    wait_until(lambda: is_up(prometheus), 60, "the target to be up")
    server.kill()
    wait_until(lambda: prometheus.is_firing("TowercoInstanceDown"), 60, "the alert that it is down")


def test_a_dead_letter_ages_until_somebody_treats_it(server, prometheus):
    server.ingest([b"{broken"])
    wait_until(lambda: prometheus.is_firing("TowercoDeadLettersOld"), 90, "the alert that a letter is old")
    letters = server.all_items("/api/v1/dead-letters")
    assert len(letters) == 1
    # It is as broken as before: it goes on waiting, and ages.
    assert server.post(f"/api/v1/dead-letters/{letters[0]['id']}/retry", {}).status == 400

    def untreated():
        values = dict(t.split() for t in server.get("/metrics", key=None).body.decode().splitlines() if t.startswith("towerco_pipeline_dead_letter"
                      ) and "{" not in t)
        return values["towerco_pipeline_dead_letters_untreated"], values["towerco_pipeline_dead_letter_oldest_seconds"]

    assert float(untreated()[0]) == 1 and float(untreated()[1]) > 0
    assert server.post(f"/api/v1/dead-letters/{letters[0]['id']}/discard", {"why": "a test"}).status == 200
    wait_until(lambda: [float(value) for value in untreated()] == [0, 0], 60, "nothing to treat")
