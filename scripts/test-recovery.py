#!/usr/bin/env python3
"""T-10: opens journals of these sizes again, after a clean end and after a kill, and holds the time to the yardstick.

Usage: scripts/test-recovery.py BINARY GIGABYTES... [--floor 0.3] [--pairs 5] [--cold]. Needs room for the largest, once. Fails
when a range is damaged, when a closed journal dropped a byte, or when the median of a size takes more seconds a gigabyte."""

import argparse
import json
import subprocess
import sys
import tempfile


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("gigabytes", nargs="+", type=float)
    parser.add_argument("--floor", type=float, default=0.3, help="seconds a gigabyte")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--topics", type=int, default=10_000)
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    wrong = []
    for size in options.gigabytes:
        with tempfile.TemporaryDirectory(prefix="towerco-recovery.") as folder:
            ran = subprocess.run(
                [options.binary, "bench", "recovery", "--dir", folder, "--gigabytes", str(size), "--pairs", str(options.pairs),
                 "--topics", str(options.topics), *(["--cold"] if options.cold else [])], capture_output=True, text=True)
        if ran.returncode != 0:
            print(f"{size:g} GB: exit {ran.returncode}: {ran.stderr[-600:]}", flush=True)
            wrong.append(f"{size:g} GB")
            continue
        lines = [json.loads(text) for text in ran.stdout.splitlines()]
        for name in ("recovery.closed", "recovery.killed"):
            runs = [line for line in lines if line["name"] == name]
            seconds = sorted(run["s_per_gb"] for run in runs)[len(runs) // 2]
            damaged = sum(run["damaged_ranges"] for run in runs)
            dropped = sum(run["dropped_bytes"] for run in runs)
            print(f"{name} {size:g} GB ({runs[0]['gigabytes']:.2f} on disk, {runs[0]['segments']} segments): {seconds:.4f} s/GB, "
                  f"median of {len(runs)}; {damaged} damaged, {dropped} bytes dropped", flush=True)
            if damaged or seconds > options.floor or (name == "recovery.closed" and dropped):
                wrong.append(f"{name} {size:g} GB")
    print(f"recovery: {', '.join(wrong)} not as promised" if wrong else f"recovery: within {options.floor} s/GB, nothing damaged")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
