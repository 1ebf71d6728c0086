#!/usr/bin/env python3
"""Simulates, analyses and evaluates every scenario at every noise level, and writes docs/SCOREBOARD.md.

    make scoreboard                 a few seeds, minutes
    SEEDS=50 make scoreboard        the whole thing, hours

SEEDS, FIRST (seed), SITES, HOURS, PERIOD (seconds between readings), JOBS and TOWERCO_BINARY change what is run; --out the file. COMMIT
names what was measured when the binary is older than the tree.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEVELS = [
    ("clean", "none"),
    ("10 % missing", "missing=0.1"),
    ("20 % missing", "missing=0.2"),
    ("10 % lying", "lying=0.1"),
    ("10 % missing, 10 % lying", "missing=0.1,lying=0.1"),
    ("20 % missing, 10 % lying", "missing=0.2,lying=0.1"),
]
SYSTEMS = [("towerco", "rows"), ("15 min window", "baseline"), ("DBSCAN", "density"), ("severity first", "severity")]
READINGS = (b'.telemetry"', b'"ran.pm"', b'"rms.heartbeat"')


def setting(name, default):
    return int(os.environ.get(name, default))


def call(binary, *arguments):
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, arguments))}\n{done.stderr}")
    return done


def one_run(binary, folder, options, level, seed):
    """Simulates and analyses one seed; keeps truth, incidents and whatever is no reading."""
    name, noise = level
    stem = folder / f"{LEVELS.index(level)}-{seed}"
    events, raw = stem.with_suffix(".events"), stem.with_suffix(".raw")
    said = call(binary, "simulate", "--sites", options.sites, "--hours", options.hours, "--scenario", "all", "--seed", seed,
                "--noise", noise, "--telemetry-period", options.period, "--out", raw, "--truth", stem.with_suffix(".truth"))
    began = time.monotonic()
    call(binary, "analyze", "--input", raw, "--out", stem.with_suffix(".incidents"))
    seconds = time.monotonic() - began
    count = 0
    with open(raw, "rb") as source, open(events, "wb") as target:
        for line in source:
            count += 1
            if not any(mark in line[:120] for mark in READINGS):
                target.write(line)
    raw.unlink()
    missing = [line for line in said.stderr.splitlines() if "room for" in line]
    print(f"{name}, seed {seed}: {count} events, {seconds:.0f} s", file=sys.stderr, flush=True)
    return {"level": name, "stem": stem, "events": count, "unplaced": missing}


def evaluate(binary, runs):
    arguments = ["evaluate", "--json"]
    for run in runs:
        arguments += ["--results", run["stem"].with_suffix(".incidents"), "--truth", run["stem"].with_suffix(".truth"),
                      "--events", run["stem"].with_suffix(".events"), "--level", run["level"]]
    return json.loads(call(binary, *arguments).stdout)


def percent(value):
    return "–" if value is None else f"{100 * value:.0f} %"


def number(value, digits=2):
    return "–" if value is None else f"{value:.{digits}f}"


def duration(seconds):
    if seconds is None:
        return "–"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def cells(row):
    vain = f"{row['false_dispatches']}/{row['dispatches']}"
    return [percent(row.get("top1")), percent(row.get("top3")), percent(row.get("wrong_and_confident")),
            number(row.get("ece"), 3), number(row.get("v_measure")), number(row.get("alarms_per_incident"), 1),
            str(row["false_incidents"]), number(row.get("false_per_site_week"), 3), vain,
            duration(row.get("rca_seconds_median")), duration(row.get("lead_seconds_median"))]


HEADINGS = ["top-1", "top-3", "wrong and sure", "ECE", "V", "alarms/incident", "false", "false/site·week", "visits in vain",
            "time to RCA", "lead"]


def table(first, rows):
    lines = ["| " + " | ".join(first + HEADINGS) + " |", "|" + "---|" * (len(first) + len(HEADINGS))]
    return lines + ["| " + " | ".join(names + cells(row)) + " |" for names, row in rows]


def losses(boards):
    """Where a baseline beats us on top-1 in a scenario of a level."""
    found = []
    for level, _ in LEVELS:
        ours = {row["scenario"]: row for row in boards[level]["rows"]}
        for name, key in SYSTEMS[1:]:
            for row in boards[level][key]:
                mine = ours[row["scenario"]].get("top1")
                if row.get("top1") is not None and mine is not None and row["top1"] > mine:
                    found.append(f"- {level}, {row['scenario']}: {name} {percent(row['top1'])}, towerco {percent(mine)}")
    return found or ["None."]


def write(path, boards, runs, options, seconds):
    def git(*arguments):
        return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True).stdout.strip()

    commit = os.environ.get("COMMIT") or git("rev-parse", "--short=12", "HEAD")
    dirty = "" if "COMMIT" in os.environ else " with uncommitted changes" if git("status", "--porcelain", "--untracked-files=no") else ""
    lines = [
        "# Scoreboard", "",
        "What the engine says about simulated faults whose truth it never sees (DOMAIN 5.3), beside three baselines on the same "
        "events. Losses are listed like gains. Written by `make scoreboard`; do not edit.", "",
        f"- Command: `SEEDS={options.seeds} FIRST={options.first} SITES={options.sites} HOURS={options.hours} PERIOD={options.period} make scoreboard`",
        f"- Commit: `{commit}`{dirty}",
        f"- {options.seeds} seeds × {len(LEVELS)} noise levels of {options.sites} sites and {options.hours} h, all scenarios; "
        f"{sum(run['events'] for run in runs):,} events; {seconds / 60:.0f} min on {os.cpu_count()} cores", "",
        "Columns: docs/scenarios.md. A fault without an incident counts as wrong.", "", "## Levels and baselines", "",
    ]
    summary = []
    for level, _ in LEVELS:
        for name, key in SYSTEMS:
            summary.append(([level, name], boards[level][key][-1]))
    lines += table(["noise", "system"], summary)
    lines += ["", "Theft told from everything else (towerco):", "", "| noise | thefts | recall | precision |", "|---|---|---|---|"]
    for level, _ in LEVELS:
        theft = boards[level].get("theft") or {}
        lines.append(f"| {level} | {theft.get('thefts', 0)} | {percent(theft.get('recall'))} | {percent(theft.get('precision'))} |")
    for level, _ in LEVELS:
        lines += ["", f"## Scenarios, {level}", ""]
        rows = []
        for row in boards[level]["rows"]:
            count = str(row["faults"]) if row["faults"] else f"({row['benign']})"
            rows.append(([row["scenario"], count, str(row["missed"])], row))
        lines += table(["scenario", "faults", "missed"], rows)
    lines += ["", "In brackets: harmless instances, for which every incident is false.", "", "## Where a baseline wins", ""]
    lines += losses(boards)
    unplaced = sorted({line.split(":")[0] for run in runs for line in run["unplaced"]})
    lines += ["", "## Not placed", "",
              "Scenarios for which at least one run had no room: " + (", ".join(unplaced) or "none") + ".", ""]
    path.write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "SCOREBOARD.md")
    options = parser.parse_args()
    options.seeds, options.sites, options.hours = setting("SEEDS", 10), setting("SITES", 90), setting("HOURS", 48)
    options.period, options.first = setting("PERIOD", 300), setting("FIRST", 1)
    binary = os.environ.get("TOWERCO_BINARY", str(ROOT / ".build" / "release" / "towerco"))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="scoreboard-") as name:
        jobs = [(level, seed) for level in LEVELS for seed in range(options.first, options.first + options.seeds)]
        with ThreadPoolExecutor(setting("JOBS", os.cpu_count() or 2)) as pool:
            runs = list(pool.map(lambda job: one_run(binary, Path(name), options, *job), jobs))
        boards = {}
        for level, _ in LEVELS:
            boards.update(evaluate(binary, [run for run in runs if run["level"] == level]))
    write(options.out, boards, runs, options, time.monotonic() - began)
    print(f"{options.out}: {len(runs)} runs", file=sys.stderr)


if __name__ == "__main__":
    main()
