#!/usr/bin/env python3
"""Sends alarms through the gateway, kills one of two ingestors half-way, and compares what was acknowledged with what is shown.

Every alarm has a site of its own, so the alarm list is the ledger: an acknowledged event that is missing there was lost, a site
with two alarms got one twice. What was not acknowledged is sent again, as a sender in the field does.
"""

import argparse
import http.client
import json
import subprocess
import sys
import threading
import time
import uuid

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--port", type=int, default=8080)
parser.add_argument("--key", default="demo-key-for-this-machine-only")
parser.add_argument("--batches", type=int, default=400)
parser.add_argument("--lines", type=int, default=25)
parser.add_argument("--project", default="towerco")
options = parser.parse_args()


def ask(method, path, body=None, kind="application/json"):
    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=60)
    try:
        headers = {"Authorization": f"Bearer {options.key}", "Content-Type": kind}
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.5)
    sys.exit(f"{seconds} s passed without {what}")


def alarm(site):
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps({
        "event_id": str(uuid.uuid4()), "event_type": "rectifier.system_failed", "tenant_id": "demo", "site_id": site,
        "timestamp": now, "version": "1.0", "payload": {}, "metadata": {"producer": "containers-check"},
    })


def is_up():
    try:
        return ask("GET", "/api/v1/sites?limit=1")[0] == 200
    except OSError:
        return False


wait(is_up, 180, "an answer of the gateway")
acknowledged, again = set(), 0
lock = threading.Lock()
queue = [[f"C-{batch:04d}-{line:02d}" for line in range(options.lines)] for batch in range(options.batches)]


def send():
    global again
    while True:
        with lock:
            if not queue:
                return
            sites = queue.pop()
        body = "\n".join(map(alarm, sites)).encode()
        while True:
            try:
                status, text = ask("POST", "/api/v1/events", body, "application/x-ndjson")
                answer = json.loads(text) if status < 300 else {}
                if status < 300 and answer.get("accepted", 0) + answer.get("duplicates", 0) == len(sites):
                    break
            except (OSError, http.client.HTTPException, ValueError):
                pass
            with lock:
                again += 1
            time.sleep(0.2)
        with lock:
            acknowledged.update(sites)


threads = [threading.Thread(target=send) for _ in range(4)]
for thread in threads:
    thread.start()
wait(lambda: len(acknowledged) > options.batches * options.lines // 2, 300, "half of the batches")
names = subprocess.run(["podman", "ps", "--format", "{{.Names}}"], capture_output=True, text=True, check=True).stdout.split()
ingestors = sorted(name for name in names if "data-ingestor" in name)
if len(ingestors) != 2:
    sys.exit(f"two ingestors were expected, not {ingestors}")
subprocess.run(["podman", "kill", "--signal", "KILL", ingestors[0]], check=True, capture_output=True)
at_kill = len(acknowledged)
for thread in threads:
    thread.join()


def shown():
    sites, cursor = [], None
    while True:
        status, text = ask("GET", "/api/v1/alarms?limit=500" + (f"&cursor={cursor}" if cursor else ""))
        if status != 200:
            return []
        page = json.loads(text)
        for item in page["items"]:
            sites += [item["alarm"]["site_id"]] * item["alarm"]["occurrences"]
        cursor = page.get("next_cursor")
        if not cursor:
            return [site for site in sites if site.startswith("C-")]


try:
    wait(lambda: acknowledged <= set(shown()), 300, "every acknowledged alarm in the list")
finally:
    seen = shown()
    print(f"{len(acknowledged)} acknowledged, {at_kill} of them before {ingestors[0]} was killed, {again} requests sent again; "
          f"{len(acknowledged - set(seen))} lost, {len(seen) - len(set(seen))} twice")
sys.exit(0 if acknowledged <= set(seen) and len(seen) == len(set(seen)) else 1)
