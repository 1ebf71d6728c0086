"""`towerco learn`: a fleet whose lags are not those of the shipped stories teaches them, and what was learned can be taken back."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import subprocess

from conftest import BINARY, KEY, Server, wait_until

SHIFTED = "scenario S17\ninstances 20 per 100 sites and day\nholdover uniform 26 h 30 h\n"
PHASE = re.compile(r'story: "satellite timing lost", node: (\d+), is: sync.phase_error, lag: ([\d.]+) (\.\.|~) ([\d.]+) s')


def run(*arguments, status: int = 0, stories: pathlib.Path | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TOWERCO_")}
    if stories:
        environment["TOWERCO_CAUSALITY_DIRECTORY"] = str(stories)
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def history(folder: pathlib.Path) -> pathlib.Path:
    """Incidents of a fleet whose clocks hold over for 26 to 30 hours."""
    (folder / "shifted.scenario").write_text(SHIFTED)
    run("simulate", "--sites", 60, "--hours", 120, "--scenario", "S17", "--scenario-file", folder / "shifted.scenario", "--background", 0,
        "--telemetry-period", 86400, "--seed", 5, "--out", folder / "events.ndjson", "--truth", folder / "truth.ndjson")
    run("analyze", "--input", folder / "events.ndjson", "--emit", "incidents", "--out", folder / "incidents.ndjson")
    return folder / "incidents.ndjson"


def newest(path: pathlib.Path) -> dict[str, dict]:
    found = {}
    for line in path.read_text().splitlines():
        snapshot = json.loads(line)
        found[snapshot["incident_id"]] = snapshot
    return found


def tree(folder: pathlib.Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.yaml")) if "versions" not in path.parts
    }


def test_lags_of_another_fleet_are_learned_told_in_incidents_and_taken_back(tmp_path):
    incidents = history(tmp_path)
    stories = tmp_path / "stories"
    stories.mkdir()
    verdicts = tmp_path / "verdicts.ndjson"
    judged = [
        {"incident_id": number, "verdict": "confirm"} for number, snapshot in newest(incidents).items()
        if snapshot["root_cause_candidates"][0]["condition"] == "sync.gnss_lost"
    ]
    assert len(judged) >= 15
    verdicts.write_text("".join(json.dumps(line) + "\n" for line in judged))
    command = ("learn", "--directory", stories, "--input", incidents, "--verdicts", verdicts)

    said = run(*command, "--dry-run")
    assert "nothing was written" in said and not list(stories.rglob("*"))
    said = run(*command)
    before, after = map(float, re.search(r"a lag: (-?[\d.]+) as shipped, (-?[\d.]+) as learned", said).groups())
    assert after > before + 0.1, said

    first = (stories / "90-learned.yaml").read_text()
    _, low, kind, high = PHASE.search(first).groups()
    assert kind == "..", first
    # The shipped lag begins at a few hours; what is learned lies well towards 26 to 30.
    assert 15 * 3600 < float(low) < 27 * 3600 and 26 * 3600 < float(high) < 33 * 3600, first
    assert "all sound" in run("causality", "check", "--directory", stories)

    # The engine says with what it opened an incident.
    run("analyze", "--input", tmp_path / "events.ndjson", "--emit", "incidents", "--out", tmp_path / "again.ndjson", stories=stories)
    opened = [json.loads(line)["reason"] for line in (tmp_path / "again.ndjson").read_text().splitlines()]
    assert any(reason.startswith("opened with stories learned-1") for reason in opened)

    # Learning goes from the files: the same history gives the same changes under the next number.
    run(*command)
    second = (stories / "90-learned.yaml").read_text()
    assert second == first.replace("learned-1", "learned-2")
    assert re.search(r"^\* 2 ", run("learn", "--directory", stories, "--list"), re.M)

    run("learn", "--directory", stories, "--rollback", 1)
    assert (stories / "90-learned.yaml").read_text() == first
    run("learn", "--directory", stories, "--rollback", 0)
    assert tree(stories) == {}
    run("analyze", "--input", tmp_path / "events.ndjson", "--emit", "incidents", "--out", tmp_path / "back.ndjson", stories=stories)
    assert (tmp_path / "back.ndjson").read_bytes() == incidents.read_bytes()


def test_rejected_roots_and_few_cases_teach_nothing(tmp_path):
    incidents = history(tmp_path)
    stories = tmp_path / "stories"
    stories.mkdir()
    verdicts = tmp_path / "verdicts.ndjson"
    verdicts.write_text("".join(json.dumps({"incident_id": number, "verdict": "reject"}) + "\n" for number in newest(incidents)))
    said = run("learn", "--directory", stories, "--input", incidents, "--verdicts", verdicts)
    assert "Nothing to change" in said and not list(stories.rglob("*"))


def served(folder: pathlib.Path) -> tuple[Server, list[dict]]:
    """A server that has seen the fleet of `history`, and its incidents."""
    expected = newest(history(folder))
    server = Server(folder / "data").start()
    lines = (folder / "events.ndjson").read_bytes().splitlines()
    tenant = json.loads(lines[0])["tenant_id"]
    lines = [line.replace(f'"tenant_id":"{tenant}"'.encode(), b'"tenant_id":"acme"') for line in lines]
    for first in range(0, len(lines), 5000):
        assert server.ingest(lines[first:first + 5000]).status == 202
    everything = "/api/v1/incidents?status=open,acknowledged,resolved,auto_closed,merged&limit=200"
    roots = sum(snapshot["root_cause_candidates"][0]["condition"] == "sync.gnss_lost" for snapshot in expected.values())
    found: list[dict] = []

    def is_there() -> bool:
        found[:] = server.all_items(everything)
        lag = [group["offset_lag"] for group in server.get("/api/v1/consumer-groups").json["items"]]
        return not any(lag) and sum(view["snapshot"]["root_cause_candidates"][0]["condition"] == "sync.gnss_lost" for view in found) >= roots - 2

    wait_until(is_there, 300, "the fleet's incidents")
    return server, found


def test_what_people_say_in_the_api_is_learned_from_the_server_and_from_its_log(tmp_path):
    server, found = served(tmp_path)
    url = ("--url", f"http://127.0.0.1:{server.port}", "--key", KEY)
    alone = tmp_path / "alone"
    alone.mkdir()
    first = run("learn", "--directory", alone, *url, "--dry-run")
    assert "people said: 0 causes confirmed or corrected, 0 rejected, 0 merged into another, 0 split off" in first

    def judge(view: dict, body: dict) -> None:
        answer = server.post(f"/api/v1/incidents/{view['number']}/verdict", body, headers={"Idempotency-Key": f"{view['number']}-{body['verdict']}"})
        assert answer.status in (200, 202), answer.body

    lost = [view for view in found if view["snapshot"]["root_cause_candidates"][0]["condition"] == "sync.gnss_lost"]
    for view in lost:
        judge(view, {"verdict": "confirmed"})
    others = [view for view in found if view not in lost and view["status"] != "merged"]
    for view in others[:2]:
        judge(view, {"verdict": "rejected", "reason": "nothing of the kind"})
    # Changed its mind: the last word counts, whatever was said before.
    site = lost[0]["snapshot"]["site_id"]
    judge(lost[0], {"verdict": "corrected", "cause": {"site_id": site, "condition": "sync.gnss_lost"}, "reason": "seen on the roof"})
    refused = server.post(f"/api/v1/incidents/{lost[0]['number']}/verdict", {"verdict": "confirmed", "candidate": {"condition": "grid.lost"}})
    assert refused.status == 400, refused.body
    page = wait_until(lambda: (view := server.get(f"/api/v1/incidents/{lost[0]['number']}").json).get("verdict", {}).get("verdict") == "corrected" and view,
                      60, "the verdict")
    assert page["verdict"]["cause"]["condition"] == "sync.gnss_lost" and page["verdict"]["actor"]
    assert [entry["event_type"] for entry in page["history"]].count("incident.cause_judged") == 2
    wait_until(lambda: sum("verdict" in view for view in server.all_items("/api/v1/incidents?status=open,acknowledged,resolved,auto_closed")) >= len(lost) + len(others[:2]),
               60, "all verdicts")
    causes = server.get("/api/v1/causality/causes").json["items"]
    assert {"condition": "sync.gnss_lost", "label": "Satellite timing lost", "place": "site"} in causes

    stories = tmp_path / "stories"
    stories.mkdir()
    said = run("learn", "--directory", stories, *url)
    assert f"people said: {len(lost)} causes confirmed or corrected, {len(others[:2])} rejected" in said, said
    from_server = (stories / "90-learned.yaml").read_text()
    _, low, kind, high = PHASE.search(from_server).groups()
    assert kind == ".." and 15 * 3600 < float(low) < 27 * 3600 and 26 * 3600 < float(high) < 33 * 3600, from_server
    # What the engine alone would teach is less, or the same lag from half the weight.
    engine_alone = tmp_path / "engine"
    engine_alone.mkdir()
    plain = run("learn", "--directory", engine_alone, "--input", tmp_path / "incidents.ndjson")
    learned = PHASE.search((engine_alone / "90-learned.yaml").read_text()) if (engine_alone / "90-learned.yaml").exists() else None
    assert learned is None or learned.groups() != PHASE.search(from_server).groups(), plain

    # The log of the stopped server says the same.
    assert server.stop() == 0
    again = tmp_path / "again"
    again.mkdir()
    run("learn", "--directory", again, "--data", tmp_path / "data", "--tenant", "acme")
    assert (again / "90-learned.yaml").read_text() == from_server
    assert "0 incidents" in run("learn", "--directory", again, "--data", tmp_path / "data", "--tenant", "rival", "--dry-run")
    run("learn", "--directory", stories, "--rollback", 0)
    assert tree(stories) == {}


def test_mistakes_are_named(tmp_path):
    incidents = tmp_path / "incidents.ndjson"
    incidents.write_text('{"no": "incident"}\n')
    stories = tmp_path / "stories"
    assert "is no incident" in run("learn", "--directory", stories, "--input", incidents, status=1)
    assert "There is no version 7" in run("learn", "--directory", stories, "--rollback", 7, status=1)
    assert "--directory" in run("learn", "--list", status=2)
    assert "--input, --url and --data" in run("learn", "--directory", stories, "--input", incidents, "--data", tmp_path, status=2)


def test_versions_that_cannot_be_listed_are_not_taken_for_none(tmp_path):
    stories = tmp_path / "stories"
    stories.mkdir()
    (stories / "versions").write_text("no folder")
    said = run("learn", "--directory", stories, "--list", status=1)
    assert "Could not list the learned versions" in said and "versions" in said
    assert (stories / "versions").read_text() == "no folder"
