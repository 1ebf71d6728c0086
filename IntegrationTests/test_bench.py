"""`towerco bench`: real runs of the real binary, small enough for every change; no test looks at a time."""

import json

import pytest

from conftest import KEY, TENANT, towerco

FIELDS = {
    "name", "events", "bytes", "wall_s", "cpu_s", "events_per_s", "events_per_cpu_s", "other_cpu_s", "cores", "machine", "durability",
    "topics", "batch", "callers", "version", "date",
}


def once(pairs: list[tuple]) -> dict:
    assert len({name for name, _ in pairs}) == len(pairs), f"a name comes twice: {[name for name, _ in pairs]}"
    return dict(pairs)


def results(run, durability: str = "synced") -> list[dict]:
    lines = [json.loads(text, object_pairs_hook=once) for text in run.stdout.splitlines()]
    for result in lines:
        assert FIELDS <= result.keys(), FIELDS - result.keys()
        assert result["durability"] == durability
    return lines


@pytest.mark.parametrize("arguments", [["bench"], *(["bench", name] for name in (
    "append", "fetch", "ingest", "topics", "recovery", "start", "storm", "correlate", "fleet", "ledgers", "links", "events", "all"))])
def test_every_benchmark_explains_itself(arguments):
    assert "USAGE: towerco bench" in towerco(*arguments, "--help").stdout.decode()


def test_append_prints_a_line_a_run_and_a_summary(folder):
    run = towerco("bench", "append", "--events", 2000, "--topics", 100, "--pairs", 2, "--json", folder / "out.ndjson")
    first, second, summary = results(run)
    assert [first["name"], second["name"], summary["name"]] == ["append", "append", "append.summary"]
    assert first["events"] == 2000 and first["topics"] == 100 and first["bytes"] > 2000 * 370
    assert summary["runs"] == 2 and summary["events_per_s_lowest"] <= summary["events_per_s_median"] <= summary["events_per_s_highest"]
    assert (folder / "out.ndjson").read_bytes() == run.stdout
    assert b"append 1 of 2" in run.stderr


def test_topics_tell_what_share_each_side_keeps():
    lines = results(towerco("bench", "topics", "--counts", "1,300", "--events", 2000, "--pairs", 1))
    kept = {line["topics"]: line["kept_median"] for line in lines if line["name"] == "topics.summary"}
    assert kept[1] == 1 and kept[300] > 0


def test_fetch_reads_everything_that_was_written():
    lines = results(towerco("bench", "fetch", "--events", 2000, "--topics", 50, "--seconds", 60))
    assert {line["name"]: line["events"] for line in lines} == {"fetch.records": 2000, "fetch.blocks": 2000, "fetch.topic": 2000}


def test_recovery_opens_after_a_clean_end_and_after_a_kill():
    closed, killed = results(towerco("bench", "recovery", "--gigabytes", "0.002", "--topics", 50))
    assert closed["name"] == "recovery.closed" and killed["name"] == "recovery.killed"
    assert closed["damaged_ranges"] == 0 and killed["damaged_ranges"] == 0
    assert killed["bytes"] >= closed["bytes"] > 0 and closed["topics"] == 50


@pytest.mark.parametrize("arguments, name, callers", [
    (["--batch", 500], "ingest.batch", 8),
    (["--batch", 1], "ingest.single", 64),
    (["--rate", 20000, "--batch", 100, "--seconds", 60], "ingest.latency", 8),
])
def test_ingest_starts_a_server_and_checks_what_it_took(arguments, name, callers):
    (result,) = results(towerco("bench", "ingest", "--events", 2000, "--sites", 100, "--seconds", 60, "--warmup", 0, *arguments))
    assert result["name"] == name and result["events"] == 2000 and result["callers"] == callers
    assert result["duplicates"] == result["rejected"] == result["refused"] == 0
    assert ("p99.9_ms" in result) == (name == "ingest.latency"), "latency is told only at a stated rate"
    if name == "ingest.latency":
        assert result["unsent"] == 0
        assert 0 < result["p50_ms"] <= result["p99_ms"] <= result["p99.9_ms"] <= result["max_ms"]


def test_ingest_on_a_running_server_fills_its_log_and_fails_on_duplicates(server):
    where = ["--url", f"http://127.0.0.1:{server.port}", "--key", KEY, "--tenant", TENANT, "--seed", 5, "--warmup", 0]
    load = ["--events", 1000, "--batch", 100, "--sites", 20, "--connections", 2, "--server-pid", server.process.pid]
    (result,) = results(towerco("bench", "ingest", *where, *load))
    assert result["events"] == 1000
    held = {item["topic"]: item for item in server.all_items("/api/v1/topics")}
    assert any("sites" in topic for topic in held)
    again = towerco("bench", "ingest", *where, *load, check=1)
    assert b"duplicates" in again.stderr and b"did not take what was sent" in again.stderr and not again.stdout


def test_ingest_without_a_server_says_so():
    run = towerco("bench", "ingest", "--url", "http://127.0.0.1:1", "--key", "k", check=1)
    assert b"Is the server running there?" in run.stderr


@pytest.mark.parametrize("arguments", [
    ["append", "--batch", 0], ["topics", "--counts", "1,x"], ["ingest", "--connections", 100000], ["ingest", "--url", "nonsense"],
    ["recovery", "--gigabytes", 0], ["ingest", "--rate", 0],
])
def test_wrong_use_is_told_apart(arguments):
    assert towerco("bench", *arguments, check=2).stderr


def test_events_are_what_the_door_accepts(server):
    made = towerco("bench", "events", "--events", 1500, "--sites", 50, "--tenant", TENANT).stdout
    assert made.count(b"\n") == 1500 and len({json.loads(text)["event_id"] for text in made.splitlines()}) == 1500
    assert server.ingest(made).json["accepted"] == 1500


def test_a_fleet_without_faults_is_measured_day_by_day():
    run = towerco("bench", "fleet", "--sites", 20, "--metrics", 10, "--hours", 36, "--minutes", 30)
    # Nothing is written, so nothing is durable.
    days = results(run, durability="none")
    assert [(day["hours"], day["events"]) for day in days] == [(24, 20 * 48), (36, 20 * 24)]
    assert all(day["bytes_per_series"] >= 0 and day["samples_per_cpu_s"] > 0 for day in days)
    assert towerco("bench", "fleet", "--metrics", 0, check=2).stderr


def test_links_says_of_each_seed_and_kind_what_was_left_out_and_what_came_back():
    arguments = ("bench", "links", "--seeds", "3,4", "--sites", 20, "--days", 2, "--telemetry-period", 86400, "--hidden", 0.5)
    lines = results(towerco(*arguments), durability="none")
    assert [(line["name"], line.get("seed")) for line in lines] == [
        ("links.feeder", 3), ("links.upstream", 3), ("links.feeder", 4), ("links.upstream", 4), ("links.feeder.all", None), ("links.upstream.all", None)]
    for line in lines:
        assert line["hidden"] > 0 and 0 <= line["right"] <= line["proposed"]
        assert line["recall"] == line["right"] / line["hidden"] and (line["precision"] is None) == (line["proposed"] == 0)
    assert lines[4]["hidden"] == lines[0]["hidden"] + lines[2]["hidden"]
    chosen = [(line["name"], line["hidden"], line["proposed"]) for line in results(towerco(*arguments), durability="none")]
    assert chosen == [(line["name"], line["hidden"], line["proposed"]) for line in lines]
    assert b"--hidden takes" in towerco("bench", "links", "--hidden", 1, check=2).stderr
    assert b"--seeds takes" in towerco("bench", "links", "--seeds", "x", check=2).stderr


@pytest.mark.parametrize("arguments, name", [([], "ledgers.fuel"), (["--battery"], "ledgers.battery")])
def test_ledgers_counts_what_was_taken_and_what_was_found(arguments, name):
    line, = results(towerco("bench", "ledgers", *arguments, "--site-months", 6, "--days", 15, "--seed", 2), durability="none")
    assert line["name"] == name and line["events"] > 1_000 and line["site_months"] == pytest.approx(3) and line["false_a_site_month"] >= 0
    kinds = [field.removesuffix("_losses") for field in line if field.endswith("_losses")]
    assert kinds
    for kind in kinds:
        assert line[f"{kind}_losses"] > 0 and 0 <= line[f"{kind}_recall"] <= 1
