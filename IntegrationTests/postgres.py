"""A PostgreSQL server of a test's own: a folder, a port on the loopback, its processes. initdb refuses root, so root runs it as `postgres`."""

from __future__ import annotations

import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile


def _binaries() -> str:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    usable = [path for path in found if int(path.split("/")[4]) >= 15]
    assert usable, "PostgreSQL 15 or newer is not installed: scripts/setup.sh does it"
    return os.path.dirname(usable[0])


class PostgresServer:
    def __init__(self):
        self.binaries = _binaries()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="towerco-pg.", dir="/tmp"))
        self.is_root = os.getuid() == 0
        if self.is_root:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._run("initdb", "-D", self.data, "-A", "trust", "-U", "towerco", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\nmax_connections = 60\n")

    @property
    def data(self) -> pathlib.Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgres://towerco:never-shown@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def _run(self, program: str, *arguments) -> str:
        command = [f"{self.binaries}/{program}", *map(str, arguments)]
        if self.is_root:
            command = ["/usr/sbin/runuser", "-u", "postgres", "--", *command]
        with tempfile.TemporaryFile() as output:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd="/").returncode
            output.seek(0)
            text = output.read().decode(errors="replace")
        assert code == 0, f"{program} failed: {text}"
        return text

    def start(self) -> "PostgresServer":
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60", "start")
        return self

    def processes(self) -> list[int]:
        try:
            first = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return []
        children = []
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                fields = pathlib.Path(path).read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == first:
                children.append(int(path.split("/")[2]))
        return [first, *children]

    def kill(self) -> None:
        """SIGKILL to all of it, as when the machine stops."""
        processes = self.processes()
        for process in processes:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for process in processes:
            while pathlib.Path(f"/proc/{process}").exists():
                os.sched_yield()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def sql(self, text: str) -> str:
        return self._run("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url, "-c", text).strip()

    def remove(self) -> None:
        if self.processes():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
