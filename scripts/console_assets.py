"""Second half of the console build: fonts cut to Latin, index.html with hashed names, and the size gate.

Used by build-console.sh only:  console_assets.py fonts WEB WORK  |  console_assets.py page WEB WORK LIMIT
"""

import gzip
import hashlib
import json
import pathlib
import subprocess
import sys

INTER = pathlib.Path("/usr/share/fonts/opentype/inter")
MONO = pathlib.Path("/usr/share/fonts/truetype/jetbrains-mono")
FACES = [
    ("Inter", 400, INTER / "Inter-Regular.otf"),
    ("Inter", 500, INTER / "Inter-Medium.otf"),
    ("Inter", 600, INTER / "Inter-SemiBold.otf"),
    ("JetBrains Mono", 400, MONO / "JetBrainsMono-Regular.ttf"),
]
# Latin with French, the signs the catalogues use, and the no-break spaces.
UNICODES = "U+0020-007E,U+00A0-017F,U+2009,U+2010-2026,U+202F,U+2030,U+2032,U+20AC,U+2190-2193,U+2212,U+2248,U+2264,U+2265,U+00D7,U+00F7"


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:8].upper()


def fonts(web: pathlib.Path, work: pathlib.Path) -> None:
    rules = []
    preload = []
    for family, weight, source in FACES:
        if not source.exists():
            sys.exit(f"build-console: font {source} is missing. Install fonts-inter and fonts-jetbrains-mono.")
        target = work / "face.woff2"
        features = "kern,liga,calt,tnum,zero,ss01" if family == "Inter" else "kern,calt,zero"
        subprocess.run(
            ["pyftsubset", str(source), f"--unicodes={UNICODES}", "--flavor=woff2", f"--layout-features={features}",
             "--no-hinting", "--desubroutinize", f"--output-file={target}"], check=True)
        data = target.read_bytes()
        name = f"{family.replace(' ', '')}-{weight}-{hashed(data)}.woff2"
        (work / "assets" / name).write_bytes(data)
        preload.append(name)
        rules.append(
            f"@font-face{{font-family:'{family}';font-style:normal;font-weight:{weight};font-display:swap;"
            f"src:url(/assets/{name}) format('woff2')}}")
    target.unlink()
    (work / "fonts.css").write_text("".join(rules))
    (work / "preload.json").write_text(json.dumps(preload))


def page(web: pathlib.Path, work: pathlib.Path, limit: int) -> None:
    outputs = json.loads((work / "meta.json").read_text())["outputs"]
    by_name = {pathlib.Path(path).name: value for path, value in outputs.items()}
    entry = next(name for name, value in by_name.items() if value.get("entryPoint", "").endswith("src/main.tsx"))
    style = pathlib.Path(by_name[entry]["cssBundle"]).name if "cssBundle" in by_name[entry] else next(
        name for name in by_name if name.endswith(".css"))
    css = (work / "fonts.css").read_text() + (work / "assets" / style).read_text()
    (work / "assets" / style).unlink()
    css_name = f"main-{hashed(css.encode())}.css"
    (work / "assets" / css_name).write_text(css)
    icon = (web / "icon.svg").read_bytes()
    icon_name = f"icon-{hashed(icon)}.svg"
    (work / "assets" / icon_name).write_bytes(icon)

    first, queue = set(), [entry]
    while queue:
        name = queue.pop()
        if name in first:
            continue
        first.add(name)
        queue += [pathlib.Path(item["path"]).name for item in by_name[name]["imports"]
                  if item["kind"] == "import-statement" and not item.get("external")]
    chunks = "".join(f'<link rel="modulepreload" href="/assets/{name}">\n' for name in sorted(first - {entry}))
    faces = "".join(f'<link rel="preload" href="/assets/{name}" as="font" type="font/woff2" crossorigin>\n'
                    for name in json.loads((work / "preload.json").read_text()) if not name.startswith("JetBrains"))
    html = (web / "index.html").read_text()
    for key, value in {"icon": icon_name, "css": css_name, "js": entry, "preload": (chunks + faces).rstrip()}.items():
        html = html.replace("{{" + key + "}}", value)
    (work / "index.html").write_text(html)

    def packed(name: str) -> int:
        return len(gzip.compress((work / "assets" / name).read_bytes(), 9))

    print(f"{'file':44}{'bytes':>10}{'gzip':>10}")
    for path in sorted((work / "assets").iterdir()):
        if path.name.endswith((".js", ".css", ".woff2", ".svg")):
            mark = "first load" if path.name in first or path.name == css_name else ""
            print(f"{path.name:44}{path.stat().st_size:>10}{packed(path.name):>10}  {mark}")
    total = sum(packed(name) for name in first)
    print(f"first load, JavaScript: {total / 1000:.1f} kB gzipped (limit {limit / 1000:.0f}); with style "
          f"{(total + packed(css_name)) / 1000:.1f} kB")
    if total > limit:
        sys.exit(f"build-console: the first load is {total} bytes gzipped, the limit is {limit}. Move a screen behind lazy().")


if __name__ == "__main__":
    kind, web_dir, work_dir = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    if kind == "fonts":
        fonts(web_dir, work_dir)
    else:
        page(web_dir, work_dir, int(sys.argv[4]))
