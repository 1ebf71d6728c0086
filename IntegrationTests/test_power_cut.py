"""T-02: the power goes while clients write. ext4 is shut down without flushing its journal, mounted anew, and opened."""

import random
import threading

import pytest

from accounting import Ledger, rounds
from conftest import Server
from disks import LoopDisk, may_mount

ROUNDS = rounds(6, 500, 2000)


@pytest.fixture
def disk(folder):
    reason = may_mount()
    if reason:
        pytest.fail(f"a power cut cannot be tried here: {reason}")
    made = LoopDisk(folder)
    yield made
    made.unmount()


def test_what_was_acknowledged_survives_power_cuts(disk):
    rng = random.Random(20260103)
    ledger = Ledger("P")
    server = Server(disk.path / "data", env={"TOWERCO_JOURNAL_SEGMENT_BYTES": str(1 << 20)})
    server.start()
    for number in range(ROUNDS):
        ledger.start(server, padding=400)
        threading.Event().wait(rng.uniform(0.02, 0.4))  # the moment of the cut, not a wait for something
        disk.cut()
        server.kill()
        ledger.stop()
        disk.remount()
        server.start()
        if number % 50 == 49 or ROUNDS <= 50:
            ledger.check(server, f"power cut {number + 1}")
    ledger.check(server, "at the end")
    assert ledger.total > ROUNDS * 6, "the rounds must have written something"
    print(f"{ROUNDS} power cuts, {ledger.total} acknowledged events, 0 lost")
    assert server.stop() == 0
