"""TLS and SASL in front of brokers that speak neither.

`SecureBrokers` listens once for each mock broker. A connection there is encrypted and shows who it is; from then on its frames go to the
mock broker behind, and the addresses in the answers become those of the front. Framing and SASL requests are those of Kafka's protocol
guide, SCRAM is RFC 5802 with the hashes of RFC 7677.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import select
import socket
import ssl
import struct
import threading

HOST = "localhost"
API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36
UNSUPPORTED_MECHANISM, AUTHENTICATION_FAILED = 33, 58
FRAME_MAX = 64 << 20


class Refused(Exception):
    """The client did not show that it is who it says."""


class Plain:
    """RFC 4616: one message with everything in it."""

    def __init__(self, users: dict[str, str]):
        self.users = users

    def answer(self, token: bytes) -> tuple[bytes, bool]:
        _, user, password = token.split(b"\0")
        if self.users.get(user.decode()) != password.decode():
            raise Refused("Authentication failed: Invalid username or password")
        return b"", True


class Scram:
    """RFC 5802, the server's side: neither the password nor what the server keeps of it goes over the wire."""

    ITERATIONS = 4096
    # Kafka's words, the same for an unknown user and a wrong password.
    REFUSAL = "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM"

    def __init__(self, users: dict[str, str], digest: str, is_strict: bool):
        self.users, self.digest, self.is_strict, self.first = users, digest, is_strict, None

    def salt(self) -> bytes:
        return os.urandom(16)

    def own_nonce(self) -> str:
        return base64.b64encode(os.urandom(18)).decode()

    def _mac(self, key: bytes, message: bytes) -> bytes:
        return hmac.new(key, message, self.digest).digest()

    def answer(self, token: bytes) -> tuple[bytes, bool]:
        return (self._first(token), False) if self.first is None else (self._final(token), True)

    def _first(self, token: bytes) -> bytes:
        channel, _, bare = token.decode().split(",", 2)
        fields = dict(part.split("=", 1) for part in bare.split(","))
        user = fields["n"].replace("=2C", ",").replace("=3D", "=")
        if channel != "n" or user not in self.users:
            raise Refused(self.REFUSAL)
        salt = self.salt()
        self.salted = hashlib.pbkdf2_hmac(self.digest, self.users[user].encode(), salt, self.ITERATIONS)
        self.nonce = fields["r"] + self.own_nonce()
        answer = f"r={self.nonce},s={base64.b64encode(salt).decode()},i={self.ITERATIONS}"
        self.first = f"{bare},{answer}"
        return answer.encode()

    def _final(self, token: bytes) -> bytes:
        without_proof, proof = token.decode().rsplit(",p=", 1)
        message = f"{self.first},{without_proof}".encode()
        stored = hashlib.new(self.digest, self._mac(self.salted, b"Client Key")).digest()
        signature = self._mac(stored, message)
        key = bytes(one ^ other for one, other in zip(base64.b64decode(proof), signature, strict=True))
        nonce = without_proof.removeprefix("c=biws,r=")
        # Kafka up to 3.9 bears with what librdkafka did before 2.6.1: its own nonce once more in front of it. Kafka 4 does not.
        is_nonce = nonce == self.nonce if self.is_strict else nonce.endswith(self.nonce)
        if not is_nonce or not hmac.compare_digest(hashlib.new(self.digest, key).digest(), stored):
            raise Refused(self.REFUSAL)
        return b"v=" + base64.b64encode(self._mac(self._mac(self.salted, b"Server Key"), message))


MECHANISMS = {
    "PLAIN": lambda users, _: Plain(users),
    "SCRAM-SHA-256": lambda users, is_strict: Scram(users, "sha256", is_strict),
    "SCRAM-SHA-512": lambda users, is_strict: Scram(users, "sha512", is_strict),
}


def text(value: str | None) -> bytes:
    return struct.pack(">h", -1) if value is None else struct.pack(">h", len(value.encode())) + value.encode()


def with_sasl(answer: bytes, version: int) -> bytes:
    """A broker's answer to ApiVersions, correlation id first, with the two requests of SASL in its list."""
    added = [(SASL_HANDSHAKE, 0, 1), (SASL_AUTHENTICATE, 0, 1)]
    if version < 3:
        count, = struct.unpack_from(">i", answer, 6)
        entries = b"".join(struct.pack(">hhh", *one) for one in added)
        return answer[:6] + struct.pack(">i", count + len(added)) + answer[10:10 + 6 * count] + entries + answer[10 + 6 * count:]
    count = answer[6] - 1
    assert answer[6] < 126, "lists this long have a count of more than one byte"
    entries = b"".join(struct.pack(">hhhB", *one, 0) for one in added)
    return answer[:6] + bytes([count + 1 + len(added)]) + answer[7:7 + 7 * count] + entries + answer[7 + 7 * count:]


def frame(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


def read_exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ConnectionError("the other side hung up")
        data += more
    return data


def read_frame(connection: socket.socket) -> bytes:
    size, = struct.unpack(">i", read_exactly(connection, 4))
    if not 0 <= size <= FRAME_MAX:
        raise ConnectionError(f"a frame of {size} bytes: this is not Kafka's protocol")
    return read_exactly(connection, size)


class SecureBrokers:
    """A front for the brokers of `bootstrap`.

    - `context`: of TLS; `None` for plain connections.
    - `mechanism` and `users`: of SASL; `None` when nobody has to log in. `users` may be changed while it runs.
    - `is_strict`: SCRAM by the letter, as Kafka 4 has it.
    - `trouble`: instead of any of that, `hang` accepts and says nothing, `garbage` answers with what is no TLS, `cut` hangs up after the
      first bytes.
    """

    def __init__(self, bootstrap: str, context: ssl.SSLContext | None = None, mechanism: str | None = None, users: dict[str, str] | None = None):
        self.context, self.mechanism, self.users, self.trouble, self.is_strict = context, mechanism, dict(users or {}), None, False
        self.logins, self.refusals, self.connections, self.lock = 0, [], set(), threading.Lock()
        self.listeners, self.replacements = [], {}
        for address in bootstrap.split(","):
            host, port = address.split(":")
            listener = socket.create_server(("127.0.0.1", 0))
            self.listeners.append(listener)
            # Of the same length, so that the answers' lengths stay; classic and compact forms both have the port right after the host.
            assert len(host) == len(HOST)
            self.replacements[host.encode() + struct.pack(">i", int(port))] = HOST.encode() + struct.pack(">i", listener.getsockname()[1])
            threading.Thread(target=self._accept, args=(listener, (host, int(port))), daemon=True).start()
        self.pattern = re.compile(b"|".join(re.escape(one) for one in self.replacements), re.DOTALL)
        self.bootstrap = ",".join(f"{HOST}:{one.getsockname()[1]}" for one in self.listeners)

    def cut(self):
        """Ends every connection; clients come again and show anew who they are."""
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        for listener in self.listeners:
            # Wakes the thread that waits in `accept`.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self.listeners = []
        self.cut()

    def _accept(self, listener: socket.socket, behind: tuple[str, int]):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection, behind), daemon=True).start()

    # One connection

    def _serve(self, accepted: socket.socket, behind: tuple[str, int]):
        # The system's socket under whatever TLS puts over it, so that another thread can end it.
        under = accepted.dup()
        with self.lock:
            self.connections.add(under)
        client = accepted
        try:
            if self.trouble:
                self._misbehave(accepted)
                return
            if self.context:
                client = self.context.wrap_socket(accepted, server_side=True)
            with socket.create_connection(behind) as broker:
                if self.mechanism:
                    self._login(client, broker)
                    self.logins += 1
                self._pass(client, broker)
        except Refused as error:
            self.refusals.append(str(error))
            if self.context:
                self._part(client)
        except OSError:
            pass
        finally:
            with self.lock:
                self.connections.discard(under)
            client.close()
            under.close()

    @staticmethod
    def _part(client: ssl.SSLSocket):
        """Says goodbye as TLS wants it, so that it does not look like a cut."""
        try:
            client.settimeout(1)
            client.unwrap()
        except OSError:
            pass

    def _misbehave(self, connection: socket.socket):
        if self.trouble == "hang":
            while connection.recv(1 << 16):
                pass
            return
        connection.recv(64)
        if self.trouble == "garbage":
            connection.sendall(b"220 mail.example ESMTP ready\r\n" * 4)

    def _login(self, client: socket.socket, broker: socket.socket):
        """Answers until the client has shown who it is. What the mock brokers can do, they are asked for."""
        exchange = None
        while True:
            request = read_frame(client)
            key, version, correlation, name = struct.unpack_from(">hhih", request)
            body = request[10 + max(name, 0):]
            if key == API_VERSIONS:
                broker.sendall(frame(request))
                answer = read_frame(broker)
                # A version that the broker does not know is answered in the oldest form.
                error, = struct.unpack_from(">h", answer, 4)
                client.sendall(frame(with_sasl(answer, 0 if error else version)))
            elif key == SASL_HANDSHAKE:
                mechanism = body[2:].decode()
                error = 0 if mechanism == self.mechanism else UNSUPPORTED_MECHANISM
                client.sendall(frame(struct.pack(">ihi", correlation, error, 1) + text(self.mechanism)))
                if error:
                    raise Refused(f"mechanism {mechanism}")
                exchange = MECHANISMS[mechanism](self.users, self.is_strict)
            elif key == SASL_AUTHENTICATE and exchange:
                lifetime = struct.pack(">q", 0) if version else b""
                try:
                    token, is_over = exchange.answer(body[4:])
                except Refused as error:
                    why = struct.pack(">ih", correlation, AUTHENTICATION_FAILED) + text(str(error))
                    client.sendall(frame(why + struct.pack(">i", 0) + lifetime))
                    raise
                client.sendall(frame(struct.pack(">ih", correlation, 0) + text(None) + struct.pack(">i", len(token)) + token + lifetime))
                if is_over:
                    return
            else:
                raise Refused(f"request {key} before a login")

    def _pass(self, client: socket.socket, broker: socket.socket):
        """Both ways in one thread: a TLS connection must not be read and written at once."""
        is_waiting = getattr(client, "pending", lambda: 0)
        while True:
            ready = [client] if is_waiting() else select.select([client, broker], [], [])[0]
            if client in ready:
                data = client.recv(1 << 16)
                if not data:
                    return
                broker.sendall(data)
            if broker in ready:
                client.sendall(frame(self.pattern.sub(lambda found: self.replacements[found[0]], read_frame(broker))))
