"""Dead letters by the real binary: found, mended, sent again once, given up; and records that no group can read stop none."""

from __future__ import annotations

import json
import os
import subprocess

from conftest import BINARY, KEY, event, line, wait_until


def towerco(server, *arguments, check=0, stdin=None):
    environment = {**os.environ, "TOWERCO_URL": f"http://127.0.0.1:{server.port}", "TOWERCO_KEY": KEY}
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, timeout=120, env=environment, input=stdin)
    assert done.returncode == check, done.stdout + done.stderr
    return done.stdout


def broken(number: int) -> bytes:
    return line({**event(site=f"SITE-{number}"), "version": "1-0"})


def summary(server, query: str = "") -> dict:
    return server.get("/api/v1/dead-letters/summary" + query).json


def states(server) -> dict:
    return {row["state"]: row["count"] for row in summary(server)["by_state"] if row["count"]}


def test_a_letter_is_mended_sent_once_and_survives_a_restart(server):
    assert server.ingest([broken(1), line(event(site="SITE-2")), b"\xff\xfe not text", broken(3), broken(3)]).status == 202
    assert summary(server)["total"] == 4 and states(server) == {"waiting": 4}
    assert len(towerco(server, "dead-letters", "list", "--site", "SITE-3", "--json").splitlines()) == 2

    shown = towerco(server, "dead-letters", "show", 0).decode()
    assert "envelope.bad_version" in shown and "field version" in shown and "line 1 of the request" in shown and "^ byte" in shown
    assert "ff fe 20 6e" in towerco(server, "dead-letters", "show", 1).decode()

    letter = json.loads(towerco(server, "dead-letters", "show", 0, "--json"))
    good = letter["text"].replace('"version":"1-0"', '"version":"1.0"').encode()
    assert json.loads(towerco(server, "dead-letters", "fix", 0, "--file", "-", stdin=good))["accepted"] == 1
    towerco(server, "dead-letters", "retry", 0, check=1)
    assert "2 rejected" in towerco(server, "dead-letters", "retry", "--site", "SITE-3").decode()
    assert "1 discarded" in towerco(server, "dead-letters", "discard", "--most", 1, "--site", "SITE-3", "--why", "twice the same").decode()
    towerco(server, "dead-letters", "discard", "--why", "no restriction given", check=2)
    before = states(server)
    assert before == {"waiting": 2, "accepted": 1, "discarded": 1}

    server.kill()
    server.start()
    assert states(server) == before
    one = server.get("/api/v1/dead-letters/0").json
    assert one["state"] == "accepted" and one["outcome"]["edited"] and one["outcome"]["by"]
    events = server.all_items("/api/v1/events?site_id=SITE-1&limit=100")
    assert len(events) == 1, "the mended event is there once"

    assert "2 expired" in towerco(server, "dead-letters", "expire", "--before", "2099-01-01T00:00:00Z").decode()
    assert states(server) == {"accepted": 1, "discarded": 1, "expired": 2}


def test_what_no_group_can_read_stops_none_and_goes_back_into_its_topic(server):
    # A link without its far end: the door does not look into payloads, the projection has to.
    bad = event(site="SITE-1", kind="topology.link", payload={"a": "SITE-1"})
    goods = [line(event(site=f"SITE-{n}")) for n in range(50)]
    answer = server.ingest(goods[:25] + [line(bad)] + goods[25:])
    assert answer.status == 202 and answer.json["accepted"] == 51

    def caught_up():
        groups = server.get("/api/v1/consumer-groups").json["items"]
        return groups and all(group["offset_lag"] == 0 and group["state"] != "stopped" for group in groups)

    wait_until(caught_up, 60, "every group past the poison")
    wait_until(lambda: len(server.all_items("/api/v1/sites?limit=1000")) >= 50, 60, "the sites behind it")
    letters = server.all_items("/api/v1/dead-letters?state=waiting")
    assert [(each["reason_code"], each["group"]) for each in letters] == [("topology.unreadable", "dashboard-service")]
    retried = server.post(f"/api/v1/dead-letters/{letters[0]['id']}/retry", {})
    assert retried.status == 202, retried.body
    assert server.post(f"/api/v1/dead-letters/{letters[0]['id']}/retry", {}).status == 409
    # The same binary cannot read it any better: one more letter, with one attempt more.
    again = wait_until(lambda: server.all_items("/api/v1/dead-letters?state=waiting"), 60, "the group met it anew")
    assert [each["attempts"] for each in again] == [2]
    wait_until(caught_up, 60, "every group past it again")
