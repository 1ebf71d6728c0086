#!/usr/bin/env bash
# scripts/fuzz.sh TARGET SECONDS [libFuzzer options]: builds a target of Tests/HostileTests/FuzzTargets.swift with the
# address sanitizer and libFuzzer and runs it for that long. `scripts/fuzz.sh all SECONDS` runs one after the other.
# The corpus grows in .build/fuzz/corpus/TARGET; what was found lies in .build/fuzz/found. Exit code 1 when something was.
set -euo pipefail
cd "$(dirname "$0")/.."
targets=(event body gzip zstd cloudevent cloudevents headers export segment groups)
target="${1:-}"
seconds="${2:-60}"
if [ -z "$target" ]; then
  echo "usage: scripts/fuzz.sh TARGET|all SECONDS [libFuzzer options]; targets: ${targets[*]}"
  exit 2
fi
shift; shift || true
out="${TOWERCO_FUZZ_DIR:-.build/fuzz}"
mkdir -p "$out/found"
out=$(cd "$out" && pwd)

# Rooms in the order of their imports; what a target needs and no more.
rooms=(TowerModel TowerWire TowerStreaming TowerJournal TowerIngest)
flags=(-swift-version 6 -package-name towerco -O -enable-testing -g -parse-as-library -module-cache-path "$out/cache"
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature InternalImportsByDefault
  -enable-upcoming-feature MemberImportVisibility
  -sanitize=address,fuzzer -I "$out/modules" -Xcc "-fmodule-map-file=$out/ctower.modulemap" -Xcc "-I$PWD/Sources/CTower/include")

# What CTower links, as the manifest says.
mapfile -t libraries < <(grep -o 'linkedLibrary("[a-z0-9]*")' Package.swift | sed -E 's/.*"(.*)".*/-l\1/' | sort -u)
libraries+=(-lswiftSynchronization)

module() { # NAME SOURCES...: one room as an archive
  local name=$1; shift
  swiftc "${flags[@]}" -wmo -emit-library -static -emit-module -emit-module-path "$out/modules/$name.swiftmodule" \
    -module-name "$name" -o "$out/lib$name.a" "$@"
}

build() {
  mkdir -p "$out/modules"
  printf 'module CTower { umbrella "%s" export * }\n' "$PWD/Sources/CTower/include" > "$out/ctower.modulemap"
  for source in Sources/CTower/*.c; do
    clang -O2 -g -fsanitize=address,fuzzer-no-link -ISources/CTower/include -c "$source" -o "$out/$(basename "$source" .c).o"
  done
  for room in "${rooms[@]}"; do
    mapfile -t sources < <(find "Sources/$room" -name '*.swift' | sort)
    module "$room" "${sources[@]}"
  done
  module TowerTestKit $(find Tests/TowerTestKit -name '*.swift' ! -name 'EventLogContract*' ! -name 'GroupLife*')
}

binary() { # TARGET
  local root=$PWD
  # The compiler leaves the module where it stands.
  (cd "$out" && swiftc "${flags[@]}" -wmo -module-name Fuzz -D "FUZZ_$(echo "$1" | tr a-z A-Z)" -o "$out/fuzz-$1" \
    "$root"/Fuzz/Entry.swift "$root"/Tests/HostileTests/{FuzzTargets,StrictJSON,JSONCases,Grammar}.swift \
    "$out"/*.o -L "$out" -lTowerTestKit -lTowerIngest -lTowerJournal -lTowerStreaming -lTowerWire -lTowerModel "${libraries[@]}")
}

run() { # TARGET SECONDS OPTIONS...
  local name=$1 time=$2; shift 2
  mkdir -p "$out/corpus/$name"
  # One file a value of the table is what a run begins with.
  python3 scripts/fuzz_seeds.py "$out/corpus/$name"
  # The backtracer of Swift hangs under libFuzzer; the fuzzer reports the crash itself.
  SWIFT_BACKTRACE=enable=no "$out/fuzz-$name" "$out/corpus/$name" -max_total_time="$time" -timeout=5 -rss_limit_mb=1024 \
    -max_len=4096 -print_final_stats=1 -artifact_prefix="$out/found/$name-" "$@" 2> "$out/$name.log" && local status=0 || local status=1
  grep -E 'stat::number_of_executed_units|stat::average_exec_per_sec|stat::new_units_added|stat::peak_rss_mb' "$out/$name.log" \
    | sed "s/^stat::/$name /" || true
  if [ "$status" -ne 0 ]; then
    echo "$name: found something; see $out/$name.log and $out/found/"
    tail -n 40 "$out/$name.log"
  fi
  return "$status"
}

[ -n "${TOWERCO_FUZZ_BUILT:-}" ] || build
worst=0
if [ "$target" != all ]; then targets=("$target"); fi
for name in "${targets[@]}"; do
  binary "$name"
  run "$name" "$seconds" "$@" || worst=1
done
exit "$worst"
