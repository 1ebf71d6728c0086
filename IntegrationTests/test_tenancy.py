"""A second tenant's key sees nothing of the first, on every route that the server itself lists."""

import json
import re

from conftest import KEY, OTHER_KEY, event, line, wait_until

MARK, NOBODY = "zebra-417", "nobody-17"


def test_no_route_answers_across_tenants(server):
    server.ingest([
        line(event(site=f"{MARK}-site", kind="inventory.site", payload={"name": f"{MARK} hill", "operators": ["m"]})),
        line(event(site=f"{MARK}-site", kind="rectifier.system_failed", payload={"state": "raised", "text": MARK})),
        line(event(site=f"{MARK}-site", kind="power.dc.telemetry", payload={"bus_v": 53.9})),
        f'{{"broken":"{MARK}"'.encode(),
    ])
    wait_until(lambda: server.get("/api/v1/incidents").json["items"], 60, "an incident")
    wait_until(lambda: server.get("/api/v1/alarms").json["items"], 60, "an alarm")
    incident = server.get("/api/v1/incidents").json["items"][0]["snapshot"]["incident_id"]
    alarm = server.get("/api/v1/alarms").json["items"][0]["alarm"]["alarm_id"]
    sample = server.get("/api/v1/events").json["items"][0]["event"]["event_id"]
    values = {"site_id": f"{MARK}-site", "id": incident, "incident_id": incident, "alarm_id": alarm, "event_id": sample,
              "topic": f"towerco.sites.{MARK}-site.events"}

    paths = server.get("/api/v1/openapi.json", key=None).json["paths"]
    tried = leaks = 0
    seen_by_owner = 0
    for path, operations in paths.items():
        filled = re.sub(r"\{(\w+)\}", lambda m: str(values.get(m.group(1), "0")), path)
        if not filled.startswith("/api/v1"):
            filled = "/api/v1" + filled if not filled.startswith(("/healthz", "/readyz", "/metrics")) else filled
        for method in operations:
            if method not in ("get", "post", "delete", "put", "patch") or filled.endswith(("/live", "/sessions/current")):
                continue
            queries = [""]
            if method == "get":
                queries += [f"?site_id={MARK}-site", f"?incident_id={incident}", f"?q={MARK}", "?limit=1000",
                            f"?site_id={MARK}-site&metric=power.dc.bus_v&from=2026-01-01T00:00:00Z&to=2026-01-03T00:00:00Z"]
            for query in queries:
                body = json.dumps({"text": "x", "assignee": "y", "reason": "z", "into": incident}).encode() if method != "get" else None
                answer = server.request(method.upper(), filled + query, body, {"Content-Type": "application/json"}, OTHER_KEY)
                tried += 1
                assert answer.status < 500, (method, filled, query, answer.body)
                # A name that the stranger itself sent may be echoed; then the answer must be the one that a name nobody
                # has would get.
                text = answer.body.decode(errors="replace")
                nobody = server.request(method.upper(), (filled + query).replace(MARK, NOBODY), body,
                                        {"Content-Type": "application/json"}, OTHER_KEY).body.decode(errors="replace")
                if answer.status < 400 and MARK in text and text.replace(MARK, "") != nobody.replace(NOBODY, ""):
                    leaks += 1
                    print("LEAK", method, filled + query, text[:300])
                if method == "get" and MARK in server.request("GET", filled + query).body.decode(errors="replace"):
                    seen_by_owner += 1
    assert leaks == 0
    assert tried >= 60 and seen_by_owner >= 10, (tried, seen_by_owner)

    untouched = server.get(f"/api/v1/incidents/{incident}").json
    assert not [h for h in untouched["history"] if h["actor"] != "engine"], "a stranger's commands must not land"
    assert server.get("/api/v1/me").json["tenant_id"] == "acme" and server.get("/api/v1/me", OTHER_KEY).json["tenant_id"] == "rival"
    assert KEY != OTHER_KEY
