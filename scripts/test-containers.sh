#!/usr/bin/env bash
# Brings the roles up in containers, sends events through two ingestors, kills one, and counts what arrived.
#
#   scripts/test-containers.sh           builds images that are missing, runs, takes everything down again
#   KEEP=1 scripts/test-containers.sh    leaves it up on http://127.0.0.1:8080
#
# For machines that can pull no image: the base comes from debootstrap, broker, PostgreSQL, Redis, nginx and Prometheus from
# Debian's packages (deploy/stand-in). Needs root and: podman runc netavark aardvark-dns iptables docker-compose debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m[containers]\033[0m %s\n' "$*"; }

for tool in podman docker-compose debootstrap; do
  command -v "$tool" > /dev/null || { say "$tool is missing: apt-get install podman runc netavark aardvark-dns iptables docker-compose debootstrap"; exit 1; }
done

work=$(mktemp -d /tmp/towerco-containers.XXXXXX)
# Some kernels give a container no limits that its runtime may raise; these are asked for instead.
cat > "$work/containers.conf" <<'C'
[containers]
default_ulimits=["nofile=4096:4096","nproc=4096:4096"]
[engine]
runtime="runc"
C
export CONTAINERS_CONF="$work/containers.conf"
export DOCKER_HOST="unix://$work/podman.sock"

if ! podman image exists towerco-base:local; then
  say "base image from debootstrap"
  debootstrap --variant=minbase bookworm "$work/base" http://deb.debian.org/debian > "$work/debootstrap.log"
  tar -C "$work/base" --exclude=./proc --exclude=./dev -cf - . | podman import - towerco-base:local
  rm -rf "$work/base"
fi

scratch=${TOWERCO_STATIC_SCRATCH:-.build/static}
say "binaries with Swift's runtime linked in"
swift build -c release --product KafkaFaults --static-swift-stdlib --scratch-path "$scratch"
mkdir -p dist
install -m 0755 "$scratch/release/KafkaFaults" dist/KafkaFaults
say "stand-in image"
podman build -q -f deploy/stand-in/Dockerfile -t towerco-stand-in:local --build-arg BASE_IMAGE=towerco-base:local .
CONTAINER_TOOL=podman RUNTIME_IMAGE=towerco-stand-in:local scripts/build-image.sh
podman build -q -f deploy/stand-in/role.Dockerfile -t towerco-stand-in-role:local --build-arg TOWERCO_IMAGE=towerco:local .

podman system service --time=0 "$DOCKER_HOST" > "$work/service.log" 2>&1 &
service=$!
compose() { docker-compose -f deploy/compose.yaml -f deploy/stand-in/compose.yaml "$@"; }
down() {
  if [ -z "${KEEP:-}" ]; then
    compose down -v > "$work/down.log" 2>&1 || true
    kill "$asking" "$service" 2> /dev/null || true
    rm -rf "$work"
  fi
}
trap down EXIT
until [ -S "$work/podman.sock" ]; do sleep 0.2; done
# Podman leaves health checks to systemd's timers; where there is no systemd nobody would ask.
while [ -S "$work/podman.sock" ]; do
  for container in $(podman ps --format '{{.Names}}'); do
    timeout 10 podman healthcheck run "$container" > /dev/null 2>&1 || true
  done
  sleep 2
done &
asking=$!

say "up, with two ingestors"
# shellcheck disable=SC2046
compose up -d --no-build --scale data-ingestor=2 \
  gateway data-ingestor aiops-engine kpi-calculator analytics-service notification-service dashboard-service \
  redpanda timescaledb redis prometheus
compose ps
python3 scripts/containers_check.py "$@"
