"""An incident is taken apart by a person over the real binary: the part goes on by itself, the rest stays without it."""

from __future__ import annotations

import json

from conftest import KEY, Server, towerco, wait_until

EVERYTHING = "/api/v1/incidents?status=open,acknowledged,resolved,auto_closed,merged&limit=200"
CHUNK = 400


def settled(server: Server) -> bool:
    return not any(group["offset_lag"] for group in server.get("/api/v1/consumer-groups").json["items"])


def lines_of_a_feeder_that_fails(folder):
    towerco("simulate", "--sites", 30, "--hours", 8, "--scenario", "S25", "--background", 0, "--telemetry-period", 900, "--seed", 3,
            "--out", folder / "events.ndjson", "--truth", folder / "truth.ndjson")
    lines = (folder / "events.ndjson").read_bytes().splitlines()
    tenant = json.loads(lines[0])["tenant_id"]
    return [line.replace(f'"tenant_id":"{tenant}"'.encode(), b'"tenant_id":"acme"') for line in lines]


def test_a_site_that_is_another_matter_leaves_and_stays_away(folder):
    lines = lines_of_a_feeder_that_fails(folder)
    server = Server(folder / "data").start()
    wide, posted = None, 0
    while wide is None and posted < len(lines):
        assert server.ingest(lines[posted:posted + CHUNK]).status == 202
        posted += CHUNK
        wait_until(lambda: settled(server), 60, "the events")
        for view in server.all_items("/api/v1/incidents?status=open"):
            alarms = server.all_items(f"/api/v1/alarms?incident_id={view['snapshot']['incident_id']}")
            with_alarms = {entry["alarm"]["site_id"] for entry in alarms}
            leaving = sorted(with_alarms - {view["snapshot"]["site_id"]})
            if len(with_alarms) >= 3 and leaving:
                wide, site = view, leaving[-1]
    assert wide, "no incident with alarms of three sites"
    gone = {entry["alarm"]["alarm_id"] for entry in alarms if entry["alarm"]["site_id"] == site}
    path = f"/api/v1/incidents/{wide['number']}"
    for body, code in [({}, "invalid"), ({"site_ids": ["nowhere"]}, "none of this incident"), ({"site_ids": sorted(with_alarms)}, "something must stay")]:
        refused = server.post(f"{path}/split", body)
        assert refused.status in (400, 409) and (code == "invalid" or code in refused.json["detail"]), refused.body

    body = {"site_ids": [site], "reason": "its own breaker"}
    for _ in range(2):
        answer = server.post(f"{path}/split", body, headers={"Idempotency-Key": "split-1"})
        assert answer.status in (200, 202), answer.body
    page = wait_until(lambda: (view := server.get(path).json).get("cuts") and view, 60, "the split")
    assert len(page["cuts"]) == 1 and page["cuts"][0]["site_ids"] == [site]
    part_id = page["cuts"][0]["into"]

    def part():
        return server.get(f"/api/v1/incidents/{part_id}").json

    # The engine takes the part up as an incident of its own, and tells both anew.
    told = wait_until(lambda: (view := part())["snapshot"]["revision"] > 1 and view, 60, "the engine's word on the part")
    assert told["split_from"] == wide["snapshot"]["incident_id"] and told["history"][0]["actor"] != "engine"
    assert gone <= set(told["snapshot"]["alarm_ids"])

    while posted < len(lines):
        assert server.ingest(lines[posted:posted + CHUNK]).status == 202
        posted += CHUNK
    wait_until(lambda: settled(server), 120, "the rest of the events")
    rest, own = server.get(path).json, part()
    assert rest["snapshot"]["revision"] > wide["snapshot"]["revision"] and own["status"] != "merged"
    assert site not in {entry["site_id"] for entry in rest["snapshot"]["affected_sites"]}
    assert not gone & set(rest["snapshot"]["alarm_ids"]) and gone <= set(own["snapshot"]["alarm_ids"])
    for alarm in gone:
        assert server.get(f"/api/v1/alarms/{alarm}").json["incident_number"] == own["number"]

    stories = folder / "stories"
    stories.mkdir()
    said = towerco("learn", "--directory", stories, "--url", f"http://127.0.0.1:{server.port}", "--key", KEY, "--dry-run").stdout.decode()
    assert "1 split off" in said, said
    # A rebuild folds the same from the log, and checks it.
    assert server.stop() == 0
    before = (rest, own)
    towerco("rebuild", "--data", folder / "data")
    server.start()
    assert (server.get(path).json, part()) == before
    server.stop()
