#!/usr/bin/env bash
# Builds the console into web/dist from Debian packages alone: no registry is asked, nothing third-party is committed.
# Needs: esbuild node-typescript node-react node-react-dom node-csstype node-prop-types fonts-inter
#        fonts-jetbrains-mono python3-fonttools python3-brotli
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
web="$root/web"
dist="$web/dist"
modules="${NODE_MODULES_DIR:-/usr/share/nodejs}"
first_load_limit=$((350 * 1000))

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            echo "build-console: '$tool' is missing. Install: apt-get install esbuild node-typescript node-react" \
                "node-react-dom node-csstype node-prop-types fonts-inter fonts-jetbrains-mono python3-fonttools" \
                "python3-brotli" >&2
            exit 1
        }
    done
}
need tsc esbuild python3 pyftsubset

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "console: type check"
tsc -p "$web/tsconfig.json"

echo "console: bundle"
mkdir -p "$work/assets"
NODE_PATH="$modules" esbuild "$web/src/main.tsx" \
    --bundle --splitting --format=esm --minify --jsx=automatic --target=es2020 \
    --define:process.env.NODE_ENV='"production"' --legal-comments=linked --charset=utf8 \
    --entry-names='[name]-[hash]' --chunk-names='[name]-[hash]' --asset-names='[name]-[hash]' \
    --outdir="$work/assets" --metafile="$work/meta.json" --external:/assets/* --log-level=warning

echo "console: fonts"
python3 "$root/scripts/console_assets.py" fonts "$web" "$work"
python3 "$root/scripts/console_assets.py" page "$web" "$work" "$first_load_limit"

rm -rf "$dist"
mkdir -p "$dist"
cp -R "$work/assets" "$work/index.html" "$dist/"
echo "console: written to web/dist"
