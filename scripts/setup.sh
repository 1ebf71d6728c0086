#!/usr/bin/env bash
# Installs what building and testing need and this machine lacks: Debian packages, then a Python environment in .venv.
# Asks for sudo only when it must install and is not root. Prints one line when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  libsqlite3-dev zlib1g-dev liblz4-dev libzstd-dev libpq-dev # linked by the binary
  esbuild node-typescript node-react node-react-dom node-csstype node-prop-types nodejs # console
  fonts-inter fonts-jetbrains-mono python3-fonttools python3-brotli
  python3-venv chromium chromium-driver         # tests
  strace e2fsprogs                              # tests of faults
  librdkafka-dev kcat                           # linked by the binary; a stranger's client
  libxgboost-dev                                # linked by the binary: grows the trees of remaining life
  postgresql-15                                 # tests start their own server
  prometheus                                    # tests of rules and alerts; promtool is in it
  docker-compose                                # reads deploy/compose.yaml in the tests
)

say() { printf '\033[1m[setup]\033[0m %s\n' "$*"; }

if ! command -v swift >/dev/null; then
  say "no Swift toolchain on the PATH. Install Swift 6.2 or newer from https://swift.org/install and run this again."
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  say "installing from Debian: ${missing[*]}"
  as_root=""
  [ "$(id -u)" -eq 0 ] || as_root="sudo"
  export DEBIAN_FRONTEND=noninteractive
  # Tests start their own servers; a package's service is not to run because of them.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod +x "$policy"
    trap '$as_root rm -f "$policy"' EXIT
  fi
  $as_root apt-get update -qq
  # Some images delete downloaded archives while dpkg still works through them; a repair and a second try cure that.
  for attempt in 1 2 3; do
    if $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/tmp/towerco-apt.log 2>&1; then break; fi
    if [ "$attempt" = 3 ]; then
      say "apt-get failed three times; its last words:"
      tail -n 20 /tmp/towerco-apt.log
      exit 1
    fi
    $as_root apt-get --fix-broken install -y -qq >/dev/null 2>&1 || true
    $as_root apt-get update -qq
  done
fi

# The interpreter of the tests is Debian's own or whatever python3 is here; its packages stay inside .venv.
stamp=.venv/.requirements
if ! cmp -s IntegrationTests/requirements.txt "$stamp" 2>/dev/null; then
  say "preparing .venv for the integration tests"
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install -q --disable-pip-version-check -r IntegrationTests/requirements.txt
  cp IntegrationTests/requirements.txt "$stamp"
fi
say "ready"
