"""Starts beside the ids that an earlier life kept: duplicates are known after kill -9, whatever became of the files."""

import shutil

import pytest

from conftest import Server, event, line, wait_until

WINDOW = 20_000
# Above one block of ids, so that some are in a file and some are not when the process is killed.
EVENTS = 40_000


def fill(server: Server) -> list[bytes]:
    lines = [line(event(site=f"R-{number % 7}")) for number in range(EVENTS)]
    for start in range(0, EVENTS, 2000):
        assert server.ingest(lines[start:start + 2000]).json["accepted"] == 2000
    return lines


def started(folder) -> Server:
    return Server(folder / "data", "--set", f"ingest.dedupe.window_events={WINDOW}").start()


def told(server: Server) -> list[str]:
    return [text for text in server.log if "newest event ids" in text]


def check(server: Server, lines: list[bytes]) -> None:
    newest = lines[-WINDOW:]
    for start in range(0, WINDOW, 2000):
        assert server.ingest(newest[start:start + 2000]).json["duplicates"] == 2000
    assert server.ingest([line(event(site="R-new"))]).json["accepted"] == 1, "a new id is not taken for an old one"


def test_ids_are_known_after_kills_and_after_a_clean_end(folder):
    server = started(folder)
    lines = fill(server)
    ids = folder / "data" / "ids"
    wait_until(lambda: sum(file.stat().st_size for file in ids.iterdir()) > 16 * WINDOW, 60, "ids are written while it runs")
    server.kill()
    for round_ in range(3):
        server = started(folder)
        assert not told(server), told(server)
        check(server, lines)
        if round_ == 1:
            assert server.stop() == 0
        else:
            server.kill()


def cut(file):
    file.write_bytes(file.read_bytes()[:-5000])


def flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 4
    file.write_bytes(content)


def behead(file):
    file.write_bytes(b"\0" * file.stat().st_size)


@pytest.mark.parametrize("harm", [cut, flip, behead])
def test_files_that_were_harmed_are_not_believed(folder, harm):
    server = started(folder)
    lines = fill(server)
    server.kill()
    for file in (folder / "data" / "ids").iterdir():
        harm(file)
    server = started(folder)
    assert len(told(server)) == 1, "one line says so"
    check(server, lines)
    server.kill()
    server = started(folder)
    assert not told(server), "what was read from the log is kept again"
    check(server, lines)
    server.kill()


def test_without_the_files_or_beside_those_of_another_log_the_log_is_read(folder):
    (folder / "other").mkdir()
    other = started(folder / "other")
    fill(other)
    other.kill()
    server = started(folder)
    lines = fill(server)
    server.kill()
    shutil.rmtree(folder / "data" / "ids")
    server = started(folder)
    assert len(told(server)) == 1
    check(server, lines)
    server.kill()
    shutil.rmtree(folder / "data" / "ids")
    shutil.copytree(folder / "other" / "data" / "ids", folder / "data" / "ids")
    server = started(folder)
    assert len(told(server)) == 1
    check(server, lines)
    server.kill()
