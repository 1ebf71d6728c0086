#!/usr/bin/env bash
# `make demo`: set up, build release, bundle the console, serve a simulated fleet. Extra arguments go to `towerco serve`.
set -euo pipefail
cd "$(dirname "$0")/.."
step() { printf '\n\033[1m[%s] %s\033[0m\n' "$1" "$2"; }

step 1/4 "Setting up"
scripts/setup.sh
step 2/4 "Building towerco (release; the first time takes five to ten minutes)"
swift build -c release --product towerco
step 3/4 "Bundling the console"
scripts/build-console.sh
step 4/4 "Starting"
data="${TOWERCO_DATA:-$(mktemp -d "${TMPDIR:-/tmp}/towerco-demo.XXXXXX")}"
exec .build/release/towerco serve --demo --data "$data" --console web/dist "$@"
