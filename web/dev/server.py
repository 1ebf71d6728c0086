#!/usr/bin/env python3
"""DEVELOPMENT ONLY. Plays the invented night of story.py through the console's HTTP and WebSocket contract.

    python3 web/dev/server.py [--port 8090] [--live]      user demo, password demo; serves web/dist too

It checks no credentials worth the name and keeps nothing. The product's server is `towerco serve`.
"""

import argparse
import asyncio
import base64
import datetime
import hashlib
import json
import mimetypes
import pathlib
import random
import struct
import time
import urllib.parse

import story

DIST = pathlib.Path(__file__).resolve().parent.parent / "dist"
STARTED = time.time()
POLICY = "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
sites, links = story.build_sites()
incidents = story.build_incidents(sites)
one_alarm, alarm_total, toumodi_alarms = story.build_alarms(incidents)
clients: dict[asyncio.StreamWriter, dict] = {}
ring: list[tuple[int, list]] = []
sequence = 1000
refusing = False


def now():
    return (story.NOW + datetime.timedelta(seconds=time.time() - STARTED)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def fleet():
    states = {name: 0 for name in ("in_service", "watch", "on_battery", "degraded", "down", "blind")}
    regions = {}
    for each in sites.values():
        states[each["state"]] += 1
        row = regions.setdefault(each["site"]["region"], {"region": each["site"]["region"], "sites": 0, "down": 0, "on_battery": 0})
        row["sites"] += 1
        row["down"] += each["state"] == "down"
        row["on_battery"] += each["state"] == "on_battery"
    for index, row in enumerate(regions.values()):
        row["availability"] = 0.9891 + 0.0013 * index
    fallen = [each for each in sites.values() if "autonomy" in each]
    fallen.sort(key=lambda each: each["autonomy"]["minutes_p50"])
    open_ones = [each for each in incidents if each["status"] in ("open", "acknowledged")]
    rng = random.Random(4)
    bins = [rng.randint(3, 16) for _ in range(67)] + [265, 321, 298, 201, 131]
    return {"total_sites": len(sites), "states": states, "open_incidents": len(open_ones), "needs_person": sum(each["snapshot"]["needs_person"] for each in open_ones), "oldest_unowned_at": story.ago(6),
            "shortest_autonomy": fallen[0]["autonomy"], "next_to_fall": [{"site_name": each["site"]["name"], "autonomy": each["autonomy"], "takes": each["dependents"] and 4} for each in fallen],
            "regions": list(regions.values()), "alarms_per_bin": bins, "bins_start_at": story.ago(360), "storm_since": story.at("02:41"), "active_alarms": 1204, "power_availability": 0.998711}


def platform():
    return {"accepted_per_second": 31840.0, "accepted_total": 1_904_118_200, "duplicates_total": 40112, "rejected_total": 318, "append_sync_ms": {"p50": 1.2, "p99": 3.1, "count": 90122}, "event_to_decision_ms": {"p50": 41, "p99": 236, "count": 881233},
            "decision_histogram": [[5, 40], [8, 210], [12, 900], [18, 2400], [25, 5200], [35, 9100], [50, 12800], [70, 11900], [100, 8700], [140, 5600], [200, 3100], [280, 1900], [400, 900], [560, 420], [800, 190], [1100, 60], [1600, 12]],
            "dead_letters_24h": 318, "sites_silent": 2, "live_clients": len(clients), "started_at": story.ago(900), "version": "0.2.0"}


GROUPS = [{"group": name, "members": members, "offset_lag": lag, "time_lag_ms": ms, "state": state} for name, members, lag, ms, state in
          [("data-ingestor", 2, 0, 0, "steady"), ("aiops-engine", 2, 214, 100, "steady"), ("kpi-calculator", 1, 1906, 300, "steady"), ("analytics-service", 2, 7120, 900, "steady"), ("notification-service", 1, 642, 4200, "catching up"), ("dashboard-service", 1, 88, 100, "steady")]]
TOPICS = [{"topic": name, "partitions": parts, "retention": kept, "start_offset": 0, "end_offset": end, "bytes": size, "oldest_at": oldest, "newest_at": story.ago(0)} for name, parts, kept, end, size, oldest in
          [("towerco.sites.*.events", 4812, "7 days", 1_900_000_000, 1_220_000_000_000, story.ago(6 * 1440 + 1380)), ("towerco.kpis.acme-towers.metrics", 16, "7 days", 24_000_000, 61_000_000_000, story.ago(10080)),
           ("towerco.alerts.acme-towers.notifications", 8, "kept", 2_200_000, 18_000_000_000, story.ago(90000)), ("towerco.incidents.acme-towers.lifecycle", 4, "kept", 90_000, 2_400_000_000, story.ago(90000)), ("towerco.dead-letters.acme-towers", 1, "kept, capped", 4_100, 96_000_000, story.ago(60000))]]


def letter(number, reason, detail, origin, offset, minutes, text, raw=None, **more):
    raw = raw or text.encode()
    return {"id": number, "reason_code": reason, "detail": detail, "origin": origin, "attempts": 1, "at": story.ago(minutes), "state": "waiting", "bytes": len(raw), "is_cut": False, "is_text": raw == text.encode(),
            "text": text, "raw_base64": base64.b64encode(raw).decode(), **({"origin_offset": offset, "group": "dashboard-service"} if offset else {"line": 4}), **more}


LETTERS = [letter(400 - n, "payload.schema_mismatch", 'battery.telemetry 1.2: soc is "n/a", must be a number', f"towerco.sites.SITE-00{1377 + n}.events", 8812045 - n, n * 3 + 1, '{"event_type":"battery.telemetry","version":"1.2","payload":{"string_id":"S1","v":52.1,"soc":"n/a"}}') for n in range(7)]
LETTERS += [letter(380, "timestamp.in_future", "Clock of SITE-003020 runs 2 h 04 min ahead", "towerco.sites.SITE-003020.events", 1190772, 12, '{"event_type":"rms.heartbeat","timestamp":"2026-01-15T05:11:00Z"}'),
            letter(381, "json.invalid_utf8", "column 30: byte E9 begins no character. Send UTF-8.", "http:rms-gw-04", None, 31, '{"event_type":"alarm","text":"Ferm\ufffde"}', b'{"event_type":"alarm","text":"Ferm\xe9e"}', column=35, site_id="SITE-002840"),
            letter(379, "envelope.unknown_field", 'Field "severity_txt" at top level, did you mean payload?', "POST /api/v1/events", None, 200, '{"event_type":"ran.cell_down","severity_txt":"major"}')]


def find(reference):
    return next((each for each in incidents if reference in (each["number"], each["snapshot"]["incident_id"])), None)


def page(items, query, key=None):
    limit, start = int(query.get("limit", 100)), int(query.get("cursor") or 0)
    return {"items": items[start:start + limit], "total": len(items), **({"next_cursor": str(start + limit)} if start + limit < len(items) else {})}


def alarms(query):
    if query.get("site_id") == "SITE-002840":
        return page(toumodi_alarms, query)
    total = 1204 if query.get("active") == "true" else alarm_total
    limit, start = int(query.get("limit", 100)), int(query.get("cursor") or 0)
    items = [one_alarm(index) for index in range(start, min(total, start + limit))]
    return {"items": items, "total": total, **({"next_cursor": str(start + limit)} if start + limit < total else {})}


def problem(status, code, title, detail):
    return status, {"type": f"https://towerco.dev/problems/{code}", "title": title, "status": status, "detail": detail, "code": code}


def command(reference, verb, body):
    item = find(reference)
    if refusing:
        return problem(503, "log.fenced", "The log refuses writes", "The log refuses writes since 03:02.")
    if item is None:
        return problem(404, "incident.not_found", "No such incident", reference)
    if verb == "acknowledge":
        item.update(acknowledged_by="demo", acknowledged_at=now(), status="acknowledged")
    elif verb == "assign":
        item["assignee"] = body["assignee"]
    elif verb == "resolve":
        item["status"] = "resolved"
        item["snapshot"]["resolved_at"] = now()
    elif verb == "reopen":
        item["status"] = "open"
        item["snapshot"].pop("resolved_at", None)
    elif verb == "merge":
        item["status"] = "merged"
    elif verb == "verdict":
        item["verdict"] = {"verdict": body["verdict"], "reason": body.get("reason", ""), "actor": "demo", "at": now(), **{name: body[name] for name in ("candidate", "cause") if name in body}}
        if body["verdict"] == "confirmed":
            item["verdict"]["cause"] = body["candidate"]
    past = {"verdict": "cause_judged", "split": "split", "acknowledge": "acknowledged", "assign": "assigned", "comment": "commented", "resolve": "resolved", "reopen": "reopened", "merge": "merged"}[verb]
    item.setdefault("history", []).append({"event_id": story.uid(verb, now()), "event_type": f"incident.{past}", "at": now(), "actor": "demo", "text": body.get("text") or body.get("reason") or body.get("assignee") or ""})
    publish([{"channel": "incidents", "item": item}])
    return 200, item


def letters(parts, query):
    if parts and parts[0] != "summary":
        return 200, next(each for each in LETTERS if str(each["id"]) == parts[0])
    found = [each for each in LETTERS if all(not query.get(name) or each.get(field) == query[name] for name, field in (("reason", "reason_code"), ("site_id", "site_id"), ("state", "state")))]
    if not parts:
        return 200, page(found, query)
    rows = {}
    for each in found:
        row = rows.setdefault(each["reason_code"], {"reason_code": each["reason_code"], "count": 0, "waiting": 0, "oldest_at": each["at"], "newest_at": each["at"]})
        row["count"] += 1
        row["waiting"] += each["state"] == "waiting"
        row["oldest_at"], row["newest_at"] = min(row["oldest_at"], each["at"]), max(row["newest_at"], each["at"])
    states = [{"state": name, "count": sum(each["state"] == name for each in found)} for name in ("waiting", "accepted", "returned", "discarded", "expired")]
    return 200, {"total": len(found), "older": 0, "by_reason": sorted(rows.values(), key=lambda row: -row["count"]), "by_state": states, "by_origin": [{"origin": "http:rms-gw-04", "count": len(found)}]}


def treat_letters(parts, body):
    def treat(each, action):
        if action != "discard" and "fix" != action and not each.get("group"):
            each["attempts"] += 1
            each["outcome"] = {"result": "rejected", "by": "demo", "at": story.ago(0), "code": each["reason_code"], "why": each["detail"], "edited": False}
            return "rejected"
        each["state"] = "discarded" if action == "discard" else "returned" if each.get("group") else "accepted"
        each["outcome"] = {"result": each["state"], "by": "demo", "at": story.ago(0), "edited": action == "fix", **({"why": body["why"]} if action == "discard" else {})}
        return each["state"]
    if len(parts) == 1:
        found = [each for each in LETTERS if each["state"] == "waiting" and body.get("reason", each["reason_code"]) == each["reason_code"]]
        return 200, {"matched": len(found), "results": [{"id": each["id"], "result": treat(each, parts[0])} for each in found]}
    each = next(each for each in LETTERS if str(each["id"]) == parts[0])
    result = treat(each, parts[1])
    if parts[1] == "discard":
        return 200, each
    if result == "rejected":
        return 400, {"accepted": 0, "duplicates": 0, "rejected": [{"line": 1, "code": each["reason_code"], "detail": each["detail"]}]}
    return 202, {"accepted": 1, "duplicates": 0, "rejected": []}


def api(method, path, query, body):
    parts = path.strip("/").split("/")[2:]
    head = parts[0] if parts else ""
    if method == "POST" and head == "sessions":
        if body.get("user") == "demo" and body.get("password") == "demo":
            return 201, {"token": "development", "expires_at": story.ago(-600), "principal": {"tenant_id": story.TENANT, "name": "demo", "role": "operator"}}
        return problem(401, "auth.bad_credentials", "Wrong user or password", "")
    if method == "DELETE":
        return 204, None
    if method == "POST" and head == "incidents":
        return command(parts[1], parts[2], body)
    if method == "POST" and head == "dead-letters":
        return treat_letters(parts[1:], body)
    if head == "me":
        return 200, {"tenant_id": story.TENANT, "name": "demo", "role": "operator"}
    if head == "fleet":
        return 200, fleet()
    if head == "platform":
        return 200, platform()
    if head == "sites":
        if len(parts) > 1:
            each = sites.get(urllib.parse.unquote(parts[1]))
            return (200, each) if each else problem(404, "site.not_found", "No such site", parts[1])
        found = [each for each in sites.values() if (not query.get("state") or each["state"] == query["state"]) and (not query.get("region") or each["site"]["region"] == query["region"])
                 and (not query.get("q") or query["q"].lower() in each["site"]["name"].lower() + each["site"]["site_id"].lower())]
        return 200, page(found, query)
    if head == "topology":
        return 200, {"sites": list(sites.values()), "links": links}
    if head == "alarms":
        return 200, alarms(query)
    if head == "incidents":
        if len(parts) > 1:
            item = find(urllib.parse.unquote(parts[1]))
            return (200, item) if item else problem(404, "incident.not_found", "No such incident", parts[1])
        return 200, page(incidents, query)
    if head == "events":
        events = [{"event": {"event_id": story.uid("e", index), "event_type": ["battery.telemetry", "power.dc.telemetry", "dg.start_failed"][index % 3], "site_id": query.get("site_id", "SITE-002840"), "timestamp": story.ago(index * 0.4), "payload": {"v": 44.6 + index / 10, "i": -38}}, "topic": "towerco.sites.SITE-002840.events", "offset": 9000 - index, "sequence": 9000 - index, "ingested_at": story.ago(index * 0.4)} for index in range(60)]
        return 200, (events[0] if len(parts) > 1 else page(events, query))
    if head == "metrics":
        end = datetime.datetime.fromisoformat(query["to"].replace("Z", "+00:00")).timestamp() * 1000
        start = datetime.datetime.fromisoformat(query["from"].replace("Z", "+00:00")).timestamp() * 1000
        wanted = query["metric"].split(",")
        return 200, {"series": [{"site_id": query["site_id"], "metric": metric, "points": story.series(metric, start, min(end, time.time() * 1000 if False else story.NOW.timestamp() * 1000), min(300, int(query.get("max_points", 300))))} for metric in wanted]}
    if head == "topics":
        return 200, page(TOPICS, query)
    if head == "consumer-groups":
        return 200, page(GROUPS, query)
    if head == "dead-letters":
        return letters(parts[1:], query)
    return problem(404, "route.unknown", "No such route", path)


def frame(text):
    data = text.encode()
    size = bytes([0x81, len(data)]) if len(data) < 126 else b"\x81\x7e" + struct.pack(">H", len(data)) if len(data) < 65536 else b"\x81\x7f" + struct.pack(">Q", len(data))
    return size + data


def publish(changes):
    global sequence
    sequence += 1
    ring.append((sequence, changes))
    del ring[:-500]
    for writer in list(clients):
        writer.write(frame(json.dumps({"type": "delta", "seq": sequence, "changes": changes})))


async def live(reader, writer, key):
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    writer.write(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
    try:
        while True:
            head = await reader.readexactly(2)
            length = head[1] & 127
            if length == 126:
                length = struct.unpack(">H", await reader.readexactly(2))[0]
            mask = await reader.readexactly(4)
            data = bytes(byte ^ mask[index % 4] for index, byte in enumerate(await reader.readexactly(length)))
            if head[0] & 15 == 8:
                break
            message = json.loads(data)
            since = message.get("since")
            if since and ring and since >= ring[0][0] - 1:
                writer.write(frame(json.dumps({"type": "resumed", "seq": sequence})))
                for number, changes in ring:
                    if number > since:
                        writer.write(frame(json.dumps({"type": "delta", "seq": number, "changes": changes})))
            else:
                slim = [{key: value for key, value in each.items() if key != "latest"} for each in sites.values()]
                writer.write(frame(json.dumps({"type": "snapshot", "seq": sequence, "sites": slim, "alarms": toumodi_alarms + [one_alarm(index) for index in range(495)], "incidents": incidents})))
            writer.write(frame(json.dumps({"type": "heartbeat", "seq": sequence, "at": now()})))
            clients[writer] = message
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        clients.pop(writer, None)
        writer.close()


async def beat(moving):
    count = 0
    while True:
        await asyncio.sleep(1)
        count += 1
        if count % 10 == 0:
            for writer in list(clients):
                writer.write(frame(json.dumps({"type": "heartbeat", "seq": sequence, "at": now()})))
        if moving and count % 3 == 0:
            incidents[0]["snapshot"]["alarm_count"] += 4
            changes = [{"channel": "incidents", "item": incidents[0]}]
            if count % 12 == 0:
                fresh = story.incident(5000 + count, f"Rectifier failed at Abidjan {count}, battery carries the load", "major", True, 1, "SITE-002850", [story.hit("SITE-002850", "at_risk")], [story.candidate("Rectifier failed", 0.8, "rectifier.failed")], autonomy=[story.forecast("SITE-002850", 100, 200, 300)])
                fresh["site_name"] = "Oumé hub"
                incidents.append(fresh)
                changes.append({"channel": "incidents", "item": fresh})
            publish(changes)


def static(path):
    file = DIST / path.lstrip("/")
    if not (path.startswith("/assets/") and file.is_file()):
        file = DIST / "index.html"
    return file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream"


async def serve(reader, writer):
    try:
        while True:
            request = (await reader.readuntil(b"\r\n\r\n")).decode("latin1")
            first, *lines = request.split("\r\n")
            method, target, _ = first.split(" ")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
            url = urllib.parse.urlsplit(target)
            query = dict(urllib.parse.parse_qsl(url.query))
            if headers.get("upgrade", "").lower() == "websocket":
                return await live(reader, writer, headers["sec-websocket-key"])
            raw = await reader.readexactly(int(headers.get("content-length", 0)))
            if url.path.startswith("/api/"):
                if "authorization" not in headers and not url.path.endswith("/sessions"):
                    status, answer = problem(401, "auth.missing", "Sign in first", "")
                else:
                    status, answer = api(method, url.path, query, json.loads(raw) if raw else {})
                body, kind = (json.dumps(answer, ensure_ascii=False).encode() if answer is not None else b""), "application/json"
            else:
                (body, kind), status = static(url.path), 200
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\nCache-Control: no-store\r\n{POLICY}\r\n\r\n".encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--live", action="store_true", help="let alarms and incidents keep coming")
    arguments = parser.parse_args()
    server = await asyncio.start_server(serve, "127.0.0.1", arguments.port)
    print(f"development fixture on http://127.0.0.1:{server.sockets[0].getsockname()[1]}  user demo, password demo", flush=True)
    asyncio.create_task(beat(arguments.live))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
