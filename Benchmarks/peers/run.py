"""Measures ours and every peer in turn, round by round, and writes what came out: `Benchmarks/run.sh`."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable

from . import fastapi_peer, nats_peer, postgres_peer, redis_peer
from .measure import ROOT, Broken, Missing, generated_lines, machine_model

RESULTS = ROOT / "Benchmarks" / "results"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by Benchmarks/run.sh --docs -->", "<!-- end of figures -->"


def tell(text: str) -> None:
    print(f"[{datetime.datetime.now():%H:%M:%S}] {text}", file=sys.stderr, flush=True)


class Sides:
    """Everybody who is measured, by the group in which figures may be compared."""

    def __init__(self, binary: pathlib.Path, quick: bool):
        self.binary = binary
        self.seconds = 1 if quick else 5
        self.events = 20_000 if quick else 1_000_000
        self.slow_events = 10_000 if quick else 200_000
        self._lines: list[bytes] = []

    def lines(self, count: int) -> list[bytes]:
        if len(self._lines) < count:
            self._lines = generated_lines(self.binary, count)
        return self._lines[:count]

    def ours(self, batch: int, connections: int) -> dict:
        said = subprocess.run(
            [self.binary, "bench", "ingest", "--batch", str(batch), "--connections", str(connections), "--seconds", str(self.seconds),
             "--name", "towerco.single" if batch == 1 else "towerco.batch"], capture_output=True, text=True)
        if said.returncode != 0:
            raise Broken(said.stderr.strip()[-600:])
        return {**json.loads(said.stdout.splitlines()[-1]),
                "does": "checks every field, deduplicates by event id, appends by topic, syncs"}

    def all(self) -> dict[str, dict[str, Callable[[], dict]]]:
        """Group, side, how to measure it once. The first side of a group is ours."""
        binary, seconds = self.binary, self.seconds
        return {
            "batch": {
                "towerco": lambda: self.ours(500, 8),
                "fastapi-1": lambda: fastapi_peer.measure(binary, workers=1, batch=500, connections=8, seconds=seconds),
                "fastapi-2": lambda: fastapi_peer.measure(binary, workers=2, batch=500, connections=8, seconds=seconds),
                "nats": lambda: nats_peer.measure(binary, self.lines(self.events), always=False, batch=500, connections=8),
                "nats-always": lambda: nats_peer.measure(binary, self.lines(self.events), always=True, batch=500, connections=8),
                "postgres-copy": lambda: postgres_peer.measure(
                    binary, self.lines(self.events), keyed=False, batch=500, connections=4),
                "postgres-keyed": lambda: postgres_peer.measure(
                    binary, self.lines(self.slow_events), keyed=True, batch=500, connections=4),
                "redis": lambda: redis_peer.measure(binary, self.lines(self.events), batch=500, connections=8),
            },
            "single": {
                "towerco": lambda: self.ours(1, 64),
                "fastapi-1": lambda: fastapi_peer.measure(binary, workers=1, batch=1, connections=64, seconds=seconds),
                "fastapi-2": lambda: fastapi_peer.measure(binary, workers=2, batch=1, connections=64, seconds=seconds),
            },
        }


def measure(sides: Sides, pairs: int, only: set[str]) -> tuple[dict[str, dict[str, list[dict]]], dict[str, str]]:
    """All rounds: in each round every side once, and every other round backwards."""
    figures: dict[str, dict[str, list[dict]]] = {}
    absent: dict[str, str] = {}
    for group, members in sides.all().items():
        names = [name for name in members if not only or name == "towerco" or name in only or f"{group}.{name}" in only]
        for number in range(1, pairs + 1):
            for name in names if number % 2 else reversed(names):
                if f"{group}.{name}" in absent:
                    continue
                tell(f"{group}, round {number} of {pairs}: {name}")
                try:
                    run = {**members[name](), "round": number}
                    figures.setdefault(group, {}).setdefault(name, []).append(run)
                except (Missing, Broken) as problem:
                    absent[f"{group}.{name}"] = f"{'missing' if isinstance(problem, Missing) else 'failed'}: {problem}"
                    tell(absent[f"{group}.{name}"])
    return figures, absent


def own_figures(binary: pathlib.Path, pairs: int, quick: bool) -> list[dict]:
    """`towerco bench all`: what has no peer in this run."""
    tell("towerco bench all")
    said = subprocess.run([binary, "bench", "all", "--pairs", str(pairs), *(["--quick"] if quick else [])], stdout=subprocess.PIPE, text=True)
    if said.returncode != 0:
        raise SystemExit("towerco bench all failed; what it said is above.")
    return [json.loads(line) for line in said.stdout.splitlines()]


def spread(values: list[float], form: Callable[[float], str]) -> str:
    return f"{form(statistics.median(values))} ({form(min(values))} to {form(max(values))})"


def thousands(value: float) -> str:
    return f"{value / 1000:,.0f} k" if value >= 10_000 else f"{value / 1000:,.1f} k"


def ratio(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def group_table(group: str, sides: dict[str, list[dict]]) -> list[str]:
    ours = {run["round"]: run for run in sides.get("towerco", [])}
    rows = [
        "| Side | Durability at the answer | Events a second | Events a second of server CPU | Ours to it | Ours to it, per CPU | Other CPU | Runs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, runs in sides.items():
        pairs = [(ours[run["round"]], run) for run in runs if run["round"] in ours]
        wall = [a["events_per_s"] / b["events_per_s"] for a, b in pairs]
        cpu = [a["events_per_cpu_s"] / b["events_per_cpu_s"] for a, b in pairs if b["events_per_cpu_s"]]
        is_ours = name == "towerco" or not wall or not cpu
        shares = [other_share(run) for run in runs]
        other = "unknown" if None in shares else f"{statistics.median(shares):.0%}"
        rows.append(
            f"| {name} ({runs[0]['version']}) | {runs[0]['durability']} | {spread([run['events_per_s'] for run in runs], thousands)} "
            f"| {spread([run['events_per_cpu_s'] for run in runs], thousands)} "
            f"| {'1' if is_ours else spread(wall, ratio)} | {'1' if is_ours else spread(cpu, ratio)} | {other} | {len(runs)} |")
    rows += [""] + [f"- {name}: {runs[0]['does']}." for name, runs in sides.items()]
    title = "500 events a request or batch" if group == "batch" else "One event a request, 64 connections"
    return [f"### {title}", "", *rows, ""]


def other_share(line: dict) -> float | None:
    """Share of the machine that others took meanwhile; None where the machine did not say."""
    return None if line["other_cpu_s"] is None else line["other_cpu_s"] / (line["wall_s"] * line["cores"])


def own_table(results: list[dict]) -> list[str]:
    """Summaries where there are several runs, else the runs themselves."""
    summed = {line["name"].removesuffix(".summary") for line in results if line["name"].endswith(".summary")}
    rows = ["| Measure | Topics | Batch | Callers | Figure | Other CPU |", "|---|---|---|---|---|---|"]
    for line in results:
        if line["name"] in summed:
            continue
        share = other_share(line) if line["wall_s"] else "-"
        other = "unknown" if share is None else share if share == "-" else f"{share:.0%}"
        rows.append(
            f"| {line['name'].removesuffix('.summary')} | {line['topics']:,} | {line['batch'] or '-'} | {line['callers'] or '-'} "
            f"| {'; '.join(own_figure(line)) or '-'} | {other} |")
    return ["### Ours alone", "", *rows, ""]


def own_figure(line: dict) -> list[str]:
    def of(name: str, form: Callable[[float], str], unit: str) -> list[str]:
        if name + "_median" in line:
            values = [line[f"{name}_{which}"] for which in ("median", "lowest", "highest")]
            return [f"{form(values[0])} ({form(values[1])} to {form(values[2])}) {unit}"]
        return [f"{form(line[name])} {unit}"] if line.get(name) else []

    def plain(value: float) -> str:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"

    figures = []
    if line["events"] and "p50_ms" not in line and "p50_ms_median" not in line:
        figures += of("events_per_s", thousands, "ev/s") + of("events_per_cpu_s", thousands, "ev/s of CPU")
    figures += of("kept", ratio, f"kept against {line.get('against_topics')} topic")
    for name, unit in [
        ("s_per_gb", "s/GB"), ("ready_ms", "ms to ready"), ("resident_mb", "MB resident"), ("base_mb", "MB at the base"),
        ("bytes_per_idle_topic", "B an idle topic"), ("p50_ms", "ms p50"), ("p99_ms", "ms p99"), ("p99.9_ms", "ms p99.9"),
    ]:
        if name != "resident_mb" or line["name"].startswith("start"):
            figures += of(name, plain, unit)
    return figures


def report(document: dict) -> str:
    lines = [
        f"Taken {document['date']} on {document['machine']}, {document['cores']} cores, Linux {document['kernel']}, by "
        f"`Benchmarks/run.sh`, {document['pairs']} rounds. The load average was {document['load_before']:.1f} before the run. "
        f"{document['note']}".rstrip(), "",
        "Figures are medians with the lowest and the highest run in parentheses; ratios are formed within a round. `Other CPU` is "
        "the share of the machine that neither the server nor the client used.", "",
    ]
    for group, sides in document["groups"].items():
        lines += group_table(group, sides)
    if document["own"]:
        lines += own_table(document["own"])
    if document["absent"]:
        lines += ["### Not measured", "", *(f"- {name}: {why}" for name, why in document["absent"].items()), ""]
    return "\n".join(lines)


def write(document: dict, base: pathlib.Path, into_docs: bool) -> None:
    """The results as they are and as tables."""
    base.parent.mkdir(parents=True, exist_ok=True)
    base.with_suffix(".json").write_text(json.dumps(document, indent=1) + "\n")
    text = report(document)
    base.with_suffix(".md").write_text(text)
    if into_docs:
        page = DOCUMENT.read_text()
        head, rest = page.split(BEGIN, 1)
        DOCUMENT.write_text(head + BEGIN + "\n" + text.rstrip() + "\n" + END + rest.split(END, 1)[1])
    print(text)
    tell(f"written: {base}.json and .md")


def main() -> None:
    parser = argparse.ArgumentParser(prog="Benchmarks/run.sh", description=__doc__)
    parser.add_argument("--binary", type=pathlib.Path, required=True, help="release build of towerco")
    parser.add_argument("--pairs", type=int, default=5, help="rounds (5)")
    parser.add_argument("--only", default="", help="peers, comma separated, such as redis or single.fastapi-1")
    parser.add_argument("--quick", action="store_true", help="tiny amounts, to see that everything runs")
    parser.add_argument("--without-own", action="store_true", help="leave `towerco bench all` out")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/benchmarks.md too")
    parser.add_argument("--out", type=pathlib.Path, default=RESULTS, help="folder for results")
    parser.add_argument("--note", default="", help="a sentence about this run, for instance what else the machine did")
    parser.add_argument("--report", type=pathlib.Path, help="measure nothing: write the tables of this result file again")
    arguments = parser.parse_args()
    if arguments.report:
        document = json.loads(arguments.report.read_text())
        write({**document, "note": arguments.note or document["note"]}, arguments.report.with_suffix(""), arguments.docs)
        return
    binary = arguments.binary.resolve()
    began = datetime.datetime.now(datetime.timezone.utc)
    document = {
        "date": began.isoformat(timespec="minutes"), "machine": machine_model(), "cores": os.cpu_count(), "kernel": platform.release(),
        "load_before": os.getloadavg()[0], "pairs": arguments.pairs, "note": arguments.note,
    }
    sides = Sides(binary, arguments.quick)
    groups, absent = measure(sides, arguments.pairs, set(filter(None, arguments.only.split(","))))
    own = [] if arguments.without_own else own_figures(binary, arguments.pairs, arguments.quick)
    name = f"{began:%Y-%m-%d-%H%M}" + ("-quick" if arguments.quick else "")
    write({**document, "groups": groups, "own": own, "absent": absent}, arguments.out / name, arguments.docs)


if __name__ == "__main__":
    main()
