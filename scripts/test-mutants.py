#!/usr/bin/env python3
"""Plants known bugs in a copy of the journal's sources, one at a time, and sees whether the simulation finds each.

Usage: scripts/test-mutants.py [--seeds 20000] [NAME...]. A pattern that is no longer in the sources is a failure: the list
must follow the code. Prints each mutant with the seed that found it and the seconds it took."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
J = "Sources/TowerJournal/"
MUTANTS = {
    "acknowledged before the sync": (J + "Write/JournalWriter.swift", "            for file in dirty { try file.sync() }\n", ""),
    "full segments are not synced": (J + "Write/JournalWriter.swift", "let dirty = (rolled + active.compactMap { $0 })", "let dirty = active.compactMap { $0 }"),
    "group positions are not synced": (J + "Write/JournalWriter.swift", "        try groupFile.sync()\n", ""),
    "a failed sync is ignored": (J + "Write/JournalWriter.swift", "for file in dirty { try file.sync() }", "for file in dirty { try? file.sync() }"),
    "a new segment's folder is not synced": (J + "Write/SegmentFactory.swift", "            try disk.syncDirectory(directory)\n", ""),
    "records' checksums are not looked at": (J + "Recovery/SegmentScanner.swift", "guard header.recordsAreIntact(in: base) else {", "guard header.recordsLength >= 0 else {"),
    "a sequence is given twice": (J + "Recovery/Recovery.swift", "state.end = max(keptEnd, seenEnd, committed)", "state.end = max(keptEnd, 1) - 1"),
    "half an append is kept": (J + "Recovery/TailDecision.swift", "for unit in units where unit.start >= durable && unit.end > next {", "for unit in units where unit.start >= durable && unit.end > next + 100_000 {"),
    "an acknowledged tail is dropped": (J + "Recovery/Recovery.swift", "isDropping = section.header.recordCount > 0 ? section.header.sequence >= cut", "isDropping = section.header.recordCount > 0 ? section.header.sequence + 1 >= cut"),
    "what is taken back stays on the disk": (J + "Write/ActiveSegment.swift", "        try SegmentFactory.zeroFill(file.file, from: durable, count: attempted)\n", ""),
    "offsets are not taken back": (J + "Write/JournalWriter.swift", "        nextOffset = catalog.read { state in state.topics.states.map(\\.next) }\n", ""),
    "the recovered tail is not synced": (J + "Recovery/Recovery.swift", "        if !isReadOnly { try harden(from: durable) }\n", ""),
    "both copies of a group in one round": (J + "Write/GroupFile.swift", "unsynced.contains(group.name) ? 2 : 1", "1"),
    "a deletion is forgotten when its segment is sealed": (J + "Recovery/Recovery.swift", "            start = max(start, row.deletedBelow)\n", ""),
    "the index is off by one": (J + "Recovery/Recovery.swift", "flags: UInt32(section.header.flags.rawValue), baseOffset: section.header.baseOffset)", "flags: UInt32(section.header.flags.rawValue), baseOffset: section.header.baseOffset + 1)"),
    "a small prepared segment is kept for later": (J + "Write/SegmentFactory.swift", "            try? disk.remove(ready.file.path)\n", "            monitor.update { $0.next[retention.series] = .ready(ready) }\n"),
}


def manifest(folder: pathlib.Path) -> None:
    """Only what the simulation needs, so that a mutant builds in seconds."""
    (folder / "Package.swift").write_text('''// swift-tools-version: 6.2
import PackageDescription
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let package = Package(name: "mutants", targets: [
    .target(name: "CTower", linkerSettings: [.linkedLibrary("z"), .linkedLibrary("lz4"), .linkedLibrary("zstd")]),
    .target(name: "TowerStreaming", swiftSettings: house),
    .target(name: "TowerJournal", dependencies: ["TowerStreaming", "CTower"], swiftSettings: house),
    .target(name: "TowerTestKit", dependencies: ["TowerStreaming", "TowerJournal"], path: "Tests/TowerTestKit", swiftSettings: house),
    .executableTarget(name: "JournalFaults", dependencies: ["TowerTestKit"], path: "Tests/JournalFaults", swiftSettings: house),
])
''')
    for part in ["Sources/CTower", "Sources/TowerStreaming", "Sources/TowerJournal", "Tests/TowerTestKit", "Tests/JournalFaults"]:
        shutil.copytree(ROOT / part, folder / part)


def main() -> int:
    arguments = sys.argv[1:]
    seeds = "20000"
    if "--seeds" in arguments:
        at = arguments.index("--seeds")
        seeds = arguments[at + 1]
        del arguments[at:at + 2]
    missed = []
    with tempfile.TemporaryDirectory(prefix="towerco-mutants.") as path:
        folder = pathlib.Path(path)
        manifest(folder)
        for name, (file, old, new) in MUTANTS.items():
            if arguments and name not in arguments:
                continue
            source = folder / file
            whole = source.read_text()
            if whole.count(old) != 1:
                print(f"{name}: the pattern is {whole.count(old)} times in {file}", flush=True)
                missed.append(name)
                continue
            source.write_text(whole.replace(old, new))
            built = subprocess.run(["swift", "build", "-c", "release", "--product", "JournalFaults"], cwd=folder, capture_output=True, text=True)
            began = time.monotonic()
            if built.returncode != 0:
                print(f"{name}: does not build: {re.findall(r'error: .*', built.stdout)[:1]}", flush=True)
                missed.append(name)
            else:
                try:
                    ran = subprocess.run([folder / ".build/release/JournalFaults", "simulate", "--count", seeds, "--first"],
                                         capture_output=True, text=True, timeout=600)
                    found = re.search(r"^seed (\d+): (.*?) Replay", ran.stdout, re.MULTILINE)
                    verdict = f"found by seed {found[1]}: {found[2]}" if found else "found: it crashed" if ran.returncode not in (0, 1) else None
                except subprocess.TimeoutExpired:
                    verdict = "found: it hung"
                if verdict is None:
                    missed.append(name)
                print(f"{name}: {verdict or 'NOT FOUND'} ({time.monotonic() - began:.1f} s)"[:240], flush=True)
            source.write_text(whole)
    print(f"{len(missed)} missed: {missed}" if missed else "every mutant was found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
