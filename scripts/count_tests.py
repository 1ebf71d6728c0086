"""Reads a test runner's log and prints "PASSED FAILED". Knows Swift Testing, pytest and node's runner."""

import re
import sys


def count(text: str) -> tuple[int, int]:
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    passed = failed = 0
    # Swift Testing: "Test run with 12 tests in 3 suites passed after …" or "… failed after … with 2 issues."
    for total, verdict in re.findall(r"Test run with (\d+) tests?(?: in \d+ suites?)? (passed|failed)", text):
        bad = len(re.findall(r"^. Test .* failed after ", text, re.MULTILINE)) if verdict == "failed" else 0
        failed += max(bad, 1) if verdict == "failed" else 0
        passed += int(total) - (max(bad, 1) if verdict == "failed" else 0)
    # pytest: "3 failed, 10 passed in 2.1s"
    closing = re.findall(r"^(?:=+ )?((?:\d+ \w+(?:, )?)+) in [\d.]+s", text, re.MULTILINE)
    if closing:
        for number, word in re.findall(r"(\d+) (\w+)", closing[-1]):
            if word == "passed":
                passed += int(number)
            elif word in ("failed", "error", "errors"):
                failed += int(number)
    # node: "# pass 10" and "# fail 0"
    for number in re.findall(r"^(?:# |ℹ )pass (\d+)", text, re.MULTILINE):
        passed += int(number)
    for number in re.findall(r"^(?:# |ℹ )fail (\d+)", text, re.MULTILINE):
        failed += int(number)
    return passed, failed


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        print(*count(log.read()))
