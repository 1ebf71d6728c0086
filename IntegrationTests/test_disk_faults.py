"""A disk that is full, fails or is slow under the real binary: refused in time, nothing acknowledged lost, and it goes on."""

import pathlib
import resource
import threading
import uuid

import pytest

from accounting import Ledger, rounds
from conftest import Server, event, line, wait_until
from disks import Injection, MemoryLimit, SmallDisk, may_mount

SMALL_SEGMENTS = {"TOWERCO_JOURNAL_SEGMENT_BYTES": str(1 << 20)}


@pytest.fixture
def small(folder):
    reason = may_mount()
    if reason:
        pytest.fail(f"a full disk cannot be tried here: {reason}")
    made = SmallDisk(folder, megabytes=64)
    yield made
    made.unmount()


@pytest.fixture
def servers():
    """Servers on disks that go away: ended before their disk is unmounted."""
    running: list[Server] = []
    yield running
    for server in running:
        if server.process and server.process.poll() is None:
            server.kill()


def write_until_refused(ledger: Ledger, server: Server) -> None:
    ledger.start(server, padding=2000)
    ledger.join(120, "writing on a full disk without a refusal")


def test_a_full_disk_refuses_in_time_and_goes_on_when_there_is_room(small, servers):
    ledger = Ledger("F")
    server = Server(small.path / "data", env=SMALL_SEGMENTS)
    servers.append(server)
    server.start()
    ledger.start(server, padding=500)
    wait_until(lambda: ledger.total > 500, 60, "the first events")
    ledger.stop()
    for stage in range(3):
        ballast = small.fill()
        before = ledger.refused.total()
        write_until_refused(ledger, server)
        assert ledger.refused.total() > before
        assert set(ledger.refused) <= {507, 429, 503}, ledger.refused
        assert ledger.without_retry_after == 0, "a refusal did not say when to come back"
        if stage == 1:  # Half a stage later: the same once more over a restart on the full disk.
            server.kill()
            ballast.unlink()
            server.start()
        else:
            ballast.unlink()
        one = event(site="F-extra")
        wait_until(lambda: server.ingest([line(one)]).status == 202, 30, "writing goes on once there is room")
        ledger.check(server, f"stage {stage}")
        assert one["event_id"] in {i["event"]["event_id"] for i in server.all_items("/api/v1/events?site_id=F-extra")}
    server.kill()
    server.start()
    ledger.check(server, "after a restart")
    assert server.stop() == 0


@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EINTR"])
def test_after_a_failed_sync_nothing_is_acknowledged_until_a_restart(folder, servers, error):
    """T-07: the Nth sync fails, in the process as it really runs."""
    for nth in range(1, rounds(3, 20, 60) + 1):
        ledger = Ledger("E")
        server = Server(folder / f"data-{error}-{nth}")
        servers.append(server)
        server.start()
        ledger.start(server)
        wait_until(lambda: ledger.total > 50, 60, "the first events")
        injection = Injection(server.process.pid, f"fdatasync:error={error}:when={nth}", folder / f"strace-{error}-{nth}")
        wait_until(lambda: injection.hits, 60, "the failing sync")
        injection.detach()
        ledger.stop()
        fenced = server.ingest([line(event(site="E-after"))])
        if set(ledger.refused):
            # The journal's own sync failed (some other file's may have been the Nth).
            assert fenced.status == 503 and fenced.headers.get("Retry-After"), fenced.body
            assert server.get("/readyz", key=None).status == 503
        server.kill()
        server.start()
        ledger.check(server, f"{error} at sync {nth}")
        assert server.stop() == 0


def test_a_slow_disk_is_told_on_and_memory_stays_bounded(folder, servers):
    """T-08: every sync takes 300 ms; what does not fit the bound is sent away with a time to come back."""
    ledger = Ledger("L")
    server = Server(folder / "data", env={"TOWERCO_JOURNAL_IN_FLIGHT_MAX_BYTES": str(1 << 20)})
    servers.append(server)
    server.start()
    body = b"\n".join(line(event(site=f"Q-{n % 24}", metadata={"padding": "x" * 900})) for n in range(400))
    assert server.ingest(body).status == 202
    rss = lambda: int(pathlib.Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()
    injection = Injection(server.process.pid, "fdatasync:delay_enter=300000", folder / "strace-slow")
    before = rss()
    statuses: list[tuple[int, str | None]] = []

    def push(number: int) -> None:
        for attempt in range(4):
            lines = [line(event(site=f"Q-{n % 24}", metadata={"padding": "x" * 900})) for n in range(400)]
            answer = server.ingest(lines)
            statuses.append((answer.status, answer.headers.get("Retry-After")))

    pushers = [threading.Thread(target=push, args=(n,)) for n in range(12)]
    for thread in pushers:
        thread.start()
    ledger.start(server, goes_on=True)
    for thread in pushers:
        thread.join()
    ledger.stop()
    grown = rss() - before
    injection.detach()
    refused = [(status, after) for status, after in statuses if status != 202]
    assert {status for status, _ in refused} <= {429, 503} and set(ledger.refused) <= {429, 503}
    assert refused or ledger.refused, "12 clients with 400 KB each never exceeded a bound of 1 MB"
    assert all(after for _, after in refused) and ledger.without_retry_after == 0
    assert grown < 200 << 20, f"{grown >> 20} MB more behind a bound of 1 MB"
    ledger.check(server, "after the slow disk")
    assert server.stop() == 0


def test_under_a_memory_limit_it_sheds_and_is_not_killed(folder, servers):
    """T-09: 256 MB, a slow disk, and clients that send without a pause; refused ones come again at once."""
    reason = may_mount()
    if reason:
        pytest.fail(f"a memory limit cannot be tried here: {reason}")
    limit = MemoryLimit(f"towerco-test-{uuid.uuid4().hex[:8]}", megabytes=256)
    ledger = Ledger("M")
    server = Server(folder / "data", env={"TOWERCO_JOURNAL_IN_FLIGHT_MAX_BYTES": str(8 << 20), **SMALL_SEGMENTS})
    try:
        servers.append(server)
        with limit.around_children():
            server.start()
        injection = Injection(server.process.pid, "fdatasync:delay_enter=40000", folder / "strace-memory")
        statuses: list[int] = []

        def push() -> None:
            for _ in range(rounds(8, 200, 2000)):
                lines = [line(event(site=f"N-{n % 24}", metadata={"padding": "x" * 2000})) for n in range(500)]
                statuses.append(server.ingest(lines).status)

        pushers = [threading.Thread(target=push) for _ in range(16)]
        for thread in pushers:
            thread.start()
        ledger.start(server, padding=1000, goes_on=True)
        for thread in pushers:
            thread.join()
        ledger.stop()
        injection.detach()
        assert server.process.poll() is None and limit.kills == 0, "killed for its memory"
        assert len(statuses) == 16 * rounds(8, 200, 2000) and set(statuses) | set(ledger.refused) <= {202, 429, 503}
        assert {429, 503} & (set(statuses) | set(ledger.refused)), "16 clients with a megabyte each never exceeded 8 MB"
        ledger.check(server, "under the limit")
        assert server.stop() == 0
    finally:
        if server.process and server.process.poll() is None:
            server.kill()
        limit.remove()
