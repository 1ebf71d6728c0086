"""What every peer needs: processor time, free ports, servers that end with their measurement, results of one form."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TICKS = os.sysconf("SC_CLK_TCK")


class Missing(Exception):
    """The peer, or a way of running it, is not on this machine."""


class Broken(Exception):
    """The peer did not do what it was asked: its figure is worth nothing."""


def machine_seconds() -> float | None:
    """Seconds all cores were busy: columns are user, nice, system, idle, iowait, irq, softirq, steal. None where nothing says."""
    try:
        columns = [int(text) for text in pathlib.Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
        busy = sum(columns) - columns[3] - columns[4]
    except (OSError, ValueError, IndexError):
        return None
    return busy / TICKS if busy else None


def process_seconds(roots: list[int]) -> float:
    """Of these processes, their descendants, and what those have waited for."""
    rows = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            text = pathlib.Path("/proc", name, "stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            continue
        fields = text[text.rindex(")") + 1:].split()
        rows[int(name)] = (int(fields[1]), sum(int(ticks) for ticks in fields[11:15]))
    family, grew = set(roots), True
    while grew:
        children = {pid for pid, (parent, _) in rows.items() if parent in family} - family
        family |= children
        grew = bool(children)
    return sum(rows[pid][1] for pid in family if pid in rows) / TICKS


class Stopwatch:
    """Wall clock and processor time from its making on: the server's, this client's, everybody else's."""

    def __init__(self, servers: list[int]):
        self.servers = servers
        self.served, self.machine = process_seconds(servers), machine_seconds()
        self.own, self.wall = time.process_time(), time.monotonic()

    def read(self) -> dict:
        wall, own = time.monotonic() - self.wall, time.process_time() - self.own
        served = process_seconds(self.servers) - self.served
        now = machine_seconds()
        other = None if now is None or self.machine is None else max(0.0, now - self.machine - served - own)
        return {"wall_s": wall, "cpu_s": served, "client_cpu_s": own, "other_cpu_s": other}


def machine_model() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


@dataclass
class Result:
    """The fields of `towerco bench`, with the peer's version and what it does for each event."""

    name: str
    events: int
    bytes: int
    times: dict
    durability: str
    batch: int
    callers: int
    version: str
    does: str
    topics: int = 10_000
    more: dict = field(default_factory=dict)

    def line(self) -> dict:
        wall, cpu = self.times["wall_s"], self.times["cpu_s"]
        return {
            "name": self.name, "events": self.events, "bytes": self.bytes, "wall_s": round(wall, 6), "cpu_s": round(cpu, 6),
            "events_per_s": round(self.events / wall), "events_per_cpu_s": round(self.events / cpu) if cpu else 0,
            "other_cpu_s": None if self.times["other_cpu_s"] is None else round(self.times["other_cpu_s"], 6), "cores": os.cpu_count(), "machine": machine_model(),
            "durability": self.durability, "topics": self.topics, "batch": self.batch, "callers": self.callers,
            "version": self.version, "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds"),
            "client_cpu_s": round(self.times["client_cpu_s"], 6), "does": self.does, **self.more,
        } | ({"other_cpu": "unknown: /proc/stat does not say"} if self.times["other_cpu_s"] is None else {})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def program(name: str, *elsewhere: str) -> str:
    for path in (shutil.which(name), *elsewhere):
        if path and os.access(path, os.X_OK):
            return str(path)
    raise Missing(f"{name} is not installed")


def version_of(*command: str) -> str:
    said = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return (said.stdout + said.stderr).strip().splitlines()[0]


class Server:
    """A server of our own: its folder and its process end with the `with` block."""

    def __init__(self, command, *, folder: pathlib.Path, port: int, user: str | None = None, stop=signal.SIGTERM, env=None):
        self.folder, self.port, self.stop = folder, port, stop
        self.log = folder / "server.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, user=user, env=env, start_new_session=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    def __enter__(self) -> "Server":
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Broken(f"the server ended at once: {self.log.read_text(errors='replace')[-600:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        raise Broken("the server did not listen within a minute")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(self.stop)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


class Folder:
    """A temporary folder that another user may be let into."""

    def __enter__(self) -> pathlib.Path:
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="towerco-peer."))
        self.path.chmod(0o755)
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def generated_lines(binary: pathlib.Path, events: int, sites: int = 10_000) -> list[bytes]:
    """The very events that `towerco bench ingest` sends, without their line ends."""
    made = subprocess.run(
        [binary, "bench", "events", "--events", str(events), "--sites", str(sites)], capture_output=True, check=True)
    return made.stdout.split(b"\n")[:-1]


def batches(lines: list[bytes], size: int) -> list[list[bytes]]:
    return [lines[start:start + size] for start in range(0, len(lines), size)]


def site_of(line: bytes) -> bytes:
    start = line.index(b'"site_id":"') + 11
    return line[start:line.index(b'"', start)]


def http_load(binary: pathlib.Path, server: Server, name: str, *, batch: int, connections: int, seconds: float,
              does: str, version: str, durability: str = "synced") -> dict:
    """The load generator that measures ours, against a foreign server."""
    said = subprocess.run(
        [binary, "bench", "ingest", "--url", f"http://127.0.0.1:{server.port}", "--path", "/events", "--plain",
         "--server-pid", str(server.pid), "--batch", str(batch), "--connections", str(connections), "--seconds", str(seconds),
         "--name", name, "--durability", durability],
        capture_output=True, text=True)
    if said.returncode != 0:
        raise Broken(said.stderr.strip()[-600:])
    return {**json.loads(said.stdout.splitlines()[-1]), "version": version, "does": does}
