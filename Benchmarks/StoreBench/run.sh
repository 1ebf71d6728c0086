#!/usr/bin/env bash
# Both stores on this machine, one after the other, three times. A PostgreSQL of its own runs as the user postgres, with fsync.
set -euo pipefail
cd "$(dirname "$0")/../.."
bench=${1:-.build/release/StoreBench}
folder=$(mktemp -d /tmp/towerco-storebench.XXXXXX)
chmod 755 "$folder"
as=()
if [ "$(id -u)" -eq 0 ]; then as=(runuser -u postgres --); chown postgres "$folder"; fi
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | head -1)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
run() { (cd / && "${as[@]}" "$@"); }
run "$bin/initdb" -D "$folder/data" -A trust -U towerco -E UTF8 --locale=C.UTF-8 >/dev/null
run "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -o "-p $port -k '' -c listen_addresses=127.0.0.1" start >/dev/null
trap 'run "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null || true; rm -rf "$folder"' EXIT
for round in 1 2 3; do
  rm -f "$folder"/bench.sqlite*
  "$bench" sqlite "$folder/bench.sqlite"
  run "$bin/psql" -q -d "postgres://towerco@127.0.0.1:$port/postgres" -c "CREATE DATABASE bench$round"
  "$bench" postgres "postgres://towerco@127.0.0.1:$port/bench$round" "$(head -1 "$folder/data/postmaster.pid")"
done
