"""The notification service from outside: the real binary, a real endpoint, a real relay."""

import datetime as dt
import json
import random
import threading

import pytest

from conftest import KEY, OTHER_KEY, OTHER_TENANT, TENANT, Server, event, line, towerco, wait_until
from receivers import Hook, Relay, check_signature, delivery

SECRET = "hush-hush-of-acme"
FAST = {"TOWERCO_NOTIFY_ALLOW_PRIVATE": "127.0.0.1", "TOWERCO_NOTIFY_RETRY_FIRST_MS": "50", "TOWERCO_HEARTBEAT_SECONDS": "1"}


@pytest.fixture
def hook():
    hook = Hook()
    yield hook
    hook.close()


@pytest.fixture
def notifying(folder):
    """Starts servers that may reach this machine, and stops them."""
    running = []

    def start(**env):
        running.append(Server(folder / "data", env={**FAST, **env}).start())
        return running[-1]

    yield start
    for server in running:
        if server.process.poll() is None:
            server.stop()


def webhook(hook, secret=SECRET, **more):
    return {"name": "ops", "target": {"channel": "webhook", "url": hook.url, "secret": secret},
            "match": {"minimum_severity": "warning", "kinds": ["incident.opened", "incident.resolved"]}, **more}


def add(server, route, key=KEY):
    answer = server.post("/api/v1/routes", route, key)
    assert answer.status == 201, answer.body
    return answer.json["route_id"]


def instant(days_ago=0):
    at = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=days_ago)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fail(server, site="SITE-1", state="raised", key=KEY, tenant=TENANT, days_ago=0):
    at = instant(days_ago)
    documents = [event(site=site, kind="inventory.site", at=at, tenant=tenant,
                       payload={"name": f"Hill {site}", "operators": ["Zeta"], "region": "north"}),
                 event(site=site, kind="rectifier.system_failed", at=at, tenant=tenant, payload={"state": state, "text": "dead"})]
    assert server.ingest([line(document) for document in documents], key=key).status == 202


def history(server, query="", key=KEY):
    return server.all_items("/api/v1/notifications" + query, key)


def test_an_incident_reaches_an_endpoint_and_a_mailbox(notifying, folder, hook):
    relay = Relay(folder)
    try:
        server = notifying(
            TOWERCO_NOTIFY_SMTP_HOST="localhost", TOWERCO_NOTIFY_SMTP_PORT=str(relay.port), TOWERCO_NOTIFY_SMTP_FROM="noc@towers.example",
            TOWERCO_NOTIFY_SMTP_USER=relay.USER, TOWERCO_NOTIFY_SMTP_PASSWORD=relay.PASSWORD,
            TOWERCO_NOTIFY_TLS_CA_FILE=str(relay.ca_file), TOWERCO_NOTIFY_CONSOLE_URL="https://noc.example/")
        add(server, webhook(hook))
        add(server, {"name": "Nachtschicht für Größe", "target": {"channel": "mail", "to": ["ann@noc.example", "bob@noc.example"]},
                     "match": {"minimum_severity": "warning"}})
        fail(server)

        request = hook.wait(1)[0]
        check_signature(request, SECRET)
        said = delivery(request)
        assert said["kind"] == "incident.opened" and said["tenant_id"] == "acme" and said["incident"]["site_id"] == "SITE-1"
        assert said["incident"]["link"] == f"https://noc.example/incidents/{said['incident']['incident_id']}"

        envelope, mail = relay.wait(1)[0]
        assert relay.was_secure == [True]
        assert envelope.mail_from == "noc@towers.example" and envelope.rcpt_tos == ["ann@noc.example", "bob@noc.example"]
        text = mail.get_content()
        assert "Hill SITE-1" in text and said["incident"]["title"] in text and "Größe" in text and "https://noc.example/incidents/" in text
        assert said["incident"]["title"][:20] in mail["subject"] and mail["to"] == "ann@noc.example, bob@noc.example"

        incident = said["incident"]["incident_id"]
        sent = wait_until(lambda: len(found := history(server, f"?incident_id={incident}&sent=true")) == 2 and found, 30, "both outcomes")
        assert {entry["channel"] for entry in sent} == {"webhook", "mail"} and all(entry["event_ids"] for entry in sent)
        metrics = server.get("/metrics", key=None).body.decode()
        for channel in ("webhook", "mail"):
            assert f'towerco_notify_sent_total{{channel="{channel}"}} 1' in metrics
            assert f'towerco_notify_failed_total{{channel="{channel}"}} 0' in metrics
            assert f'towerco_notify_delivery_seconds_count{{channel="{channel}"}} 1' in metrics
        assert "towerco_notify_pending 0" in metrics
        assert {entry["channel"]: entry["to"] for entry in sent} == {
            "webhook": ["127.0.0.1"], "mail": ["ann@noc.example", "bob@noc.example"]}

        number = server.get(f"/api/v1/incidents/{incident}").json["number"]
        assert server.post(f"/api/v1/incidents/{number}/resolve", {"reason": "fixed"}).status == 200
        assert delivery(hook.wait(2)[1])["kind"] == "incident.resolved"
        wait_until(lambda: len(history(server, f"?incident_id={number}")) >= 3, 30, "the outcome of the end")
        assert SECRET not in "".join(server.log) and relay.PASSWORD not in "".join(server.log)
    finally:
        relay.close()


def test_a_stop_sends_nothing_twice(notifying, hook):
    server = notifying()
    hook.hold = threading.Event()
    add(server, webhook(hook))
    fail(server)
    hook.wait(1)
    # The endpoint answers while the server stops: that is waited for and written.
    threading.Timer(1, hook.hold.set).start()
    server.stop()
    server.start()
    assert len(wait_until(lambda: history(server), 30, "the outcome")) == 1
    fail(server, site="SITE-2")
    posts = [delivery(request) for request in hook.wait(2)]
    assert [post["incident"]["site_id"] for post in posts] == ["SITE-1", "SITE-2"]


def test_kills_lose_nothing_and_repeat_only_what_was_on_its_way(notifying, hook):
    """kill -9 at moments that a seed chooses: every incident is told, and what is told twice is the same message."""
    moments, rounds = random.Random(11), 8
    server = notifying()
    add(server, webhook(hook))
    for number in range(rounds):
        fail(server, site=f"SITE-{number}")
        before = len(hook.requests)
        if moments.random() < 0.6:
            wait_until(lambda: len(hook.requests) > before, 60, "a message of this life")
        server.kill()
        server.start()
    sites = {f"SITE-{number}" for number in range(rounds)}
    told = lambda: {delivery(request)["incident"]["site_id"] for request in list(hook.requests)}
    wait_until(lambda: told() == sites, 120, "every incident to be told")
    wait_until(lambda: len(history(server)) >= rounds and "towerco_notify_pending 0" in server.get("/metrics", key=None).body.decode(),
               60, "every outcome")
    bodies: dict[str, set] = {}
    for request in hook.requests:
        bodies.setdefault(delivery(request)["delivery_id"], set()).add(request["body"])
    assert all(len(of_one) == 1 for of_one in bodies.values()), "a repeated message is the same to the byte"
    # One message of the route is on its way at a time, so a kill repeats one at most.
    assert len(hook.requests) - len(bodies) <= rounds
    outcomes = [entry["delivery_id"] for entry in history(server)]
    assert sorted(outcomes) == sorted(bodies), "one outcome each"


def test_a_restart_goes_on_from_a_checkpoint_and_sends_what_was_left(notifying, hook):
    server = notifying()
    hook.status = 503
    add(server, webhook(hook))
    fail(server)
    first = hook.wait(1)[0]
    server.stop()
    hook.status = 200
    server.start()
    wait_until(lambda: history(server, "?sent=true"), 60, "the message to arrive")
    assert delivery(hook.requests[-1])["delivery_id"] == delivery(first)["delivery_id"] and hook.requests[-1]["body"] == first["body"]
    lines = [text for text in server.log if "goes on from its checkpoint" in text and "notification-service" in text]
    assert lines and "replayed=0" in lines[-1], lines
    server.stop()
    for path in (server.data / "checkpoints").glob("notification-service-*"):
        path.write_bytes(path.read_bytes()[:-9])
    server.start()
    fail(server, site="SITE-2")
    wait_until(lambda: any(delivery(request)["incident"]["site_id"] == "SITE-2" for request in list(hook.requests)), 60, "a message without a checkpoint")
    assert len(history(server, "?sent=true")) == 2, "the log was read again and nothing was sent anew"


def test_history_is_told_to_nobody(notifying, hook):
    """A week-old fault comes in late: it is an incident, and nobody is woken for it."""
    server = notifying()
    add(server, webhook(hook))
    fail(server, site="OLD-1", days_ago=7)
    wait_until(lambda: server.all_items("/api/v1/incidents"), 60, "the old incident")
    # Behind it in the log: when this one is told, the old one was passed over.
    fail(server, site="NEW-1")
    posts = [delivery(request) for request in hook.wait(1)]
    assert {post["incident"]["site_id"] for post in posts} == {"NEW-1"}
    assert all("OLD-1" not in entry["subject"] for entry in history(server))


def test_an_endpoint_that_was_down_gets_it_later(notifying, hook):
    server = notifying(TOWERCO_NOTIFY_ATTEMPTS_MAX="50")
    hook.status = 503
    add(server, webhook(hook))
    fail(server)
    hook.wait(3)
    assert "towerco_notify_pending 1" in server.get("/metrics", key=None).body.decode()
    assert history(server) == []
    hook.status = 200
    done = wait_until(lambda: history(server), 60, "the outcome")
    posts = [delivery(request) for request in hook.requests]
    assert len({post["delivery_id"] for post in posts}) == 1, "every try is the same delivery"
    assert len({request["body"] for request in hook.requests}) == 1, "and the same bytes"
    assert done[0]["sent"] and done[0]["attempts"] == len(posts) >= 4


@pytest.mark.parametrize("status,reason", [(410, "webhook.status"), (400, "webhook.status"), (302, "webhook.status")])
def test_a_refusal_is_final(notifying, hook, status, reason):
    server = notifying()
    hook.status, hook.location = status, "/elsewhere" if status == 302 else None
    add(server, webhook(hook))
    fail(server)
    failed = wait_until(lambda: history(server), 60, "the outcome")[0]
    assert not failed["sent"] and failed["reason"] == reason and failed["attempts"] == 1 and str(status) in failed["detail"]
    assert len(hook.requests) == 1


def test_a_dead_endpoint_is_given_up_and_holds_nobody_up(notifying, hook):
    dead = Hook()
    dead.close()
    server = notifying(TOWERCO_NOTIFY_ATTEMPTS_MAX="3")
    add(server, webhook(dead))
    add(server, {**webhook(hook), "name": "alive"})
    fail(server)
    hook.wait(1)
    found = wait_until(lambda: len(both := history(server)) == 2 and both, 60, "both outcomes")
    outcomes = {entry["route"]: entry for entry in found}
    assert outcomes["alive"]["sent"] and not outcomes["ops"]["sent"]
    assert outcomes["ops"]["reason"] == "webhook.connection" and outcomes["ops"]["attempts"] == 3


def test_killed_between_sending_and_writing_sends_once_more_under_the_same_key(notifying, hook):
    server = notifying()
    hook.hold = threading.Event()
    add(server, webhook(hook))
    fail(server)
    first = hook.wait(1)[0]
    server.kill()
    hook.hold.set()
    server.start()
    again = hook.wait(2)[1]
    assert delivery(first)["delivery_id"] == delivery(again)["delivery_id"] and first["body"] == again["body"]
    done = wait_until(lambda: history(server), 60, "the outcome")
    assert len(done) == 1 and done[0]["sent"]

    # Restarted once more, nothing is left to send: everything has its outcome.
    server.kill()
    server.start()
    fail(server, site="SITE-2")
    posts = [delivery(request) for request in hook.wait(3)]
    assert posts[2]["incident"]["site_id"] == "SITE-2" and len(posts) == 3


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/", "http://0.0.0.0:{port}/", "http://2130706433:{port}/",
    "http://0x7f.1:{port}/", "http://127.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/", "http://[fd00::1]/",
])
def test_the_inside_is_not_reached(folder, hook, url):
    server = Server(folder / "data").start()
    try:
        add(server, {"name": "in", "target": {"channel": "webhook", "url": url.format(port=hook.port)}})
        route = server.get("/api/v1/routes").json["items"][0]["route_id"]
        asked = server.post(f"/api/v1/routes/{route}/test", {}).json
        found = wait_until(lambda: history(server), 60, "the outcome")[0]
        assert found["delivery_id"] == asked["delivery_id"] and found["reason"] == "webhook.refused_address" and found["attempts"] == 1
        assert hook.requests == []
    finally:
        server.stop()


@pytest.mark.parametrize("location", ["http://127.0.0.2:{port}/", "http://localhost.localdomain:1/", "http://169.254.169.254/", "gopher://x/"])
def test_a_redirect_leads_nowhere_inside(notifying, hook, location):
    server = notifying()
    hook.status, hook.location = 307, location.format(port=hook.port)
    route = add(server, webhook(hook))
    server.post(f"/api/v1/routes/{route}/test", {})
    found = wait_until(lambda: history(server), 60, "the outcome")[0]
    assert not found["sent"] and found["reason"] in ("webhook.refused_address", "webhook.redirect", "webhook.name")
    assert len(hook.requests) == 1


def test_a_redirect_to_an_allowed_address_is_followed(notifying, hook):
    server = notifying()
    other = Hook()
    try:
        hook.status, hook.location = 308, other.url
        route = add(server, webhook(hook))
        server.post(f"/api/v1/routes/{route}/test", {})
        request = other.wait(1)[0]
        check_signature(request, SECRET)
        assert delivery(request)["kind"] == "test"
    finally:
        other.close()


def test_a_relay_without_tls_gets_no_mail(notifying, folder):
    relay = Relay(folder, tls=False)
    try:
        server = notifying(TOWERCO_NOTIFY_SMTP_HOST="127.0.0.1", TOWERCO_NOTIFY_SMTP_PORT=str(relay.port),
                           TOWERCO_NOTIFY_SMTP_FROM="noc@towers.example")
        route = add(server, {"name": "m", "target": {"channel": "mail", "to": ["ann@noc.example"]}})
        server.post(f"/api/v1/routes/{route}/test", {})
        found = wait_until(lambda: history(server), 60, "the outcome")[0]
        assert found["reason"] == "mail.no_tls" and relay.messages == []
        server.stop()
        server.env["TOWERCO_NOTIFY_SMTP_SECURITY"] = "none"
        server.start()
        server.post(f"/api/v1/routes/{route}/test", {})
        assert "This is a test" in relay.wait(1)[0][1].get_content()
    finally:
        relay.close()


def test_a_relay_that_nobody_vouches_for_gets_no_mail(notifying, folder):
    relay = Relay(folder)
    try:
        server = notifying(TOWERCO_NOTIFY_SMTP_HOST="localhost", TOWERCO_NOTIFY_SMTP_PORT=str(relay.port),
                           TOWERCO_NOTIFY_SMTP_FROM="noc@towers.example", TOWERCO_NOTIFY_SMTP_USER=relay.USER,
                           TOWERCO_NOTIFY_SMTP_PASSWORD=relay.PASSWORD)
        route = add(server, {"name": "m", "target": {"channel": "mail", "to": ["ann@noc.example"]}})
        server.post(f"/api/v1/routes/{route}/test", {})
        found = wait_until(lambda: history(server), 60, "the outcome")[0]
        assert not found["sent"] and found["reason"] == "mail.tls" and relay.messages == []
    finally:
        relay.close()


def test_tenants_have_their_own_routes_and_messages(notifying, hook):
    server = notifying()
    other = Hook()
    try:
        mine, theirs = add(server, webhook(hook)), add(server, webhook(other, "hush-hush-of-rival"), OTHER_KEY)
        fail(server, site="ACME-1")
        fail(server, site="RIVAL-1", key=OTHER_KEY, tenant=OTHER_TENANT)
        for receiver, tenant, secret in ((hook, "acme", SECRET), (other, "rival", "hush-hush-of-rival")):
            request = receiver.wait(1)[0]
            check_signature(request, secret)
            assert delivery(request)["tenant_id"] == tenant
        wait_until(lambda: history(server) and history(server, key=OTHER_KEY), 60, "both outcomes")
        assert {entry["route_id"] for entry in history(server)} == {mine}
        assert {entry["route_id"] for entry in history(server, key=OTHER_KEY)} == {theirs}
        for method, path in (("GET", f"/api/v1/routes/{mine}"), ("DELETE", f"/api/v1/routes/{mine}"), ("POST", f"/api/v1/routes/{mine}/test"),
                             ("PUT", f"/api/v1/routes/{mine}"), ("GET", "/api/v1/notifications?incident_id=" + history(server)[0]["incident_id"])):
            body = json.dumps(webhook(other) if method == "PUT" else {}).encode() if method in ("PUT", "POST") else None
            assert server.request(method, path, body, {"Content-Type": "application/json"}, OTHER_KEY).status == 404, (method, path)
        assert [route["route_id"] for route in server.get("/api/v1/routes").json["items"]] == [mine]
        assert len(hook.requests) == 1 and len(other.requests) == 1
    finally:
        other.close()


def test_secrets_go_in_and_never_come_out(notifying, folder, hook):
    server = notifying()
    route = add(server, webhook(hook))
    url = f"/api/v1/routes/{route}"
    seen = server.get(url)
    assert seen.json["target"]["has_secret"] is True and "secret" not in seen.json["target"]
    # What was read can be written back: the secret stays.
    changed = {**seen.json, "name": "renamed"}
    put = lambda document: server.request("PUT", url, json.dumps(document).encode(), {"Content-Type": "application/json"})
    answer = put(changed)
    assert answer.status == 200 and answer.json["name"] == "renamed" and answer.json["target"]["has_secret"] is True
    server.kill()
    server.start()
    server.post(url + "/test", {})
    check_signature(hook.wait(1)[0], SECRET)
    changed["target"] = {"channel": "webhook", "url": hook.url, "secret": ""}
    assert put(changed).json["target"]["has_secret"] is False
    for answer in (server.get("/api/v1/routes"), server.get("/api/v1/events?limit=1000"), server.get("/api/v1/topics/*/records")):
        assert SECRET.encode() not in answer.body and b"sealed:" not in answer.body
    assert put({**changed, "surprise": 1}).json["code"] == "request.unknown_field"
    assert put({**changed, "throttle_minutes": "x"}).json["code"] == "request.invalid_field"
    assert put({**changed, "target": {"channel": "webhook", "url": "ftp://x/"}}).json["code"] == "route.invalid"
    server.stop()
    assert SECRET not in "".join(server.log)
    for path in (folder / "data").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
    assert (folder / "data" / "notify.key").stat().st_mode & 0o777 == 0o600


def test_the_command_line_adds_tests_and_removes(notifying, hook):
    server = notifying()
    env = {"TOWERCO_URL": f"http://127.0.0.1:{server.port}", "TOWERCO_KEY": KEY, "HOOK_SECRET": SECRET}
    added = towerco("routes", "add", "--name", "cli", "--webhook", hook.url, "--secret-from", "HOOK_SECRET", "--json", env=env)
    route = json.loads(added.stdout)["route_id"]
    assert b"cli" in towerco("routes", env=env).stdout
    assert b"Delivered by webhook" in towerco("routes", "test", route, env=env).stdout
    check_signature(hook.wait(1)[0], SECRET)
    assert b"sent" in towerco("notifications", env=env).stdout
    assert b"sent" not in towerco("notifications", "--failed", env=env).stdout
    hook.status = 404
    assert b"webhook.status" in towerco("routes", "test", route, env=env, check=1).stderr
    towerco("routes", "remove", route, env=env)
    assert json.loads(server.get("/api/v1/routes").body)["items"] == []
    assert towerco("routes", "remove", route, env=env, check=1).returncode == 1
    towerco("routes", "add", "--name", "x", env=env, check=2)
