#!/usr/bin/env bash
# Unit tests of the console: strict type check of sources and tests, then Node's own runner on bundled tests.
# Needs: esbuild node-typescript node-react node-react-dom nodejs (18 or newer)
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
web="$root/web"
modules="${NODE_MODULES_DIR:-/usr/share/nodejs}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

tsc -p "$web/tsconfig.test.json"
NODE_PATH="$modules" esbuild "$web"/test/*.test.ts --bundle --platform=node --format=cjs --outdir="$work" --log-level=warning \
    '--external:node:*' --out-extension:.js=.cjs
CONSOLE_SRC="$web/src" CONSOLE_SWIFT="$root/Sources" node --test "$work"/*.cjs
