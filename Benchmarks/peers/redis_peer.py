"""Redis with an append-only file that is synced before the answer: XADD to one stream for each site."""

from __future__ import annotations

import pathlib

from . import windowed
from .measure import Broken, Folder, Result, Server, Stopwatch, batches, free_port, program, site_of, version_of


def _command(line: bytes) -> bytes:
    stream = b"site:" + site_of(line)
    return b"*5\r\n$4\r\nXADD\r\n$%d\r\n%b\r\n$1\r\n*\r\n$1\r\ne\r\n$%d\r\n%b\r\n" % (len(stream), stream, len(line), line)


def _count(received: bytes) -> tuple[int, bytes]:
    """Each answer is the new entry's id: `$15\\r\\n1700000000000-0\\r\\n`."""
    if received.startswith(b"-") or b"\r\n-" in received:
        raise Broken(received[:300].decode(errors="replace"))
    lines = received.split(b"\r\n")
    whole = (len(lines) - 1) // 2
    return whole, b"\r\n".join(lines[2 * whole:])


def measure(binary: pathlib.Path, lines: list[bytes], *, batch: int, connections: int) -> dict:
    redis = program("redis-server")
    with Folder() as folder:
        port = free_port()
        command = [
            redis, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes", "--appendfsync", "always",
            "--save", "", "--auto-aof-rewrite-percentage", "0",
        ]
        with Server(command, folder=folder, port=port) as server:
            plans = [
                [(b"".join(map(_command, part)), len(part)) for part in batches(lines, batch)[number::connections]]
                for number in range(connections)]
            watch = Stopwatch([server.pid])
            answered = windowed.run(port, plans, count=_count)
            times = watch.read()
            if answered != len(lines):
                raise Broken(f"{answered} answers for {len(lines)} entries")
            return Result(
                name="redis.appendfsync-always", events=len(lines), bytes=sum(map(len, lines)), times=times, durability="synced",
                batch=batch, callers=connections, version=" ".join(version_of(redis, "--version").split()[:3]),
                does="stores opaque entries by stream, all in memory; looks at no event, no deduplication").line()
