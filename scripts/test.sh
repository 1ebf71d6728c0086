#!/usr/bin/env bash
# `make test`: set up, build once (debug), run every test, end with one line that counts them.
# `scripts/test.sh integration` runs only those that start the real binary.
set -uo pipefail
cd "$(dirname "$0")/.."
only="${1:-all}"
logs=.build/test-logs
mkdir -p "$logs"
passed=0
failed=0
broken=()

step() { printf '\n\033[1m[test] %s\033[0m (%s)\n' "$1" "$(date +%H:%M:%S)"; }

# stage NAME COMMAND...: runs it, shows it, adds up what it counted. A stage that fails without a count is one failure.
stage() {
  local name=$1; shift
  step "$name"
  "$@" 2>&1 | tee "$logs/$name.log"
  local status=${PIPESTATUS[0]}
  local counts
  counts=$(python3 scripts/count_tests.py "$logs/$name.log")
  local p=${counts% *} f=${counts#* }
  [ "$status" -ne 0 ] && [ "$f" -eq 0 ] && f=1
  passed=$((passed + p)); failed=$((failed + f))
  [ "$status" -ne 0 ] && broken+=("$name")
  [ "$status" -eq 0 ] && [ $((p + f)) -eq 0 ] && [ "$name" != setup ] && [ "$name" != build ] && [ "$name" != console ] && {
    echo "$name ran no test"; failed=$((failed + 1)); broken+=("$name"); }
  return "$status"
}

finish() {
  echo
  if [ "${#broken[@]}" -gt 0 ]; then echo "Not green: ${broken[*]}. Logs: $logs/"; fi
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "${#broken[@]}" -eq 0 ]
  exit
}

stage setup scripts/setup.sh || finish
stage build swift build --build-tests || finish
stage console scripts/build-console.sh || finish
if [ "$only" = all ]; then
  stage swift swift test --skip-build --parallel --skip TowerKafkaTests
  # On their own, one after the other: a cluster's sessions and timeouts run on real time, which a full machine bends.
  stage kafka swift test --skip-build --no-parallel --filter TowerKafkaTests
  stage console-units scripts/test-console.sh
fi
# Most of them wait for servers of their own, so several files at a time; a file stays together, for its server.
stage integration .venv/bin/python -m pytest -q -n 3 --dist loadfile IntegrationTests
finish
