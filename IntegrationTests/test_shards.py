"""Tenants dealt out to shards: several engines decide at once, each for its own tenants; killed, joined and moved."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from brokers import Cluster
from conftest import BINARY, ROOT, event, line, towerco, wait_until
from receivers import Hook
from test_notify import add, fail, webhook
from test_roles import Platform

TENANTS = [f"tower-{number}" for number in range(1, 7)]
EVERYTHING = "/api/v1/incidents?status=open,acknowledged,resolved,auto_closed,merged"
ENGINE = "aiops-engine"


def key(tenant):
    return f"{tenant}-key-0123456789abcdef"


class Sharded(Platform):
    def __init__(self, folder, shards=2, has_topic=True):
        super().__init__(folder, Cluster(shards=shards if has_topic else 1))
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
        try:
            wait_until(lambda: (now := self.lags()) and all(now.get(group, 1) == 0 for group in wanted), 300, "every group at the end of the log")
        except AssertionError:
            raise AssertionError(f"not at the end of the log: {({group: self.lags().get(group) for group in wanted})}") from None

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
    # The engine's clock goes on while nothing is read: a pause between two events may open an incident a few seconds sooner, from
    # fewer of its events.
    return sorted((one["site_id"], one["title"]) for one in found)


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


def test_an_event_that_another_client_put_into_a_wrong_partition_is_decided_once_where_it_belongs(platform):
    """Its partitioner hashes the site alone; `serve` of the brokers' program does too."""
    platform.start("in1", "data-ingestor", "analytics-service", "dashboard-service", "kpi-calculator")
    platform.start("engine1", ENGINE)
    platform.deal("engine1")
    expected = {}
    for tenant in TENANTS:
        for number in range(8):
            site = f"F-{number}"
            document = event(site=site, tenant=tenant, payload={"metric": "m", "value": float(number)}, at=f"2026-01-02T03:04:{number:02d}Z")
            platform.brokers.append(f"towerco.sites.{site}.events", site, line(document).decode())
            expected[document["event_id"]] = tenant
    in_log = lambda: [  # noqa: E731
        json.loads(record["value"])["event_id"] for record in platform.brokers.read("towerco.sites.*.events")]
    strays = lambda: int(platform.metric("engine1", "towerco_pipeline_stray_records_total"))  # noqa: E731
    wait_until(lambda: 0 < strays() == len(in_log()) - len(expected), 60, "copies of all strays where they belong")
    # A group's place moves on with the next record that it does not leave out.
    last = event(site="F-1", tenant=TENANTS[0], payload={"metric": "m", "value": 99.0}, at="2026-01-02T03:05:00Z")
    send(platform["in1"], TENANTS[0], [line(last)])
    expected[last["event_id"]] = TENANTS[0]
    platform.settle()
    found = in_log()
    strays = strays()
    assert 0 < strays < len(expected) and set(found) == set(expected) and len(found) == len(expected) + strays
    # Moved once, and by one group only: the copies carry the tenant that says where they belong.
    moved = [record for record in platform.brokers.read("towerco.sites.*.events") if ["towerco-moved", "1"] in record["headers"]]
    assert len(moved) == strays
    for record in moved:
        document = json.loads(record["value"])
        assert dict(record["headers"])["tenant"] == document["tenant_id"] == expected[document["event_id"]]
    wait_until(lambda: platform.stored("F-%") == len(expected), 60, "every reading in the store, once")


def test_a_site_that_two_tenants_name_alike_shows_each_its_own_history(platform):
    platform.start("in1", "data-ingestor", "analytics-service", "dashboard-service", ENGINE, "kpi-calculator")
    platform.deal("in1")
    for tenant in TENANTS:
        lines = [line(event(site="SAME", tenant=tenant, payload={"metric": "m", "value": float(number)}, at=f"2026-01-02T03:04:{number:02d}Z"))
                 for number in range(30)]
        send(platform["in1"], tenant, lines)
    for tenant in TENANTS:
        shown = platform["in1"].all_items("/api/v1/events?site_id=SAME&limit=7", key(tenant))
        values = [one["event"]["payload"]["value"] for one in shown]
        assert values == [float(number) for number in reversed(range(30))]
        assert {one["event"]["tenant_id"] for one in shown} == {tenant}


def test_who_was_told_what_is_paged_for_each_tenant_where_their_alerts_share_partitions(platform):
    hook = Hook()
    try:
        platform.start("all", "data-ingestor", "analytics-service", "dashboard-service", ENGINE, "kpi-calculator", "notification-service",
                       TOWERCO_NOTIFY_ALLOW_PRIVATE="127.0.0.1", TOWERCO_NOTIFY_RETRY_FIRST_MS="50")
        platform.deal("all")
        server = platform["all"]
        told = TENANTS[:3]
        for tenant in told:
            add(server, webhook(hook), key=key(tenant))
        for number in range(3):
            for tenant in told:
                fail(server, site=f"SITE-{number}", key=key(tenant), tenant=tenant)
        ask = lambda tenant, query="": server.all_items(f"/api/v1/notifications{query}", key(tenant))  # noqa: E731
        wait_until(lambda: all(len(ask(tenant)) >= 3 for tenant in told), 120, "every incident to be told")
        for tenant in told:
            all_of_it = ask(tenant)
            assert len({one["delivery_id"] for one in all_of_it}) == len(all_of_it)
            in_pages, cursor = [], ""
            while cursor is not None:
                page = server.get(f"/api/v1/notifications?limit=1{cursor and '&cursor=' + cursor}", key=key(tenant)).json
                in_pages += page["items"]
                assert len(page["items"]) <= 1
                cursor = page.get("next_cursor")
            assert in_pages[-len(all_of_it):] == all_of_it
            incident = all_of_it[0]["incident_id"]
            assert ask(tenant, f"?incident_id={incident}") and all(one["incident_id"] == incident for one in ask(tenant, f"?incident_id={incident}"))
    finally:
        hook.close()


def test_another_number_of_shards_decides_nothing_twice_and_forgets_nothing(folder):
    """From one engine for all to four shards. The mock makes the topic of shards itself when it is asked for it, with four partitions."""
    platform = Sharded(folder, shards=4, has_topic=False)
    try:
        stories = {tenant: story(folder, tenant, number) for number, tenant in enumerate(TENANTS)}
        expected = alone(folder, stories)
        roles = {"in1": ["data-ingestor"], "dash": ["analytics-service", "dashboard-service", "kpi-calculator"], "engine1": [ENGINE]}
        for name, own in roles.items():
            platform.start(name, *own, TOWERCO_KAFKA_SHARDS="1")
        halves = {tenant: len(lines) // 2 for tenant, lines in stories.items()}
        for tenant, lines in stories.items():
            send(platform["in1"], tenant, lines[:halves[tenant]])
        undivided = (ENGINE, "kpi-calculator", "analytics-service", "dashboard-service")
        wait_until(lambda: (now := platform.lags()) and all(now.get(group, 1) == 0 for group in undivided), 180, "the log to be read")
        for name in roles:
            assert platform[name].stop() == 0
        # One engine finds nothing in the folder of checkpoints, so it learns what was before from partitions that are others' now.
        for name, own in roles.items():
            platform.start(name, *own, **({"TOWERCO_CHECKPOINT_DIRECTORY": str(folder / "new")} if name == "engine1" else {}))
        platform.start("engine2", ENGINE)
        assert [len(shards) for shards in platform.deal("engine1", "engine2")] == [2, 2]
        for tenant, lines in stories.items():
            send(platform["in1"], tenant, lines[halves[tenant]:])
        platform.settle()
        assert {tenant: incidents(platform["dash"], tenant) for tenant in TENANTS} == expected
        twice = platform.database.sql("SELECT count(*) FROM (SELECT event FROM incident_history GROUP BY event HAVING count(*) > 1) AS twice")
        assert twice == "0"
        written = [record["value"] for record in platform.brokers.read("towerco.alerts.*.notifications")]
        assert len(written) == len(set(written)), "no alarm was said twice"
        assert all(platform.metric(name, "towerco_pipeline_stray_records_total") == 0 for name in platform.servers)
    finally:
        platform.close()


def test_a_process_with_another_number_of_shards_than_the_brokers_does_not_start(platform, folder):
    def start(shards):
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TOWERCO_")}
        return subprocess.run(
            [BINARY, "serve", "--role", "data-ingestor", "--data", folder / "other", "--port", "0"], capture_output=True, timeout=120, cwd=ROOT,
            env={**clean, **platform.env, "TOWERCO_KAFKA_SHARDS": shards})
    other = start("3")
    refused = other.stderr.decode()
    assert other.returncode != 0
    assert "towerco.platform.shards" in refused and "docs/deployment.md" in refused
    drifted = towerco("doctor", "--data", folder / "d", "--port", "0", env={**platform.env, "TOWERCO_KAFKA_SHARDS": "1"}).stdout.decode()
    assert "towerco.platform.shards has partitions 2, wanted is 1" in drifted and "set kafka.shards" in drifted
    fine = towerco("doctor", "--data", folder / "d", "--port", "0", env=platform.env).stdout.decode()
    assert "dealt out to 2" in fine and "drift" not in fine
    odd = start("5").stderr.decode()
    assert "shards is 5" in odd and "divide the 12" in odd
