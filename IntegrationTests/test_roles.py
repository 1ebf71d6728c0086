"""Roles in processes of their own, on three brokers and PostgreSQL: the real binary, killed, stopped and cut off."""

import json
import os
import signal
import threading

import pytest

from brokers import Cluster, confluent_messages
from conftest import KEY, Server, event, line, towerco, wait_until
from postgres import PostgresServer

GROUPS = ("aiops-engine", "kpi-calculator", "analytics-service", "dashboard-service")


class Platform:
    """Brokers, a database and whatever processes a test starts on them."""

    def __init__(self, folder, brokers: Cluster | None = None):
        self.folder = folder
        self.brokers, self.database = brokers or Cluster(), PostgresServer().start()
        self.servers: dict[str, Server] = {}
        self.env = {
            "TOWERCO_LOG_URL": f"kafka://{self.brokers.bootstrap}", "TOWERCO_STORE_URL": self.database.url,
            # The mock has its topics and makes no others by request; it keeps an idempotent producer's repeats, which brokers drop,
            # and lets a batch overtake one that failed.
            "TOWERCO_KAFKA_TOPICS_CREATE": "false",
            "TOWERCO_KAFKA_SETTINGS": "max.in.flight.requests.per.connection=1,reconnect.backoff.max.ms=200",
            "TOWERCO_KAFKA_SESSION_SECONDS": "6", "TOWERCO_KAFKA_CALL_TIMEOUT_SECONDS": "5", "TOWERCO_KAFKA_APPEND_TIMEOUT_SECONDS": "2",
            # Events of the tests are old, and a start drops samples that are too old.
            "TOWERCO_HEARTBEAT_SECONDS": "2", "TOWERCO_RETENTION_TELEMETRY_HOURS": "87600",
        }

    def start(self, name, *roles, **env) -> Server:
        arguments = [word for role in roles for word in ("--role", role)]
        server = Server(self.folder / name, *arguments, env={**self.env, **env})
        self.servers[name] = server
        return server.start()

    def start_all(self):
        self.start("in1", "data-ingestor")
        self.start("in2", "data-ingestor")
        self.start("engine", "aiops-engine")
        self.start("kpi", "kpi-calculator")
        self.start("dash", "analytics-service", "dashboard-service")

    def __getitem__(self, name) -> Server:
        return self.servers[name]

    def settle(self):
        """Every group has read everything and nothing new came of it."""
        def lags():
            found = {}
            for server in self.servers.values():
                if server.port:
                    for group in server.all_items("/api/v1/consumer-groups"):
                        found[group["group"]] = (group["offset_lag"], group["members"])
            return found

        def is_so():
            first = lags()
            return all(first.get(group, (1, 0))[0] == 0 for group in GROUPS)
        wait_until(is_so, 180, "every group to reach the end of the log")

    def stored(self, site_like="%") -> int:
        """Readings in the store: one of each event of `reading`."""
        return int(self.database.sql(f"SELECT count(*) FROM samples s JOIN series r ON r.id = s.series WHERE r.site LIKE '{site_like}'"))

    def close(self):
        for server in self.servers.values():
            if server.process and server.process.poll() is None:
                server.process.kill()
                server.process.wait()
        self.brokers.close()
        self.database.remove()


@pytest.fixture
def platform(folder):
    platform = Platform(folder)
    yield platform
    platform.close()


def readings(prefix, count, per_site=50):
    """Events with a time of their own each, so that the store has a row for each, and which site says how they must be ordered."""
    return [
        event(site=f"{prefix}-{number // per_site}", payload={"metric": "m", "value": float(number)},
              at=f"2026-01-02T03:{number // 60 % 60:02d}:{number % 60:02d}.{number // 3600:03d}Z")
        for number in range(count)
    ]


def sites_of(server):
    return len(server.all_items("/api/v1/sites"))


def test_an_ingestor_killed_midway_loses_nothing_that_was_acknowledged(platform, folder):
    platform.start_all()
    path = folder / "events.ndjson"
    towerco("simulate", "--sites", "20", "--hours", "4", "--scenario", "S01,S02,S05,S13", "--seed", "3", "--tenant", "acme", "--out", path)
    story = path.read_bytes().splitlines()
    numbered = readings("R", 6000)
    batches = [story[at:at + 500] for at in range(0, len(story), 500)]
    own = [[line(one) for one in numbered[at:at + 200]] for at in range(0, len(numbered), 200)]
    # Two senders: one of them loses its server in the middle and goes to the other one with what was not acknowledged.
    repeated, failures = [], []

    def send_own():
        for number, batch in enumerate(own):
            if number == len(own) // 2:
                killer = threading.Thread(target=platform["in1"].kill)
                killer.start()
            try:
                answer = platform["in1"].ingest(batch)
                assert answer.status == 202 and not answer.json["rejected"], answer.body
            except (OSError, AssertionError, Exception) as error:  # noqa: B014 the connection breaks in any way it likes
                if isinstance(error, AssertionError):
                    failures.append(error)
                repeated.append(batch)

    sender = threading.Thread(target=send_own)
    sender.start()
    for batch in batches:
        answer = platform["in2"].ingest(batch)
        assert answer.status == 202 and not answer.json["rejected"], answer.body
    sender.join()
    assert not failures and repeated
    # Also what was acknowledged right before: whoever is not sure sends again.
    for batch in own[len(own) // 2 - 2:len(own) // 2] + repeated:
        answer = platform["in2"].ingest(batch)
        assert answer.status == 202 and not answer.json["rejected"], answer.body
    platform.settle()
    wait_until(lambda: platform.stored("R-%") == len(numbered), 60, "every reading in the store, once")
    dash = platform["dash"]
    rows = platform.database.sql("SELECT count(DISTINCT s.value) FROM samples s JOIN series r ON r.id = s.series WHERE r.site LIKE 'R-%'")
    assert int(rows) == len(numbered)
    assert sites_of(dash) >= 20
    everything = "/api/v1/incidents?status=open,acknowledged,resolved,auto_closed,merged"
    wait_until(lambda: dash.all_items(everything) and dash.all_items("/api/v1/alarms?limit=500"), 60, "alarms and incidents")
    assert platform.database.sql("SELECT count(*) FROM (SELECT event FROM incident_history GROUP BY event HAVING count(*) > 1) AS twice") == "0"
    # What came twice is in the log twice and was left out by those who read it.
    in_log = [json.loads(record["value"])["event_id"] for record in platform.brokers.read("towerco.sites.*.events")]
    assert {one["event_id"] for one in numbered} <= set(in_log)
    again = len(in_log) - len(set(in_log))
    assert again > 0
    page = dash.get("/metrics").body.decode()
    left_out = next(float(text.split()[1]) for text in page.splitlines() if text.startswith("towerco_pipeline_repeated_records_total "))
    assert left_out >= again
    # A command is answered from another process than the one that decides.
    incident = next(one for one in dash.all_items(everything) if one["status"] in ("open", "auto_closed", "resolved"))
    answer = dash.post(f"/api/v1/incidents/{incident['number']}/comment", {"text": "seen"})
    assert answer.status in (200, 201, 202), answer.body


def spool(server):
    page = server.get("/metrics").body.decode()
    return {
        text.split()[0]: float(text.split()[1]) for text in page.splitlines() if text.startswith("towerco_spool_")
    }


def test_events_go_on_being_accepted_while_the_brokers_are_away(platform):
    shared = {"TOWERCO_SPOOL_DIRECTORY": str(platform.folder / "spools")}
    for name in ("in1", "in2"):
        platform.start(name, "data-ingestor", **shared)
    platform.start("dash", "analytics-service", "dashboard-service", "aiops-engine", "kpi-calculator")
    numbered = readings("R", 2000)
    batches = [[line(one) for one in numbered[at:at + 100]] for at in range(0, len(numbered), 100)]

    def feed(part):
        for number, batch in part:
            answer = platform["in1" if number % 2 else "in2"].ingest(batch)
            assert answer.status == 202 and not answer.json["rejected"], answer.body

    numbered_batches = list(enumerate(batches))
    feed(numbered_batches[:6])
    platform.brokers.away()
    feed(numbered_batches[6:16])
    for name in ("in1", "in2"):
        state = spool(platform[name])
        assert state["towerco_spool_records"] == 500 and 0 < state["towerco_spool_fill_ratio"] < 1 and state["towerco_spool_bytes"] > 0
        ready = platform[name].get("/readyz", key=None)
        assert ready.status == 200 and "spool" in ready.json["checks"]["brokers"], ready.body
    # One of them dies with what it has accepted; its successor on the host takes that over.
    platform["in2"].kill()
    platform.brokers.back()
    platform.start("in2", "data-ingestor", **shared)
    wait_until(lambda: all(spool(platform[name])["towerco_spool_records"] == 0 for name in ("in1", "in2")), 60, "empty spools")
    feed(numbered_batches[16:])
    platform.settle()
    wait_until(lambda: platform.stored("R-%") == len(numbered), 60, "every reading in the store, once")
    # In order: each site's readings were sent through one door, one batch after the other.
    for name in {one["site_id"] for one in numbered}:
        numbers = [json.loads(record["value"])["payload"]["value"] for record in platform.brokers.read(f"towerco.sites.{name}.events")]
        first = list(dict.fromkeys(numbers))
        assert first == sorted(first) and len(first) == 50, (name, numbers)


def test_a_full_spool_says_so_and_takes_events_again_afterwards(platform):
    server = platform.start("in1", "data-ingestor", TOWERCO_SPOOL_MAX_BYTES="1048576")
    platform.brokers.away()
    text = "x" * 2000
    body = [line(event(site=f"S-{number % 9}", payload={"metric": "m", "value": 1.0, "text": text})) for number in range(200)]

    def refusal():
        fresh = [one.replace(json.loads(one)["event_id"].encode(), json.loads(line(event()))["event_id"].encode()) for one in body]
        answer = server.ingest(fresh)
        return answer if answer.status != 202 else None
    answer = wait_until(refusal, 60, "a full spool")
    assert answer.status == 503 and answer.headers["Retry-After"] and b"log.spool_full" in answer.body, answer.body
    assert spool(server)["towerco_spool_refused_appends_total"] >= 1
    assert server.get("/readyz", key=None).status == 503
    platform.brokers.back()
    wait_until(lambda: spool(server)["towerco_spool_records"] == 0, 60, "an empty spool")
    answer = server.ingest(body)
    assert answer.status == 202, answer.body
    wait_until(lambda: server.get("/readyz", key=None).status == 200, 60, "ready again")


def test_a_rolling_restart_loses_nothing_and_the_standby_takes_over(platform):
    platform.start_all()
    platform.start("engine2", "aiops-engine", "kpi-calculator")
    numbered = readings("R", 3000)
    batches = [[line(one) for one in numbered[at:at + 50]] for at in range(0, len(numbered), 50)]
    finished, failures = threading.Event(), []

    def feed():
        try:
            for number, batch in enumerate(batches):
                for name in ("in1", "in2") if number % 2 else ("in2", "in1"):
                    try:
                        answer = platform[name].ingest(batch)
                    except Exception:  # noqa: BLE001 it is being restarted: the other one takes it
                        continue
                    assert answer.status == 202, answer.body
                    break
                else:
                    raise AssertionError("both doors were closed at once")
        except AssertionError as error:
            failures.append(error)
        finally:
            finished.set()

    sender = threading.Thread(target=feed)
    sender.start()
    for name in ("in1", "in2", "engine", "kpi", "dash"):
        assert platform[name].stop() == 0
        platform[name].start()
    sender.join()
    assert not failures, failures
    platform.settle()
    wait_until(lambda: platform.stored("R-%") == len(numbered), 60, "every reading in the store, once")
    # A group's member is gone for good: the one that waited goes on.
    platform["engine"].kill()
    platform["kpi"].kill()
    platform["in1"].ingest([line(one) for one in readings("T", 100)])
    platform.settle()
    wait_until(lambda: platform.stored("T-%") == 100, 60, "what came afterwards")


def test_a_reader_that_wakes_too_late_changes_nothing_and_waits(platform):
    platform.start("in1", "data-ingestor", "dashboard-service", "analytics-service", "kpi-calculator")
    platform.start("first", "aiops-engine")
    # The second comes when the first is it, so the test knows which one to suspend.
    def active(name):
        groups = platform[name].all_items("/api/v1/consumer-groups")
        return any(group["group"] == "aiops-engine" and group["members"] == 1 and group["offset_lag"] == 0 for group in groups)
    wait_until(lambda: active("first"), 60, "an active engine")
    platform.start("second", "aiops-engine")
    os.kill(platform["first"].process.pid, signal.SIGSTOP)
    platform["in1"].ingest([line(one) for one in readings("Z", 50)])
    wait_until(lambda: active("second"), 60, "the second to take over")
    os.kill(platform["first"].process.pid, signal.SIGCONT)
    platform["in1"].ingest([line(one) for one in readings("Y", 50)])
    # Whichever of the two the brokers settle on, it is one, and both are well.
    wait_until(lambda: active("first") != active("second"), 90, "one active engine")
    assert all(platform[name].get("/readyz", key=None).status == 200 for name in ("first", "second"))
    assert platform["first"].stop() == 0
    wait_until(lambda: active("second"), 60, "the second alone")
    wait_until(lambda: platform.stored() == 100, 60, "every reading in the store")


def test_doctor_tells_how_topics_differ_from_the_settings(platform):
    def doctor(check=0, **env):
        return towerco("doctor", "--data", platform.folder / "d", "--port", "0", env={**platform.env, **env}, check=check).stdout.decode()
    fine = doctor()
    assert "topics are there" in fine and "drift" not in fine
    drifted = doctor(TOWERCO_KAFKA_PARTITIONS_EVENTS="24")
    assert "towerco.sites.events has partitions 12, wanted is 24" in drifted and "kafka-topics --alter" in drifted
    platform.brokers.away()
    away = doctor(check=1)
    assert "Check log.url" in away and "never-shown" not in away


def test_events_on_the_brokers_name_their_schema_where_that_is_wanted(platform):
    from confluent_kafka.schema_registry import SchemaRegistryClient
    from confluent_kafka.schema_registry.json_schema import JSONDeserializer
    from confluent_kafka.serialization import MessageField, SerializationContext

    topic = "towerco.sites.events"
    platform.start("plain", "data-ingestor")
    platform.start("framed", "data-ingestor", TOWERCO_KAFKA_VALUE_FRAMING="registry")
    platform.start("rest", "aiops-engine", "kpi-calculator", "analytics-service", "dashboard-service", TOWERCO_KAFKA_VALUE_FRAMING="registry")
    sent = {"plain": readings("P", 100), "framed": readings("F", 100)}
    for name, events in sent.items():
        answer = platform[name].ingest([line(one) for one in events] + [b"\x00\x00 no event"])
        assert answer.status == 202 and answer.json["accepted"] == 100, answer.body
    # Our readers take both.
    platform.settle()
    wait_until(lambda: platform.stored("P-%") == 100 and platform.stored("F-%") == 100, 60, "every reading in the store, once")

    values = [message.value() for message in confluent_messages(platform.brokers.bootstrap, topic)]
    plain = [json.loads(value)["event_id"] for value in values if value[:1] == b"{"]
    assert sorted(plain) == sorted(one["event_id"] for one in sent["plain"])
    # Somebody else's deserializer, unmodified, asks our registry what the id means and holds each event to it.
    registry = SchemaRegistryClient(
        {"url": f"http://127.0.0.1:{platform['rest'].port}/registry", "basic.auth.user.info": f"any:{KEY}"})
    read = JSONDeserializer(None, schema_registry_client=registry)
    context = SerializationContext(topic, MessageField.VALUE)
    framed = [read(value, context) for value in values if value[:1] == b"\x00"]
    assert sorted(one["event_id"] for one in framed) == sorted(one["event_id"] for one in sent["framed"])
    assert registry.get_latest_version(f"{topic}-value").schema_id == int.from_bytes(next(v for v in values if v[:1] == b"\x00")[1:5], "big")
    # What was no event keeps its bytes, the zero ones too.
    letters = platform["rest"].all_items("/api/v1/dead-letters")
    assert len(letters) == 2 and all(letter["bytes"] == len(b"\x00\x00 no event") for letter in letters), letters
