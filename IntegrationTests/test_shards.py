"""Tenants dealt out to shards: several engines decide at once, each for its own tenants; killed, joined and moved."""

from __future__ import annotations

import json
import re

import pytest

from brokers import Cluster
from conftest import event, line, towerco, wait_until
from test_roles import Platform

TENANTS = [f"tower-{number}" for number in range(1, 7)]
EVERYTHING = "/api/v1/incidents?status=open,acknowledged,resolved,auto_closed,merged"
ENGINE = "aiops-engine"


def key(tenant):
    return f"{tenant}-key-0123456789abcdef"


class Sharded(Platform):
    def __init__(self, folder, shards=2):
        super().__init__(folder, Cluster(shards=shards))
        self.shards = shards
        self.env |= {
            "TOWERCO_KAFKA_SHARDS": str(shards), "TOWERCO_BOOTSTRAP_KEY": ",".join(f"{tenant}:{key(tenant)}" for tenant in TENANTS),
            # Whoever is given a shard goes on from what its last process remembered.
            "TOWERCO_CHECKPOINT_DIRECTORY": str(folder / "checkpoints"), "TOWERCO_CHECKPOINT_RECORDS": "500",
        }

    def active(self, name, group=ENGINE):
        """The shards that a process runs and is the member of, from what its readiness says."""
        server = self.servers[name]
        check = server.get("/readyz", key=None).json["checks"].get(group, "")
        found = re.match(r"runs shards ([\d, ]+) of (\d+)", check)
        if not found:
            return set()
        assert int(found.group(2)) == self.shards
        return {int(number) for number in found.group(1).split(",")}

    def deal(self, *names, group=ENGINE):
        """Each shard is run by one of these, and each of these runs some, if there are enough."""
        def is_so():
            dealt = [self.active(name, group) for name in names]
            flat = [number for one in dealt for number in one]
            return sorted(flat) == list(range(1, self.shards + 1)) and (len(names) > self.shards or all(dealt)) and dealt
        return wait_until(is_so, 120, f"{names} to share the shards of {group}")

    def lags(self):
        found = {}
        for server in self.servers.values():
            if server.port:
                for group in server.all_items("/api/v1/consumer-groups", key(TENANTS[0])):
                    if group["members"]:
                        found[group["group"]] = group["offset_lag"]
        return found

    def settle(self):
        wanted = [f"{role}.s{number}of{self.shards}" for role in (ENGINE, "kpi-calculator") for number in range(1, self.shards + 1)]
        wanted += ["analytics-service", "dashboard-service"]
        wait_until(lambda: (now := self.lags()) and all(now.get(group, 1) == 0 for group in wanted), 180, "every group at the end of the log")

    def metric(self, name, metric):
        page = self.servers[name].get("/metrics").body.decode()
        return sum(float(text.split()[-1]) for text in page.splitlines() if re.match(rf"{metric}(\{{| )", text))


@pytest.fixture
def platform(folder):
    platform = Sharded(folder)
    yield platform
    platform.close()


def story(folder, tenant, seed, hours=3):
    path = folder / f"{tenant}-{seed}.ndjson"
    towerco("simulate", "--sites", "8", "--hours", str(hours), "--scenario", "S01,S02,S05", "--seed", str(seed), "--tenant", tenant, "--out", path)
    return path.read_bytes().splitlines()


def send(server, tenant, lines, at_once=400):
    for at in range(0, len(lines), at_once):
        answer = server.ingest(lines[at:at + at_once], key=key(tenant))
        assert answer.status == 202 and not answer.json["rejected"], answer.body


def incidents(server, tenant):
    """What an operator would see, without what depends on when it was read."""
    found = [one["snapshot"] for one in server.all_items(EVERYTHING, key(tenant))]
    return sorted((one["site_id"], one["title"], one["opened_at"], one["incident_id"]) for one in found)


def alone(folder, stories):
    """The incidents of the same stories in one process on its own log."""
    from conftest import Server
    server = Server(folder / "alone", env={
        "TOWERCO_BOOTSTRAP_KEY": ",".join(f"{tenant}:{key(tenant)}" for tenant in TENANTS), "TOWERCO_RETENTION_TELEMETRY_HOURS": "87600"}).start()
    for tenant, lines in stories.items():
        send(server, tenant, lines)
    wait_until(lambda: all(g["offset_lag"] == 0 for g in server.all_items("/api/v1/consumer-groups", key(TENANTS[0]))), 60, "everything decided")
    found = {tenant: incidents(server, tenant) for tenant in stories}
    assert server.stop() == 0
    return found


def test_engines_decide_for_their_own_tenants_and_take_over_from_each_other(platform, folder):
    stories = {tenant: story(folder, tenant, number) for number, tenant in enumerate(TENANTS)}
    expected = alone(folder, stories)
    assert all(expected.values()), "every tenant's story has incidents"
    platform.start("in1", "data-ingestor")
    platform.start("dash", "analytics-service", "dashboard-service", "kpi-calculator")
    platform.start("engine1", ENGINE)
    platform.start("engine2", ENGINE)
    first = platform.deal("engine1", "engine2")
    assert [len(shards) for shards in first] == [1, 1]
    halves = {tenant: len(lines) // 2 for tenant, lines in stories.items()}
    for tenant, lines in stories.items():
        send(platform["in1"], tenant, lines[:halves[tenant]])
    wait_until(lambda: all(platform.metric(name, "towerco_pipeline_records_total") > 100 for name in ("engine1", "engine2")), 60, "both at work")
    platform["engine2"].kill()
    for tenant, lines in stories.items():
        send(platform["in1"], tenant, lines[halves[tenant]:])
    platform.deal("engine1")
    platform.settle()
    found = {tenant: incidents(platform["dash"], tenant) for tenant in TENANTS}
    assert found == expected
    twice = platform.database.sql("SELECT count(*) FROM (SELECT event FROM incident_history GROUP BY event HAVING count(*) > 1) AS twice")
    assert twice == "0"
    # Another one comes and is given a shard.
    platform.start("engine3", ENGINE)
    platform.deal("engine1", "engine3")
    more = {tenant: story(folder, tenant, 50 + number, hours=1) for number, tenant in enumerate(TENANTS[:2])}
    for tenant, lines in more.items():
        send(platform["in1"], tenant, lines)
    platform.settle()
    assert platform.metric("dash", "towerco_pipeline_stray_records_total") == 0
