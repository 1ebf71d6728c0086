"""`towerco learn`: a fleet whose lags are not those of the shipped stories teaches them, and what was learned can be taken back."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import re
import subprocess

from conftest import BINARY

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


def test_mistakes_are_named(tmp_path):
    incidents = tmp_path / "incidents.ndjson"
    incidents.write_text('{"no": "incident"}\n')
    stories = tmp_path / "stories"
    assert "is no incident" in run("learn", "--directory", stories, "--input", incidents, status=1)
    assert "There is no version 7" in run("learn", "--directory", stories, "--rollback", 7, status=1)
    assert "--directory" in run("learn", "--list", status=2)


def test_versions_that_cannot_be_listed_are_not_taken_for_none(tmp_path):
    stories = tmp_path / "stories"
    stories.mkdir()
    (stories / "versions").write_text("no folder")
    said = run("learn", "--directory", stories, "--list", status=1)
    assert "Could not list the learned versions" in said and "versions" in said
    assert (stories / "versions").read_text() == "no folder"
