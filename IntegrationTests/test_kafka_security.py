"""Brokers that speak TLS and ask for a login: the real binary through a front that does both for the mock brokers (`secure_brokers`)."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import functools
import json
import os
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from brokers import Cluster, confluent_messages
from certificates import Authority
from conftest import BINARY, ROOT, Server, event, line, wait_until
from secure_brokers import Scram, SecureBrokers
from test_roles import Platform, readings

EVENTS = "towerco.sites.events"
USER, PASSWORD, WRONG = "towerco", "s3cret,käse=x", "stale-Passw0rd"
USERS = {USER: PASSWORD}
LIBRARY = ctypes.CDLL("librdkafka.so.1").rd_kafka_version()


class Place:
    """Mock brokers, an authority and certificates of it, for all tests of this file."""

    def __init__(self, folder):
        self.folder, self.clusters = folder, [Cluster()]
        self.authority, self.stranger = Authority(folder, "authority"), Authority(folder, "stranger")
        self.broker = self.authority.issue("broker")
        self.client = self.authority.issue("client", password=b"key-word")
        self.fronts = []

    def context(self, files=None, asks_for_certificate=False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*(files or self.broker))
        if asks_for_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority.file)
        return context

    def front(self, *arguments, cluster=None) -> SecureBrokers:
        front = SecureBrokers((cluster or self.clusters[0]).bootstrap, *arguments)
        self.fronts.append(front)
        return front

    def own_cluster(self) -> Cluster:
        """For a server: of two on the same brokers one would wait for the other's groups."""
        self.clusters.append(Cluster())
        return self.clusters[-1]

    def close(self):
        for front in self.fronts:
            front.close()
        for cluster in self.clusters:
            cluster.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("kafka-security"))
    yield place
    place.close()


def security(place, tls=True, **settings) -> dict[str, str]:
    """Settings by their names behind `kafka.security.`."""
    if tls:
        settings = {"tls": "true", "ca_file": place.authority.file, **settings}
    return {f"TOWERCO_KAFKA_SECURITY_{name.upper()}": str(value) for name, value in settings.items()}


def login(mechanism, password=PASSWORD, username=USER):
    return {"mechanism": mechanism, "username": username, "password": password}


def settings(front, *more, **env) -> dict[str, str]:
    return {
        "TOWERCO_LOG_URL": f"kafka://{front.bootstrap}", "TOWERCO_KAFKA_TOPICS_CREATE": "false",
        "TOWERCO_KAFKA_SETTINGS": ",".join((
            "broker.address.family=v4", "max.in.flight.requests.per.connection=1", "reconnect.backoff.max.ms=200", *more)),
        "TOWERCO_KAFKA_SESSION_SECONDS": "6", "TOWERCO_KAFKA_CALL_TIMEOUT_SECONDS": "5", "TOWERCO_KAFKA_APPEND_TIMEOUT_SECONDS": "2",
        "TOWERCO_RETENTION_TELEMETRY_HOURS": "87600", **env,
    }


def batch(prefix, count=20):
    return [event(site=f"{prefix}-{number % 4}", payload={"metric": "m", "value": float(number)}) for number in range(count)]


def stranger_reads(front, prefix, **settings) -> list[str]:
    """Ids of the events of sites that begin with `prefix`, read through the front by somebody else's client."""
    messages = confluent_messages(front.bootstrap, EVENTS, **{"broker.address.family": "v4", **settings})
    return [json.loads(message.value())["event_id"] for message in messages if message.key().decode().startswith(prefix)]


@contextlib.contextmanager
def serving(folder, front, *more, **env):
    server = Server(folder / "data", env={**settings(front, *more), **env}).start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def take(server, events):
    answer = server.ingest([line(one) for one in events])
    assert answer.status == 202 and answer.json["accepted"] == len(events), answer.body


def assert_says_no(server, *secrets):
    printed = "".join(server.log) + server.get("/metrics").body.decode() + server.get("/readyz", key=None).body.decode()
    assert not [secret for secret in secrets if secret in printed]


def test_the_fronts_scram_gives_the_answers_of_rfc_7677():
    class Example(Scram):
        def salt(self):
            return base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")

        def own_nonce(self):
            return "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

    server = Example({"user": "pencil"}, "sha256", is_strict=True)
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    first, is_over = server.answer(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    assert first.decode() == f"r={nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096" and not is_over
    final, is_over = server.answer(f"c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=".encode())
    assert final == b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" and is_over


def spooled(server) -> float:
    page = server.get("/metrics").body.decode()
    return next(float(text.split()[1]) for text in page.splitlines() if text.startswith("towerco_spool_records "))


def brokers_check(server) -> str:
    ready = server.get("/readyz", key=None)
    assert ready.status == 200, ready.body
    return ready.json["checks"].get("brokers", "")


WAYS = {
    "SCRAM-SHA-512 over TLS": ("SCRAM-SHA-512", True, False),
    "SCRAM-SHA-256 over TLS": ("SCRAM-SHA-256", True, False),
    "certificates of both sides": (None, True, True),
    "PLAIN without TLS": ("PLAIN", False, False),
}


def go_through(place, folder, way):
    """Events go in at the door and come out again, in our groups and at somebody else's client."""
    mechanism, has_tls, is_mutual = WAYS[way]
    front = place.front(place.context(asks_for_certificate=is_mutual) if has_tls else None, mechanism, USERS, cluster=place.own_cluster())
    ours, theirs = {}, {}
    if mechanism:
        ours |= login(mechanism)
        theirs |= {"sasl.mechanism": mechanism, "sasl.username": USER, "sasl.password": PASSWORD}
    if is_mutual:
        chain, key = place.client
        ours |= {"certificate_file": chain, "key_file": key, "key_password": "key-word"}
        theirs |= {"ssl.certificate.location": str(chain), "ssl.key.location": str(key), "ssl.key.password": "key-word"}
    if has_tls:
        theirs["ssl.ca.location"] = str(place.authority.file)
    theirs["security.protocol"] = ("SASL_" if mechanism else "") + ("SSL" if has_tls else "PLAINTEXT")
    with serving(folder, front, **security(place, has_tls, **ours)) as server:
        sent = batch("W")
        take(server, sent)
        wait_until(lambda: len(server.all_items("/api/v1/sites")) == 4, 60, "the sites on the dashboard")
        assert sorted(stranger_reads(front, "W", **theirs)) == sorted(one["event_id"] for one in sent)
        assert "brokers" not in server.get("/readyz", key=None).json["checks"]
        assert_says_no(server, PASSWORD, "key-word")
        assert front.refusals == [] and (front.logins > 0) == bool(mechanism)
        assert server.stop() == 0


def rotate(place, folder):
    """A password changed at the brokers: the spool takes what comes, and a start with the new password takes that up."""
    front = place.front(place.context(), "SCRAM-SHA-512", USERS, cluster=place.own_cluster())
    theirs = {"security.protocol": "SASL_SSL", "ssl.ca.location": str(place.authority.file), "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": USER}
    with serving(folder, front, **security(place, **login("SCRAM-SHA-512"))) as server:
        before, during, after = batch("before"), batch("during"), batch("after")
        take(server, before)
        # Connections that are open stay as they are; those that come now are asked for the new password.
        front.users[USER] = WRONG
        front.cut()
        take(server, during)
        assert spooled(server) == len(during)
        said = wait_until(lambda: (text := brokers_check(server)) and "SASL authentication error" in text and text, 60, "the reason")
        assert "20 records wait in the spool" in said and "check kafka.security.username and kafka.security.password" in said
        assert server.stop() == 0
        server.env.update(security(place, **login("SCRAM-SHA-512", WRONG)))
        server.start()
        take(server, after)
        wait_until(lambda: spooled(server) == 0, 60, "an empty spool")
        read = stranger_reads(front, ("before", "during", "after"), **theirs, **{"sasl.password": WRONG})
        assert sorted(read) == sorted(one["event_id"] for one in before + during + after)
        assert_says_no(server, PASSWORD, WRONG)
        assert server.stop() == 0


def misbehave(place, folder):
    """Listeners that hang up, answer with garbage or say nothing are waited for, by the doors and by the groups."""
    front = place.front(place.context(), "PLAIN", USERS, cluster=place.own_cluster())
    settings = security(place, **login("PLAIN")) | {"TOWERCO_KAFKA_CALL_TIMEOUT_SECONDS": "2"}
    with serving(folder, front, "socket.connection.setup.timeout.ms=1500", **settings) as server:
        sent = []
        for trouble, words in [("cut", "SSL handshake failed"), ("garbage", "wrong version number"), ("hang", "setup timed out")]:
            front.trouble = trouble
            front.cut()
            more = batch(f"front-{trouble}")
            take(server, more)
            sent += more
            wait_until(lambda: words in brokers_check(server), 60, f"the reason of {trouble}")
        assert spooled(server) == len(sent)
        front.trouble = None
        front.cut()
        wait_until(lambda: spooled(server) == 0 and brokers_check(server) == "", 60, "an empty spool")
        wait_until(lambda: len(server.all_items("/api/v1/sites")) == 12, 60, "the groups to go on")
        read = stranger_reads(front, "front-", **{
            "security.protocol": "SASL_SSL", "ssl.ca.location": str(place.authority.file), "sasl.mechanism": "PLAIN",
            "sasl.username": USER, "sasl.password": PASSWORD})
        assert sorted(read) == sorted(one["event_id"] for one in sent)
        assert server.stop() == 0


def split(place, folder):
    """Roles in processes of their own. One that only reads has no spool that fills, and says all the same why nothing moves."""
    front = place.front(place.context(), "SCRAM-SHA-512", USERS, cluster=place.own_cluster())
    platform = Platform(folder, front)
    platform.env |= settings(front, **security(place, **login("SCRAM-SHA-512")), TOWERCO_KAFKA_CALL_TIMEOUT_SECONDS="2")
    try:
        door = platform.start("in", "data-ingestor")
        rest = platform.start("rest", "aiops-engine", "kpi-calculator", "analytics-service", "dashboard-service")
        take(door, readings("before", 20))
        wait_until(lambda: platform.stored() == 20, 60, "every reading in the store")
        front.users[USER] = WRONG
        front.cut()
        wait_until(lambda: "SASL authentication error" in brokers_check(rest), 60, "the reason")
        take(door, readings("during", 20))
        assert spooled(door) == 20
        # Nothing has to be started anew when the brokers know the old password again.
        front.users[USER] = PASSWORD
        wait_until(lambda: brokers_check(rest) == "" and brokers_check(door) == "", 60, "the way to be free")
        take(door, readings("after", 20))
        wait_until(lambda: platform.stored() == 60, 60, "every reading in the store")
        assert_says_no(rest, PASSWORD, WRONG)
    finally:
        platform.close()


STORIES = {
    "roles in processes of their own": split, "a listener that misbehaves": misbehave, "a password that was changed": rotate,
    **{f"events by {way}": functools.partial(go_through, way=way) for way in WAYS},
}


@pytest.fixture(scope="module")
def told(place, tmp_path_factory):
    """The stories, some at once: they mostly wait for brokers."""
    with ThreadPoolExecutor(3) as pool:
        yield {name: pool.submit(story, place, tmp_path_factory.mktemp("story")) for name, story in STORIES.items()}


@pytest.mark.parametrize("name", STORIES)
def test_a_server_on_secure_brokers(told, name):
    told[name].result(timeout=300)


# What is wrong: how the brokers are, what we are told, what a start says and what it advises. Those of `ANY_TIME` look like brokers that
# are only just starting, so a start tries again for its minute; all others end it at once.
NOT_OURS, ANY_TIME = "The brokers of log.url are not usable: could not list the topics: ", "Waiting for the brokers at "


def wrong_cases(place):
    ca = {"ca_file": place.stranger.file}
    scram = place.front(place.context(), "SCRAM-SHA-512", USERS)
    plain, open_plain = place.front(None, "PLAIN", USERS), place.front()
    encrypted, mutual = place.front(place.context()), place.front(place.context(asks_for_certificate=True))
    elsewhere = place.front(place.context(place.authority.issue("elsewhere", host="kafka.example")))
    expired = place.front(place.context(place.authority.issue("expired", days=-3)))
    chain, key = place.stranger.issue("stranger-client")
    user = "check kafka.security.username and kafka.security.password"
    yield "wrong password", scram, security(place, **login("SCRAM-SHA-512", WRONG)), NOT_OURS, "invalid credentials", user
    yield "unknown user", scram, security(place, **login("SCRAM-SHA-512", username="nobody")), NOT_OURS, "invalid credentials", user
    yield "wrong password of PLAIN", plain, security(place, False, **login("PLAIN", WRONG)), NOT_OURS, "Invalid username or password", user
    yield ("another mechanism", scram, security(place, **login("PLAIN")), NOT_OURS, "supported mechanisms: SCRAM-SHA-512",
           "set kafka.security.mechanism to what the brokers offer")
    yield ("a login where there is none", open_plain, security(place, False, **login("PLAIN")), NOT_OURS, "SASL Handshake not supported",
           "this listener takes no login")
    yield "no login", plain, {}, ANY_TIME, "might require SASL authentication", "set kafka.security.mechanism"
    yield ("an authority that did not sign", encrypted, security(place, **ca), NOT_OURS, "nobody who is trusted here has signed it",
           "kafka.security.ca_file")
    yield "another host name", elsewhere, security(place), NOT_OURS, "it is not of the host name", "connect by a name that is in the certificate"
    yield "an expired certificate", expired, security(place), NOT_OURS, "it has expired", "give the broker a new one"
    yield "no certificate of ours", mutual, security(place), NOT_OURS, "certificate required", "kafka.security.certificate_file"
    yield ("a certificate of ours by a stranger", mutual, security(place, certificate_file=chain, key_file=key), NOT_OURS, "unknown ca",
           "kafka.security.certificate_file")
    yield "plain to TLS", encrypted, {}, ANY_TIME, "connecting to a SSL listener?", "set kafka.security.tls to true"
    yield "TLS to plain", open_plain, security(place), ANY_TIME, "SSL handshake failed", "set kafka.security.tls to false"
    for trouble, start, words, advice in [
        ("garbage", NOT_OURS, "wrong version number", "this listener speaks no TLS"),
        ("cut", ANY_TIME, "SSL handshake failed", "look at the broker's log"),
        ("hang", ANY_TIME, "no answer within 1000 ms and no error either", "look at the brokers' ports"),
    ]:
        front = place.front(place.context())
        front.trouble = trouble
        yield f"a handshake that ends in {trouble}", front, security(place), start, words, advice


WRONG_WAYS = (
    "wrong password", "unknown user", "wrong password of PLAIN", "another mechanism", "a login where there is none", "no login",
    "an authority that did not sign", "another host name", "an expired certificate", "no certificate of ours",
    "a certificate of ours by a stranger", "plain to TLS", "TLS to plain", "a handshake that ends in garbage", "a handshake that ends in cut",
    "a handshake that ends in hang",
)


def run(command, folder, environment) -> tuple[int, str]:
    done = subprocess.run(
        [BINARY, command, "--data", folder, "--port", "0"], cwd=ROOT, timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**{name: value for name, value in os.environ.items() if not name.startswith("TOWERCO_")}, **environment})
    return done.returncode, done.stdout.decode()


@pytest.fixture(scope="module")
def wrong(place, tmp_path_factory):
    """What `serve` and `doctor` say in each case: they mostly wait, so some run at once."""
    folder = tmp_path_factory.mktemp("wrong")

    def ask(number, case):
        name, front, extra, *expected = case
        # Four tries to start, each of this time.
        environment = settings(front, **extra, TOWERCO_KAFKA_CALL_TIMEOUT_SECONDS="1")
        return name, [run(command, folder / f"{command}{number}", environment) for command in ("serve", "doctor")], expected

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, *zip(*enumerate(wrong_cases(place)))))
    return {name: (runs, expected) for name, runs, expected in found}


@pytest.mark.parametrize("name", WRONG_WAYS)
def test_a_start_that_the_brokers_do_not_take_says_what_is_wrong_and_what_to_do(wrong, name):
    assert set(wrong) == set(WRONG_WAYS)
    ((served, said), (looked, found)), (start, words, advice) = wrong[name]
    assert served == 1 and said.lstrip("towerco: ").startswith(start), said
    assert "The brokers of log.url are not usable: could not list the topics: " in said and words in said and advice in said, said
    assert ("Waiting for the brokers" in said) == (start == ANY_TIME), "what waiting does not cure ends a start at once"
    finding = next(one for one in found.splitlines() if one.startswith("fail") and "brokers" in one)
    assert looked == 1 and words in finding and advice in finding, found
    for secret in (PASSWORD, WRONG):
        assert secret not in said + found


def test_without_a_look_at_the_host_name_its_certificate_is_taken(place, folder):
    front = place.front(place.context(place.authority.issue("elsewhere2", host="kafka.example")))
    code, found = run("doctor", folder, settings(front, **security(place, verify_host="false")))
    assert code == 0 and "topics are there" in found, found


@pytest.mark.parametrize("key, words", [
    ("ca_file", "kafka.security.ca_file is {}, which does not exist"), ("certificate_file", "kafka.security.certificate_file is {}, which does not exist"),
])
def test_a_file_that_is_not_there_is_named(place, folder, key, words):
    missing = folder / "missing.pem"
    code, said = run("serve", folder / "data", settings(place.front(), **security(place, **{key: missing})))
    assert code == 2 and words.format(missing) in said, said


@pytest.mark.parametrize("make, advice", [
    (lambda place: {"ca_file": place.client[1]}, "kafka.security.ca_file must be certificates in PEM form"),
    (lambda place: dict(zip(("certificate_file", "key_file"), place.client), key_password=WRONG), "kafka.security.key_password its password"),
    (lambda place: {"certificate_file": place.broker[0], "key_file": place.client[1], "key_password": "key-word"},
     "kafka.security.key_file must be the key of kafka.security.certificate_file"),
])
def test_a_file_that_is_of_no_use_is_named(place, folder, make, advice):
    code, said = run("serve", folder / "data", settings(place.front(), **security(place, **make(place))))
    assert code == 1 and advice in said and WRONG not in said and "key-word" not in said, said


def test_brokers_that_hold_scram_to_its_letter_refuse_old_libraries_and_a_start_says_so(place, folder):
    front = place.front(place.context(), "SCRAM-SHA-512", USERS)
    front.is_strict = True
    code, found = run("doctor", folder, settings(front, **security(place, **login("SCRAM-SHA-512"))))
    if LIBRARY >= 0x02060100:
        assert code == 0 and "topics are there" in found, found
    else:
        assert code == 1 and "Kafka 4 refuses SCRAM of librdkafka before 2.6.1" in found, found
    # A client with a newer one is let in by the same brokers.
    assert stranger_reads(front, "nobody", **{
        "security.protocol": "SASL_SSL", "ssl.ca.location": str(place.authority.file), "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": USER, "sasl.password": PASSWORD}) == []
