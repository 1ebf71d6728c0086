#!/usr/bin/env bash
# Ours and every peer in turn: Benchmarks/run.sh [--pairs 5] [--only NAME,…] [--quick] [--docs]. docs/benchmarks.md explains it.
# Builds the release binary, makes the peers' Python environment in .build/peers, writes Benchmarks/results/<date>.json and .md.
set -euo pipefail
cd "$(dirname "$0")/.."
binary="${TOWERCO_BINARY:-}"
if [ -z "$binary" ]; then
  swift build -c release --product towerco >&2
  binary=.build/release/towerco
fi
environment=.build/peers
if ! cmp -s Benchmarks/peers/requirements.txt "$environment/.requirements" 2>/dev/null; then
  rm -rf "$environment"
  python3 -m venv "$environment"
  "$environment/bin/pip" install -q --disable-pip-version-check -r Benchmarks/peers/requirements.txt >&2
  cp Benchmarks/peers/requirements.txt "$environment/.requirements"
fi
PYTHONPATH=Benchmarks exec "$environment/bin/python" -m peers.run --binary "$binary" "$@"
