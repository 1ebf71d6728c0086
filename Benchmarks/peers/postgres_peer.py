"""PostgreSQL as it is configured by default: COPY of raw lines, and rows that are keyed and queryable when acknowledged."""

from __future__ import annotations

import os
import pathlib
import pwd
import signal
import subprocess
import threading
import time

from .measure import Broken, Folder, Missing, Result, Server, Stopwatch, batches, free_port, program, version_of

COPY_TABLE = "CREATE TABLE events (line text)"
KEYED_TABLE = "CREATE TABLE events (tenant_id text, event_id uuid, body jsonb, PRIMARY KEY (tenant_id, event_id))"
STAGE = "CREATE TEMP TABLE stage (line text) ON COMMIT DELETE ROWS"
MOVE = """
    INSERT INTO events SELECT body->>'tenant_id', (body->>'event_id')::uuid, body FROM (SELECT line::jsonb AS body FROM stage) AS s
    ON CONFLICT DO NOTHING"""


def _bin_folders() -> list[str]:
    base = pathlib.Path("/usr/lib/postgresql")
    return [str(path) for path in sorted(base.glob("*/bin"), reverse=True)] if base.is_dir() else []


def _owner() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Missing("PostgreSQL does not run as root, and there is no user postgres") from None


def _first_connection(psycopg, where: str):
    """It listens before it has started up."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return psycopg.connect(where, autocommit=True)
        except psycopg.OperationalError as error:
            if "starting up" not in str(error) or time.monotonic() > deadline:
                raise Broken(f"PostgreSQL lets nobody in: {error}") from None
            time.sleep(0.02)


def measure(binary: pathlib.Path, lines: list[bytes], *, keyed: bool, batch: int, connections: int) -> dict:
    try:
        import psycopg
    except ImportError as error:
        raise Missing("psycopg is not in the peers' environment") from error
    postgres = program("postgres", *(f"{folder}/postgres" for folder in _bin_folders()))
    initdb = program("initdb", *(f"{folder}/initdb" for folder in _bin_folders()))
    owner = _owner()
    with Folder() as folder:
        if owner:
            os.chown(folder, pwd.getpwnam(owner).pw_uid, -1)
        made = subprocess.run(
            [initdb, "-D", folder / "data", "-A", "trust", "-U", "bench", "--no-sync", "--locale=C.UTF-8"], cwd=folder, user=owner,
            capture_output=True, text=True)
        if made.returncode != 0:
            raise Broken(made.stderr[-600:])
        port = free_port()
        command = [postgres, "-D", folder / "data", "-p", str(port), "-h", "127.0.0.1", "-k", folder]
        with Server(command, folder=folder, port=port, user=owner, stop=signal.SIGINT) as server:
            where = f"host=127.0.0.1 port={port} user=bench dbname=postgres"
            with _first_connection(psycopg, where) as connection:
                connection.execute(KEYED_TABLE if keyed else COPY_TABLE)
                version = f"postgres {connection.execute('SHOW server_version').fetchone()[0].split()[0]}"
            times = _store(psycopg, where, lines, keyed, batch, connections, server.pid)
            with psycopg.connect(where) as connection:
                stored = connection.execute("SELECT count(*) FROM events").fetchone()[0]
            if stored != len(lines):
                raise Broken(f"{stored} rows for {len(lines)} events")
        return Result(
            name="postgres.on-conflict" if keyed else "postgres.copy", events=len(lines), bytes=sum(map(len, lines)), times=times,
            durability="synced", batch=batch, callers=connections, version=version, topics=0,
            does="parses to jsonb, keyed by tenant and event id, duplicates ignored, queryable" if keyed
            else "stores raw lines in one table; looks at no event, no deduplication, no index").line()


def _store(psycopg, where: str, lines: list[bytes], keyed: bool, batch: int, connections: int, pid: int) -> dict:
    """A thread and a connection for each caller, one COPY and one commit for each batch."""
    texts = [b"\n".join(part).replace(b"\\", b"\\\\") + b"\n" for part in batches(lines, batch)]
    ready, go = threading.Barrier(connections + 1), threading.Event()
    failures: list[Exception] = []

    def caller(number: int) -> None:
        try:
            with psycopg.connect(where, autocommit=keyed) as connection:
                if keyed:
                    connection.execute(STAGE)
                    connection.autocommit = False
                ready.wait()
                go.wait()
                with connection.cursor() as cursor:
                    for text in texts[number::connections]:
                        with cursor.copy(f"COPY {'stage' if keyed else 'events'} (line) FROM STDIN") as copy:
                            copy.write(text)
                        if keyed:
                            cursor.execute(MOVE)
                        connection.commit()
        except Exception as error:  # Told by the thread that measures.
            failures.append(error)
            ready.abort()

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    try:
        ready.wait(60)
    except threading.BrokenBarrierError:
        raise Broken(f"could not connect: {failures[:1]}") from None
    watch = Stopwatch([pid])
    go.set()
    for thread in threads:
        thread.join()
    times = watch.read()
    if failures:
        raise Broken(str(failures[0]))
    return times
