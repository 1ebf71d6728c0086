"""Writers that keep every acknowledged event in their own process, and the comparison with what the server shows."""

from __future__ import annotations

import collections
import http.client
import json
import os
import threading

from conftest import KEY, Server, event, line

SITES = 6
WRITERS = 4


def rounds(change: int, nightly: int, milestone: int) -> int:
    """How many rounds the level of this run asks for: TOWERCO_TEST_LEVEL is C (each change), N or M."""
    asked = os.environ.get("TOWERCO_TEST_ROUNDS")
    return int(asked) if asked else {"C": change, "N": nightly, "M": milestone}[os.environ.get("TOWERCO_TEST_LEVEL", "C")]


class Ledger:
    """What was sent, and what of it was acknowledged. A site belongs to one writer, so its order is known."""

    def __init__(self, prefix: str):
        self.sites = [f"{prefix}-{n}" for n in range(SITES * WRITERS)]
        self.sent: dict[str, set[str]] = {site: set() for site in self.sites}
        self.acked: dict[str, list[tuple[str, int]]] = {site: [] for site in self.sites}
        self.counters = dict.fromkeys(self.sites, 0)
        self.refused: collections.Counter[int] = collections.Counter()
        self.without_retry_after = 0
        self.lock = threading.Lock()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def total(self) -> int:
        return sum(map(len, self.acked.values()))

    def start(self, server: Server, padding: int = 0, goes_on: bool = False) -> None:
        """Starts the writers. They end when the server goes, or at a refusal unless `goes_on`."""
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(server, w, padding, goes_on)) for w in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def join(self, seconds: float, what: str) -> None:
        """Waits for the writers to end by themselves."""
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), f"{seconds} s of {what}"

    def _write(self, server: Server, writer: int, padding: int, goes_on: bool) -> None:
        sites = [site for number, site in enumerate(self.sites) if number % WRITERS == writer]
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not self._stop.is_set():
            batch = []
            for site in sites:
                self.counters[site] += 1
                batch.append(event(site=site, payload={"metric": "n", "value": self.counters[site]},
                                   metadata={"padding": "x" * padding} if padding else {}))
            with self.lock:
                for e in batch:
                    self.sent[e["site_id"]].add(e["event_id"])
            try:
                connection.request("POST", "/api/v1/events", b"\n".join(line(e) for e in batch),
                                   {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"})
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException):
                return
            if response.status != 202:
                with self.lock:
                    self.refused[response.status] += 1
                    self.without_retry_after += response.headers.get("Retry-After") is None
                if goes_on:
                    continue
                return
            report = json.loads(body)
            assert report["accepted"] == len(batch), report
            with self.lock:
                for e in batch:
                    self.acked[e["site_id"]].append((e["event_id"], e["payload"]["value"]))

    def check(self, server: Server, what: str) -> None:
        """Everything acknowledged is there once and in order, and nothing that was never sent."""
        for site, expected in self.acked.items():
            items = server.all_items(f"/api/v1/events?site_id={site}&limit=1000")
            stored = [(i["event"]["event_id"], i["event"]["payload"]["value"]) for i in reversed(items)]  # newest first on the wire
            ids = [identity for identity, _ in stored]
            kept = set(ids)
            lost = [identity for identity, _ in expected if identity not in kept]
            assert not lost, f"{what}: {site}: {len(lost)} of {len(expected)} acknowledged events lost, first {lost[0]}"
            assert len(ids) == len(kept), f"{what}: {site}: an event twice"
            assert kept <= self.sent[site], f"{what}: {site}: an event that nobody sent"
            values = [value for _, value in stored]
            assert values == sorted(values), f"{what}: {site}: order broken"
