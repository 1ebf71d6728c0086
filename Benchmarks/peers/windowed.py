"""A client for line protocols whose answers are counted: each connection keeps one batch under way, as the HTTP client does.

Requests are made before the clock starts, so that Python's slowness is not the peer's.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable

from .measure import Broken


# Bytes, and the number of answers they ask for.
Batch = tuple[bytes, int]


class Connection:
    def __init__(self, port: int, batches: list[Batch], greeting: Callable[[socket.socket], None] | None):
        self.waiting = iter(batches)
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if greeting:
            greeting(self.socket)
        self.socket.setblocking(False)
        self.unsent = memoryview(b"")
        self.expected = 0
        self.rest = b""


def run(port: int, plans: list[list[Batch]], *, count: Callable[[bytes], tuple[int, bytes]],
        greetings: list[Callable[[socket.socket], None]] | None = None) -> int:
    """Sends every batch, waits for as many answers as it says.

    :param plans: for each connection, what it sends.
    :param count: takes received bytes, gives the number of whole answers in them and what is left over; raises `Broken` on
        an error among them.
    :param greetings: for each connection, what it says first.
    :returns: the number of answers.
    """
    selector = selectors.DefaultSelector()
    answered = 0
    running = 0
    deadline = time.monotonic() + 600

    def begin(connection: Connection) -> bool:
        batch = next(connection.waiting, None)
        if batch is None:
            return False
        connection.unsent, connection.expected = memoryview(batch[0]), connection.expected + batch[1]
        push(connection)
        return True

    def push(connection: Connection) -> None:
        while connection.unsent:
            try:
                connection.unsent = connection.unsent[connection.socket.send(connection.unsent):]
            except BlockingIOError:
                break
        selector.modify(
            connection.socket, selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0), connection)

    everyone = [
        Connection(port, plan, greetings[number] if greetings else None) for number, plan in enumerate(plans)]
    for connection in everyone:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        running += begin(connection)
    while running:
        if time.monotonic() > deadline:
            raise Broken("not all answers came within ten minutes")
        for key, events in selector.select(5):
            connection = key.data
            if events & selectors.EVENT_WRITE:
                push(connection)
            if not events & selectors.EVENT_READ:
                continue
            try:
                received = connection.socket.recv(1 << 20)
            except BlockingIOError:
                continue
            if not received:
                raise Broken("the server closed a connection")
            found, connection.rest = count(connection.rest + received)
            answered += found
            connection.expected -= found
            if connection.expected <= 0 and not connection.unsent:
                running -= not begin(connection)
    for connection in everyone:
        connection.socket.close()
    selector.close()
    return answered
