"""Servers that notifications arrive at: an HTTP endpoint and a mail relay, each in this process on a free port."""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import http.server
import json
import pathlib
import socket
import ssl
import subprocess
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Hook:
    """An endpoint that keeps what was posted. `status` is what it answers; `location` where it redirects to."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1"):
        self.requests: list[dict] = []
        self.status, self.location, self.hold = 200, None, None
        self.arrived = threading.Condition()
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with hook.arrived:
                    hook.requests.append({"path": self.path, "headers": dict(self.headers.items()), "body": body})
                    hook.arrived.notify_all()
                if hook.hold:
                    hook.hold.wait(60)
                try:
                    self.send_response(hook.status)
                    if hook.location:
                        self.send_header("Location", hook.location)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass  # The sender was killed while we held it.

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((host, port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://{host}:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def wait(self, count: int, seconds: float = 60) -> list[dict]:
        deadline = time.monotonic() + seconds
        with self.arrived:
            while len(self.requests) < count:
                left = deadline - time.monotonic()
                assert left > 0, f"waited {seconds} s for {count} posts, there are {len(self.requests)}"
                self.arrived.wait(left)
            return list(self.requests)


def check_signature(request: dict, secret: str) -> None:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    stamp = headers["x-towerco-timestamp"]
    expected = hmac.new(secret.encode(), stamp.encode() + b"." + request["body"], hashlib.sha256).hexdigest()
    assert headers["x-towerco-signature"] == "sha256=" + expected
    assert abs(int(stamp) - time.time()) < 300


def delivery(request: dict) -> dict:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    document = json.loads(request["body"])
    assert headers["idempotency-key"] == document["delivery_id"] and headers["content-type"] == "application/json"
    return document


def certificate(folder: pathlib.Path, name: str = "localhost") -> tuple[pathlib.Path, pathlib.Path]:
    """A certificate for `name` that vouches for itself, and its key."""
    chain, key = folder / "relay.pem", folder / "relay.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key,
         "-out", chain, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True)
    return chain, key


class Relay:
    """A mail relay with STARTTLS and a login, as a submission server has them."""

    USER, PASSWORD = "noc", "relay-pässword"

    def __init__(self, folder: pathlib.Path, tls: bool = True):
        self.messages: list = []
        self.arrived = threading.Condition()
        self.refuse: str | None = None
        self.was_secure: list[bool] = []
        relay = self

        class Handler:
            async def handle_DATA(self, server, session, envelope):
                if relay.refuse:
                    return relay.refuse
                with relay.arrived:
                    relay.was_secure.append(session.ssl is not None)
                    relay.messages.append((envelope, email.message_from_bytes(envelope.content, policy=email.policy.default)))
                    relay.arrived.notify_all()
                return "250 taken"

        def authenticate(server, session, envelope, mechanism, data):
            right = (data.login.decode(), data.password.decode()) == (relay.USER, relay.PASSWORD)
            return AuthResult(success=right, handled=False)

        options = {}
        self.ca_file = None
        if tls:
            chain, key = certificate(folder)
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(chain, key)
            self.ca_file = chain
            options = {"tls_context": context, "require_starttls": True, "authenticator": authenticate, "auth_required": True}
        self.controller = Controller(Handler(), hostname="127.0.0.1", port=0, **options)
        # Port 0 takes a free one; the controller's first connection, by which it knows that it runs, has to find it.
        self.controller._trigger_server = lambda: socket.create_connection(("127.0.0.1", self._bound())).close()
        self.controller.start()
        self.port = self._bound()

    def _bound(self) -> int:
        return self.controller.server.sockets[0].getsockname()[1]

    def close(self):
        self.controller.stop()

    def wait(self, count: int, seconds: float = 60) -> list:
        deadline = time.monotonic() + seconds
        with self.arrived:
            while len(self.messages) < count:
                left = deadline - time.monotonic()
                assert left > 0, f"waited {seconds} s for {count} mails, there are {len(self.messages)}"
                self.arrived.wait(left)
            return list(self.messages)
