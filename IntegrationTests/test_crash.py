"""T-01: kill -9 under load: whatever was acknowledged is there once, in order."""

import random
import threading

from accounting import Ledger, rounds
from conftest import TENANT, Server, event, line

ROUNDS = rounds(50, 2000, 10000)


def test_kills_lose_nothing_double_nothing_and_keep_the_order(folder):
    rng = random.Random(20260102)
    ledger = Ledger("K")
    server = Server(folder / "data")
    for number in range(ROUNDS):
        server.start()
        ledger.start(server)
        threading.Event().wait(rng.uniform(0.02, 0.35))  # the moment of the kill, not a wait for something
        server.kill()
        ledger.stop()
        assert not ledger.refused, ledger.refused
        if number % 500 == 499:
            server.start()
            ledger.check(server, f"kill {number + 1}")
            server.kill()
    assert ledger.total > ROUNDS * 6, "the rounds must have written something"

    server.start()
    ledger.check(server, "at the end")
    resent = event(site="K-0")
    assert server.ingest([line(resent)]).json["accepted"] == 1
    server.kill()
    server.start()
    assert server.ingest([line(resent)]).json["duplicates"] == 1, "ids are remembered over a kill"
    print(f"{ROUNDS} kills, {ledger.total} acknowledged events of {TENANT}, 0 lost")
    assert server.stop() == 0
