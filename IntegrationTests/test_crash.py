"""kill -9 under load: whatever was acknowledged is there once, in order."""

import http.client
import json
import random
import threading
import uuid

from conftest import KEY, TENANT, Server, event, line

ROUNDS = 50
SITES = 6
WRITERS = 4


def write(server, writer, acked, lock, stop, counters):
    """Posts small batches as fast as it can; a site belongs to one writer, so its order is known."""
    sites = [f"K-{n}" for n in range(SITES * WRITERS) if n % WRITERS == writer]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    while not stop.is_set():
        batch = []
        for site in sites:
            counters[site] += 1
            batch.append(event(site=site, payload={"metric": "n", "value": counters[site]}))
        body = b"\n".join(line(e) for e in batch)
        try:
            connection.request("POST", "/api/v1/events", body,
                               {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"})
            response = connection.getresponse()
            report = json.loads(response.read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return
        assert response.status == 202 and report["accepted"] == len(batch), report
        with lock:
            for e in batch:
                acked[e["site_id"]].append((e["event_id"], e["payload"]["value"]))


def test_fifty_kills_lose_nothing_double_nothing_and_keep_the_order(folder):
    rng = random.Random(20260102)
    acked = {f"K-{n}": [] for n in range(SITES * WRITERS)}
    counters = {site: 0 for site in acked}
    lock = threading.Lock()
    total_before = 0
    server = Server(folder / "data")
    for round_number in range(ROUNDS):
        server.start()
        stop = threading.Event()
        writers = [threading.Thread(target=write, args=(server, w, acked, lock, stop, counters)) for w in range(WRITERS)]
        for thread in writers:
            thread.start()
        threading.Event().wait(rng.uniform(0.02, 0.35))  # the moment of the kill, not a wait for something
        server.kill()
        stop.set()
        for thread in writers:
            thread.join()
        total = sum(map(len, acked.values()))
        assert total >= total_before
        total_before = total
    assert total_before > ROUNDS * SITES, "the rounds must have written something"

    server.start()
    for site, expected in acked.items():
        stored = [(i["event"]["event_id"], i["event"]["payload"]["value"]) for i in server.all_items(f"/api/v1/events?site_id={site}&limit=1000")]
        stored.reverse()  # newest first on the wire
        ids = [identity for identity, _ in stored]
        assert len(ids) == len(set(ids)), f"{site}: an event twice"
        kept = set(ids)
        lost = [identity for identity, _ in expected if identity not in kept]
        assert not lost, f"{site}: {len(lost)} acknowledged events lost"
        values = [value for _, value in stored]
        assert values == sorted(values), f"{site}: order broken"
        assert all(uuid.UUID(i) for i in ids)
    resent = event(site="K-0")
    assert server.ingest([line(resent)]).json["accepted"] == 1
    server.kill()
    server.start()
    assert server.ingest([line(resent)]).json["duplicates"] == 1, "ids are remembered over a kill"
    print(f"{ROUNDS} kills, {total_before} acknowledged events of {TENANT}, 0 lost")
    assert server.stop() == 0
