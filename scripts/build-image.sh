#!/usr/bin/env bash
# Builds the image towerco:local from a binary compiled on this machine, so that no compiler image is needed.
#
#   scripts/build-image.sh                                      runtime stage from debian:bookworm-slim
#   RUNTIME_IMAGE=towerco-base:local scripts/build-image.sh     from an image that is here already
#
# CONTAINER_TOOL is docker or podman, whichever is found; TOWERCO_IMAGE names the result. Swift's runtime is linked into the
# binary, its C libraries come from the runtime image: both sides need the same Debian release.
set -euo pipefail
cd "$(dirname "$0")/.."
tool=${CONTAINER_TOOL:-$(command -v docker || command -v podman || true)}
[ -n "$tool" ] || { echo "build-image: neither docker nor podman is on the PATH; install one or set CONTAINER_TOOL." >&2; exit 1; }
image=${TOWERCO_IMAGE:-towerco:local}
scratch=${TOWERCO_STATIC_SCRATCH:-.build/static}

echo "[image] release binary with Swift's runtime linked in"
swift build -c release --product towerco --static-swift-stdlib --scratch-path "$scratch"
[ -f web/dist/index.html ] || scripts/build-console.sh

mkdir -p dist
install -m 0755 "$scratch/release/towerco" dist/towerco
strip dist/towerco
rm -rf dist/console
cp -r web/dist dist/console

echo "[image] $image from ${RUNTIME_IMAGE:-debian:bookworm-slim}"
"$tool" build -f deploy/Dockerfile -t "$image" --build-arg BINARY=prebuilt \
  --build-arg RUNTIME_IMAGE="${RUNTIME_IMAGE:-debian:bookworm-slim}" .
