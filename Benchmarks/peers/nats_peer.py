"""NATS JetStream over its own protocol: publishes with a reply subject, counts the acknowledgements."""

from __future__ import annotations

import json
import pathlib
import re
import socket
import subprocess

from . import windowed
from .measure import Broken, Folder, Missing, Result, Server, Stopwatch, batches, free_port, program, site_of, version_of

def _greeting(inbox: bytes):
    """Hears the answers to one connection's own messages."""
    def greet(connection: socket.socket) -> None:
        connection.sendall(
            b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\nSUB ' + inbox + b" 1\r\nPING\r\n")
        said = b""
        while b"PONG\r\n" not in said:
            said += connection.recv(4096)
    return greet


def _inbox(number: int) -> bytes:
    return b"_INBOX.bench%d" % number


def _count(received: bytes) -> tuple[int, bytes]:
    """Acknowledgements are `MSG _INBOX… 1 <size>\\r\\n{"stream":"BENCH","seq":1}\\r\\n`."""
    if b"-ERR" in received or b'"error"' in received:
        raise Broken(received[:300].decode(errors="replace"))
    whole, _, rest = received.rpartition(b"\r\n")
    return whole.count(b'"stream":'), rest


def _create_stream(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        _greeting(b"_INBOX.create")(connection)
        body = json.dumps({"name": "BENCH", "subjects": ["site.>"], "storage": "file", "num_replicas": 1}).encode()
        connection.sendall(b"PUB $JS.API.STREAM.CREATE.BENCH _INBOX.create %d\r\n" % len(body) + body + b"\r\n")
        said = b""
        while b"}\r\n" not in said:
            more = connection.recv(4096)
            if not more:
                break
            said += more
        if b'"error"' in said or b'"config"' not in said:
            raise Broken(f"the stream could not be made: {said[:300]!r}")


def measure(binary: pathlib.Path, lines: list[bytes], *, always: bool, batch: int, connections: int) -> dict:
    nats = program("nats-server", "/usr/sbin/nats-server")
    with Folder() as folder:
        port = free_port()
        sync = "\n  sync_interval: always" if always else ""
        config = folder / "nats.conf"
        config.write_text(f'host: "127.0.0.1"\nport: {port}\njetstream {{\n  store_dir: "{folder}/js"{sync}\n}}\n')
        probe = subprocess.run([nats, "-c", config, "-t"], capture_output=True, text=True)
        if probe.returncode != 0:
            said = re.sub(r"\S*nats\.conf:\S*", "", (probe.stdout + probe.stderr)).strip()
            raise Missing(f"this nats-server does not know the setting: {said[-200:]}")
        with Server([nats, "-c", config], folder=folder, port=port) as server:
            _create_stream(port)
            plans = []
            for number in range(connections):
                inbox = _inbox(number)
                plans.append([
                    (b"".join(b"PUB site.%b %b %d\r\n%b\r\n" % (site_of(line), inbox, len(line), line) for line in part), len(part))
                    for part in batches(lines, batch)[number::connections]])
            watch = Stopwatch([server.pid])
            answered = windowed.run(port, plans, count=_count, greetings=[_greeting(_inbox(n)) for n in range(connections)])
            times = watch.read()
            if answered != len(lines):
                raise Broken(f"{answered} acknowledgements for {len(lines)} messages")
            return Result(
                name="nats.jetstream.sync-always" if always else "nats.jetstream", events=len(lines),
                bytes=sum(map(len, lines)), times=times, durability="synced" if always else "not synced (every two minutes)",
                batch=batch, callers=connections, version=version_of(nats, "--version").replace(":", ""),
                does="stores opaque messages by subject; looks at no event, no deduplication").line()

