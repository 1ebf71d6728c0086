"""Links that nobody declared: seen in outages, told by the API, confirmed or rejected by a person, and used from then on."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
import sqlite3

from conftest import OTHER_KEY, TENANT, Server, event, line, towerco, wait_until

LIST = "/api/v1/topology/proposals"
VIEWER_KEY = "viewer-key-0123456789abcdef"
# Ten days of feeder outages, often enough that ten days tell what takes a season elsewhere.
OFTEN = "scenario S25\ninstances 30 per 100 sites and day\n"
KNOWN, DOUBTED = ("SITE-000011", "F-01"), ("SITE-000003", "F-02")


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def text(instant: datetime.datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def fleet(folder) -> tuple[list[bytes], dict[str, str]]:
    """Ten days up to three hours ago of twenty sites, two of them without their feeder; and the feeder of every site in truth."""
    (folder / "often.scenario").write_text(OFTEN)
    start = now() - datetime.timedelta(days=10, hours=3)
    towerco("simulate", "--sites", 20, "--hours", 240, "--scenario", "S25", "--scenario-file", folder / "often.scenario", "--background", 0,
            "--telemetry-period", 86400, "--seed", 3, "--tenant", TENANT, "--start", start.strftime("%Y-%m-%dT00:00:00Z"),
            "--out", folder / "events.ndjson")
    lines, feeders = [], {}
    for raw in (folder / "events.ndjson").read_bytes().splitlines():
        document = json.loads(raw)
        if document["event_type"] == "inventory.site":
            feeders[document["site_id"]] = document["payload"].get("feeder_id")
        if document["site_id"] in (KNOWN[0], DOUBTED[0]):
            document["payload"].pop("feeder_id", None)
            raw = line(document)
        lines.append(raw)
    assert feeders[KNOWN[0]] == KNOWN[1] and feeders[DOUBTED[0]] == DOUBTED[1]
    return lines, feeders


def fed(folder, lines) -> Server:
    server = Server(folder / "data").start()
    for first in range(0, len(lines), 2000):
        assert server.ingest(lines[first:first + 2000]).status == 202
    settled(server)
    return server


def settled(server) -> None:
    def is_read() -> bool:
        return not any(group["offset_lag"] for group in server.get("/api/v1/consumer-groups").json["items"])

    wait_until(is_read, 300, "every group to have read everything")


def proposed(server, key=None) -> dict[tuple[str, str], dict]:
    answer = server.get(LIST, *([key] if key else []))
    assert answer.status == 200, answer.body
    return {(link["site_id"], link["other"]): link for link in answer.json["proposals"]}


def say(server, identifier, verb, reason=None, **more):
    return server.post(f"{LIST}/{identifier}/{verb}", {"reason": reason} if reason else {}, **more)


def feeder_links(server, at=None):
    answer = server.get("/api/v1/topology" + (f"?at={at}" if at else ""))
    assert answer.status == 200, answer.body
    return {(link["a"], link["b"]): link.get("provenance") for link in answer.json["links"] if link["kind"] == "feeder"}


def add_viewer(data) -> None:
    """Keys of other roles come from outside (OIDC); here the row that such a key would have."""
    with sqlite3.connect(data / "answers.sqlite", timeout=30) as database:
        database.execute("INSERT INTO tokens(hash, tenant, name, role, is_session) VALUES (?, ?, 'vera', 'viewer', 0)",
                         (hashlib.sha256(VIEWER_KEY.encode()).hexdigest(), TENANT))


def outage(server, sites, at) -> None:
    """The grid goes away at all of them within seconds, and no alarm names the feeder."""
    lines = [line(event(site=site, kind="power.grid.outage", at=text(at + datetime.timedelta(seconds=place)),
                        payload={"state": "raised", "phases_lost": 3})) for place, site in enumerate(sites)]
    assert server.ingest(lines).status == 202


def holders(server, sites, since) -> dict[str, str]:
    """The incident that holds each site's outage since then; nothing until every one is held."""
    alarms = [view["alarm"] for view in server.all_items("/api/v1/alarms?limit=200")]
    found = {alarm["site_id"]: alarm.get("incident_id") for alarm in alarms if alarm["raised_at"] >= text(since)}
    return found if set(sites) <= found.keys() and all(found.values()) else {}


def test_a_link_seen_in_outages_is_told_confirmed_and_used_and_another_rejected_for_good(tmp_path):
    lines, feeders = fleet(tmp_path)
    server = fed(tmp_path, lines)
    found = proposed(server)
    assert set(found) == {KNOWN, DOUBTED}, found
    known, doubted = found[KNOWN], found[DOUBTED]
    for link in found.values():
        assert link["kind"] == "feeder" and 3 <= link["together"] <= link["of_other"] and link["together"] <= link["of_site"]
        assert len(link["episodes"]) == min(12, link["together"]) and link["episodes"] == sorted(link["episodes"])
        assert link["since"] == link["episodes"][0] and link["log10_chance"] < -4 and 0.5 < link["confidence"] <= 1

    # Nobody's business: another tenant's, and what nobody proposed.
    assert server.get(LIST, OTHER_KEY).json["proposals"] == []
    assert say(server, known["id"], "confirm", key=OTHER_KEY).status == 404
    unknown = say(server, "00000000-0000-4000-8000-000000000000", "confirm")
    assert unknown.status == 404 and unknown.json["code"] == "proposal.not_found" and "Ask for the list again" in unknown.json["detail"]
    early = say(server, known["id"], "undo")
    assert early.status == 404 and early.json["code"] == "proposal.not_judged"
    assert feeder_links(server) == {}

    # Whoever may only look may look.
    server.stop()
    add_viewer(tmp_path / "data")
    server.start()
    assert set(proposed(server, VIEWER_KEY)) == {KNOWN, DOUBTED}
    assert say(server, known["id"], "confirm", key=VIEWER_KEY).status == 403
    assert say(server, doubted["id"], "reject", key=VIEWER_KEY).status == 403
    assert set(proposed(server)) == {KNOWN, DOUBTED}

    before = now()
    assert say(server, known["id"], "confirm", "seen on the single-line diagram").status == 202
    assert say(server, doubted["id"], "reject", "two feeders on one pole").status == 202
    # At once: whoever has spoken reads what he said, however far the engine is.
    assert proposed(server) == {}
    for link, verb, word in ((known, "confirm", "confirmed"), (known, "reject", "confirmed"), (doubted, "confirm", "rejected")):
        again = say(server, link["id"], verb)
        assert again.status == 409 and again.json["code"] == "proposal.judged", again.body
        assert f"was {word} by bootstrap at " in again.json["detail"] and "Undo" in again.json["detail"]

    # Who, when and why: in the list, and in the log as events that stay.
    def words():
        return [(word["site_id"], word["verdict"], word["actor"], word["reason"]) for word in server.get(LIST).json["judged"]]

    said = [(DOUBTED[0], "reject", "bootstrap", "two feeders on one pole"), (KNOWN[0], "confirm", "bootstrap", "seen on the single-line diagram")]
    assert words() == said
    settled(server)
    assert words() == said and server.get(LIST).json["rejections"] == 1

    # As of now it is there, with where it came from; before it was not.
    wait_until(lambda: feeder_links(server) == {KNOWN: "inferred"}, 60, "the confirmed link")
    assert feeder_links(server, text(now())) == {KNOWN: "inferred"}
    assert feeder_links(server, text(before)) == {}

    # The next outage of that feeder is one incident, the confirmed site in it.
    at = now()
    members = sorted(site for site, feeder in feeders.items() if feeder == KNOWN[1])
    outage(server, members, at)
    held = wait_until(lambda: holders(server, members, at), 120, "every site's outage to lie in an incident")
    together = [site for site in members if held[site] == held[KNOWN[0]]]
    # An outage of the simulated days may still be open at one of them and go on there.
    assert len(together) >= len(members) - 2 >= 5, held
    incident = server.get(f"/api/v1/incidents/{held[KNOWN[0]]}").json
    assert incident["snapshot"]["root_cause_candidates"][0]["managed_object"] == f"feeder:{KNOWN[1]}", incident["snapshot"]["root_cause_candidates"]
    assert KNOWN[0] in {site["site_id"] for site in incident["snapshot"]["affected_sites"]}

    # A restart, and a state that is made anew from the log, know both words.
    server.stop()
    server.start()
    assert proposed(server) == {} and words() == said
    server.stop()
    shutil.rmtree(tmp_path / "data" / "checkpoints")
    towerco("rebuild", "--data", tmp_path / "data")
    server.start()
    settled(server)
    assert proposed(server) == {} and words() == said
    assert feeder_links(server) == {KNOWN: "inferred"}

    # Taken back: the rejected one is offered again at once, the confirmed link ends.
    assert say(server, doubted["id"], "undo").status == 202
    wait_until(lambda: set(proposed(server)) == {DOUBTED}, 60, "the proposal again")
    assert say(server, known["id"], "undo", "wrong pole").status == 202
    wait_until(lambda: feeder_links(server) == {}, 60, "the link to end")
    assert feeder_links(server, text(at)) == {KNOWN: "inferred"}
    assert words() == [] and say(server, known["id"], "undo").status == 404

    # The inventory has found out meanwhile: the proposal is a day old and says so.
    payload = {"a": DOUBTED[0], "b": "F-77", "kind": "feeder"}
    assert server.ingest([line(event(site=DOUBTED[0], kind="topology.link", at=text(now()), payload=payload))]).status == 202
    wait_until(lambda: (DOUBTED[0], "F-77") in feeder_links(server), 60, "the inventory's word")
    stale = say(server, doubted["id"], "confirm")
    assert stale.status == 409 and stale.json["code"] == "proposal.declared" and "F-77" in stale.json["detail"]
    assert server.stop() == 0
