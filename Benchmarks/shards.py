#!/usr/bin/env python3
"""How much more two engines do than one, where tenants are dealt out to two shards (ADR-041).

    swift build -c release --product towerco && swift build -c release --product KafkaFaults
    .venv/bin/python Benchmarks/shards.py --rounds 3

Each run has brokers of its own (librdkafka's mock in a process, 96 partitions) and the same log: a simulated fleet for each of eight
tenants, four in each shard. The engines are started on the empty log, own their shards, and are suspended; a door takes all events;
the engines wake at one instant. Wall clock runs from there until they have read as many records as there are events (the heartbeats among
them are one in two seconds), processor time is the engines' own.

- both shards in one engine; each shard in an engine of its own, both at once: what a user gets on this machine.
- `--pinned`: each engine has one core to itself, as far as brokers and door leave it. Without it one process decides both its shards
  at once and keeps two cores busy by itself, so that a second process on the same two has nothing to add.
- one shard's tenants alone, in one engine: what it takes where nobody shares the cores with it. T_all / max(T_shard) is then the
  speed-up on machines of their own, the brokers' part left out.

One line of JSON a run, and the medians.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / ".build" / "release"
os.environ.setdefault("TOWERCO_BINARY", str(RELEASE / "towerco"))
os.environ.setdefault("TOWERCO_KAFKA_FAULTS", str(RELEASE / "KafkaFaults"))
sys.path.insert(0, str(ROOT / "IntegrationTests"))

from brokers import Cluster  # noqa: E402
from conftest import Server, towerco, wait_until  # noqa: E402
from postgres import PostgresServer  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
ENGINE = "aiops-engine"


def hashed(name: str) -> int:
    """Kafka's murmur2, positive."""
    data, multiplier, mask = name.encode(), 0x5BD1E995, 0xFFFFFFFF
    value, at = (0x9747B28C ^ len(data)) & mask, 0
    while at + 4 <= len(data):
        word = int.from_bytes(data[at:at + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        value, at = value * multiplier & mask ^ word, at + 4
    rest = data[at:]
    for place in reversed(range(len(rest))):
        value ^= rest[place] << 8 * place
    if rest:
        value = value * multiplier & mask
    value = (value ^ value >> 13) * multiplier & mask
    return (value ^ value >> 15) & 0x7FFFFFFF


def tenants(each: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {1: [], 2: []}
    number = 0
    while any(len(names) < each for names in found.values()):
        name = f"tower-{number}"
        number += 1
        shard = found[hashed(name) % 2 + 1]
        if len(shard) < each:
            shard.append(name)
    return found


def processor_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def key(tenant: str) -> str:
    return f"{tenant}-key-0123456789abcdef"


class Run:
    def __init__(self, folder: pathlib.Path, database: PostgresServer, stories: dict[str, list[bytes]], session: int):
        self.folder, self.stories = folder, stories
        self.brokers = Cluster(shards=2, partitions=96)
        self.servers: list[Server] = []
        self.env = {
            "TOWERCO_LOG_URL": f"kafka://{self.brokers.bootstrap}", "TOWERCO_STORE_URL": database.url, "TOWERCO_KAFKA_SHARDS": "2",
            "TOWERCO_KAFKA_PARTITIONS_EVENTS": "96", "TOWERCO_KAFKA_TOPICS_CREATE": "false", "TOWERCO_KAFKA_SESSION_SECONDS": str(session),
            "TOWERCO_KAFKA_CALL_TIMEOUT_SECONDS": "30", "TOWERCO_KAFKA_APPEND_TIMEOUT_SECONDS": "30",
            "TOWERCO_RETENTION_TELEMETRY_HOURS": "87600", "TOWERCO_CHECKPOINT_RECORDS": "0",
            "TOWERCO_BOOTSTRAP_KEY": ",".join(f"{tenant}:{key(tenant)}" for tenant in stories),
        }

    def start(self, name: str, *roles: str) -> Server:
        server = Server(self.folder / name, *(word for role in roles for word in ("--role", role)), env=self.env)
        self.servers.append(server)
        return server.start()

    def fill(self, door: Server) -> tuple[int, float]:
        """All stories, tenant by tenant in turn, as a door would meet them."""
        began, count = time.monotonic(), 0
        at_once = 5000
        longest = max(len(lines) for lines in self.stories.values())
        for at in range(0, longest, at_once):
            for tenant, lines in self.stories.items():
                piece = lines[at:at + at_once]
                if not piece:
                    continue
                answer = door.ingest(piece, key=key(tenant))
                if answer.status != 202 or answer.json["rejected"]:
                    raise SystemExit(f"the door refused: {answer.status} {answer.body[:500]!r}")
                count += len(piece)
        return count, time.monotonic() - began

    def measure(self, engines: int, is_pinned: bool) -> dict:
        door = self.start("in", "data-ingestor")
        deciders = [self.start(f"engine{number}", ENGINE) for number in range(engines)]

        def dealt():
            checks = [server.get("/readyz", key=None).json["checks"].get(ENGINE, "") for server in deciders]
            groups = [text for server in deciders for text in server.get("/metrics", key=None).body.decode().splitlines()
                      if re.match(r'towerco_pipeline_offset_lag_records{group="aiops-engine.s\dof2"}', text)]
            each = all("runs shards" in check and check.count(",") == 2 - engines for check in checks)
            return each and len({text.split()[0] for text in groups}) == 2
        wait_until(dealt, 300, "the shards to be shared")
        for core, server in enumerate(deciders):
            server.process.send_signal(signal.SIGSTOP)
            if is_pinned:
                # What a thread starts later has its core.
                for thread in os.listdir(f"/proc/{server.process.pid}/task"):
                    os.sched_setaffinity(int(thread), {core % (os.cpu_count() or 1)})
        events, filled = self.fill(door)
        before = [processor_seconds(server.process.pid) for server in deciders]
        broker_before = processor_seconds(self.brokers.process.pid)
        began = time.monotonic()
        for server in deciders:
            server.process.send_signal(signal.SIGCONT)

        def done():
            return sum(self.read(server) for server in deciders) >= events
        # Seldom: a page of metrics costs the engine processor time too.
        deadline = time.monotonic() + 900
        while not done():
            if time.monotonic() > deadline:
                raise SystemExit("the engines did not come to the end of the log")
            time.sleep(0.1)
        wall = time.monotonic() - began
        used = [processor_seconds(server.process.pid) - start for server, start in zip(deciders, before)]
        return {"engines": engines, "events": events, "fill_s": round(filled, 2), "wall_s": round(wall, 2), "cpu_s": [round(one, 2) for one in used],
                "events_per_engine": [self.read(server) for server in deciders],
                "broker_cpu_s": round(processor_seconds(self.brokers.process.pid) - broker_before, 2)}

    @staticmethod
    def read(server: Server) -> int:
        page = server.get("/metrics", key=None).body.decode()
        return sum(int(float(text.split()[-1])) for text in page.splitlines()
                   if text.startswith("towerco_pipeline_records_total{group=\"aiops-engine.s"))

    def close(self):
        for server in self.servers:
            if server.process and server.process.poll() is None:
                server.process.kill()
                server.process.wait()
        self.brokers.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sites", type=int, default=60, help="of each tenant")
    parser.add_argument("--hours", type=int, default=4)
    parser.add_argument("--each", type=int, default=4, help="tenants of each shard")
    parser.add_argument("--session", type=int, default=25, help="seconds; longer than the filling takes")
    parser.add_argument("--pinned", action="store_true", help="each engine on a core of its own")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="towerco-shards."))
    dealt = tenants(options.each)
    stories: dict[str, list[bytes]] = {}
    for seed, name in enumerate(name for names in zip(*dealt.values()) for name in names):
        path = folder / f"{name}.ndjson"
        # The same fleet for every tenant, under its own ids.
        towerco("simulate", "--sites", options.sites, "--hours", options.hours, "--scenario", "all", "--seed", 7 + seed // 2, "--tenant", name,
                "--out", path)
        stories[name] = path.read_bytes().splitlines()
        path.unlink()
    kinds = {"one": (1, list(stories)), "two": (2, list(stories)), "shard1": (1, dealt[1]), "shard2": (1, dealt[2])}
    results: dict[str, list[dict]] = {kind: [] for kind in kinds}
    try:
        for number in range(options.rounds):
            for kind, (engines, names) in kinds.items():
                database = PostgresServer().start()
                run = Run(folder / f"{number}-{kind}", database, {name: stories[name] for name in names}, options.session)
                try:
                    result = {"run": kind, "round": number, **run.measure(engines, options.pinned), "load": os.getloadavg()[0]}
                finally:
                    run.close()
                    database.remove()
                results[kind].append(result)
                print(json.dumps(result), flush=True)
        walls = {kind: statistics.median(one["wall_s"] for one in found) for kind, found in results.items()}
        cpus = {kind: statistics.median(sum(one["cpu_s"]) for one in found) for kind, found in results.items()}
        largest = {kind: statistics.median(max(one["cpu_s"]) for one in found) for kind, found in results.items()}
        print(json.dumps({
            "wall_s": walls, "cpu_s": cpus,
            "speed_up_wall": round(walls["one"] / walls["two"], 2),
            "speed_up_cpu_of_the_busier_of_two": round(cpus["one"] / largest["two"], 2),
            "speed_up_each_alone_wall": round(walls["one"] / max(walls["shard1"], walls["shard2"]), 2),
            "speed_up_each_alone_cpu": round(cpus["one"] / max(cpus["shard1"], cpus["shard2"]), 2),
        }))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
