"""Starts the real `towerco` binary on a free port with a folder of its own, and speaks to it as a stranger would."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = pathlib.Path(os.environ.get("TOWERCO_BINARY", ROOT / ".build" / "debug" / "towerco"))
TENANT, KEY = "acme", "acme-key-0123456789abcdef"
OTHER_TENANT, OTHER_KEY = "rival", "rival-key-0123456789abcdef"
# An overbooked machine: how many times as long as on a quiet one before something counts as hung.
PATIENCE = 4


class Answer:
    def __init__(self, status: int, headers, body: bytes):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """One `towerco serve`. `kill()` is kill -9; `start()` again on the same folder is a restart."""

    def __init__(self, data: pathlib.Path, *arguments: str, env: dict[str, str] | None = None):
        self.data, self.arguments, self.env = data, arguments, env or {}
        self.process: subprocess.Popen | None = None
        self.port = 0
        self.log: list[str] = []

    def start(self) -> "Server":
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("TOWERCO_")},
            "TOWERCO_BOOTSTRAP_KEY": f"{TENANT}:{KEY},{OTHER_TENANT}:{OTHER_KEY}",
            **self.env,
        }
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", self.data, "--port", "0", *self.arguments],
            env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        found = threading.Event()

        def read():
            for line in self.process.stdout:
                self.log.append(line)
                address = re.search(r"http://[\d.]+:(\d+)", line)
                if address and not found.is_set():
                    self.port = int(address.group(1))
                    found.set()
            found.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        if not found.wait(60 * PATIENCE) or not self.port:
            self.process.kill()
            raise AssertionError("towerco did not say where it listens:\n" + "".join(self.log))
        wait_until(lambda: self.get("/readyz", key=None).status == 200, 60, "ready")
        return self

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        self.port = 0

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60 * PATIENCE)
        self.reader.join()
        self.port = 0
        return code

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None, key: str | None = KEY) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            all_headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
            connection.request(method, path, body=body, headers=all_headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, key: str | None = KEY) -> Answer:
        return self.request("GET", path, key=key)

    def post(self, path: str, document, key: str | None = KEY, headers: dict | None = None) -> Answer:
        return self.request("POST", path, json.dumps(document).encode(), {"Content-Type": "application/json", **(headers or {})}, key)

    def ingest(self, lines: list[bytes] | bytes, key: str = KEY, compress: bool = False) -> Answer:
        body = lines if isinstance(lines, bytes) else b"\n".join(lines) + b"\n"
        headers = {"Content-Type": "application/x-ndjson"}
        if compress:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return self.request("POST", "/api/v1/events", body, headers, key)

    def all_items(self, path: str, key: str = KEY) -> list:
        items, cursor = [], None
        joiner = "&" if "?" in path else "?"
        while True:
            answer = self.get(path + (f"{joiner}cursor={cursor}" if cursor else ""), key)
            assert answer.status == 200, answer.body
            page = answer.json
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items


def wait_until(condition, seconds: float, what: str):
    """Asks until it is so. `seconds` is ample on a machine of its own; an overbooked one gets `PATIENCE` times as long before the
    server counts as hung. Nothing here is a promise about speed."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if result := condition():
                return result
        except (ConnectionError, OSError, http.client.HTTPException):
            pass
        threading.Event().wait(0.02)
    raise AssertionError(f"waited {seconds} s for: {what}")


def event(site="S-1", kind="telemetry.metric", payload=None, at="2026-01-02T03:04:05.678Z", tenant=TENANT, **more) -> dict:
    return {
        "event_id": str(uuid.uuid4()), "event_type": kind, "tenant_id": tenant, "site_id": site, "timestamp": at,
        "version": "1.0", "payload": {"metric": "m", "value": 1.5} if payload is None else payload, "metadata": {}, **more,
    }


def line(document: dict) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def towerco(*arguments, stdin: bytes | None = None, check: int | None = 0, env: dict | None = None) -> subprocess.CompletedProcess:
    result = subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, timeout=600, cwd=ROOT,
                            env={**os.environ, **(env or {})})
    if check is not None:
        assert result.returncode == check, f"{arguments}: exit {result.returncode}\n{result.stderr.decode()[-4000:]}"
    return result


@pytest.fixture(scope="session", autouse=True)
def binary():
    assert BINARY.exists(), f"{BINARY} is missing: run `swift build` first"
    return BINARY


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="towerco-it.") as path:
        yield pathlib.Path(path)


@pytest.fixture
def server(folder):
    running = Server(folder / "data").start()
    yield running
    if running.process.poll() is None:
        running.stop()
