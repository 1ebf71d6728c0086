#!/usr/bin/env bash
# The fault tests in numbers: `scripts/test-level.sh N` (nightly) or `M` (milestone), `M 0.1` for a tenth of it.
# Builds in release, runs every stage whatever the others say, ends with the stages that failed. docs/testing.md has the table.
set -uo pipefail
cd "$(dirname "$0")/.."
level="${1:-N}"
share="${2:-1}"
case "$level" in
  N) seeds=1000000; states=200000; step=7; kills=2000; cuts=500; restores=200; gigabytes="1"; shuffles=500 ;;
  M) seeds=10000000; states=1000000; step=1; kills=10000; cuts=2000; restores=1000; gigabytes="1 5 20"; shuffles=1000 ;;
  *) echo "usage: scripts/test-level.sh N|M [share]"; exit 2 ;;
esac
part() { python3 -c "import sys; print(max(1, int($1 * float(sys.argv[1]))))" "$share"; }
logs=.build/test-logs
mkdir -p "$logs"
failed=()

stage() {
  local name=$1; shift
  printf '\n[%s] %s (%s)\n' "$level" "$name" "$(date +%H:%M:%S)"
  "$@" 2>&1 | tee "$logs/level-$name.log" | tail -n 12
  [ "${PIPESTATUS[0]}" -eq 0 ] || failed+=("$name")
}

scripts/setup.sh && swift build -c release --product JournalFaults && swift build -c release --product towerco || exit 1
faults=.build/release/JournalFaults
stage T-24-simulation "$faults" simulate --count "$(part "$seeds")"
stage T-03-crash-states "$faults" states --count "$(part "$states")"
stage T-04-torn-tails "$faults" cuts --step "$step"
stage T-05-bit-flips "$faults" flips --step "$step"
TOWERCO_TEST_CUTS=$(part "$restores") stage T-11-restored-states swift test --filter StateEqualityTests
# shellcheck disable=SC2086
stage T-10-recovery scripts/test-recovery.py .build/release/towerco $gigabytes
TOWERCO_TEST_SHUFFLES=$(part "$shuffles") stage T-14-disorder swift test --filter 'LateAlarmTests|DisorderTests'
[ "$level" = M ] && stage T-47-mutants scripts/test-mutants.py
TOWERCO_TEST_STORE_ROUNDS=$(part 200) stage T-22-store-loss swift test --filter StoreFaultTests
export TOWERCO_TEST_LEVEL=$level TOWERCO_BINARY=.build/release/towerco
TOWERCO_TEST_ROUNDS=$(part "$kills") stage T-01-kills .venv/bin/python -m pytest -q -s IntegrationTests/test_crash.py
TOWERCO_TEST_ROUNDS=$(part "$cuts") stage T-02-power-cuts .venv/bin/python -m pytest -q -s IntegrationTests/test_power_cut.py
stage T-06-08-disk-faults .venv/bin/python -m pytest -q -s IntegrationTests/test_disk_faults.py
if [ "${#failed[@]}" -gt 0 ]; then echo "level $level, share $share: FAILED: ${failed[*]}"; exit 1; fi
echo "level $level, share $share: all stages passed"
