"""A real Prometheus on a free port, with a folder of its own, and the shipped rules at a test's pace."""

from __future__ import annotations

import json
import pathlib
import re
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request

from conftest import ROOT, wait_until

DEPLOY = ROOT / "deploy" / "prometheus"


def tool(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is missing: scripts/setup.sh installs it (Debian package prometheus)"
    return path


def promtool(*arguments, stdin: bytes | None = None) -> str:
    result = subprocess.run([tool("promtool"), *map(str, arguments)], input=stdin, capture_output=True, timeout=120)
    output = (result.stdout + result.stderr).decode()
    assert result.returncode == 0, output[-6000:]
    return output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def at_a_tests_pace(rules: str) -> str:
    """The shipped rules with seconds where they have minutes: the same expressions and thresholds, shorter windows."""
    rules = re.sub(r"for: \d+[smh]", "for: 1s", rules)
    rules = re.sub(r"\[(\d+)(m|h)\]", "[10s]", rules)
    return re.sub(r"offset \d+m", "offset 10s", rules)


class Prometheus:
    def __init__(self, folder: pathlib.Path, targets: list[str], thresholds: dict[str, str] | None = None):
        self.folder, self.port = folder, free_port()
        (folder / "rules").mkdir(parents=True)
        for name in ("recording.yml", "alerts.yml"):
            text = at_a_tests_pace((DEPLOY / "rules" / name).read_text())
            for old, new in (thresholds or {}).items():
                text = text.replace(old, new)
            (folder / "rules" / name).write_text(text)
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules/*.yml"],
            "scrape_configs": [{"job_name": "towerco", "scrape_timeout": "1s",
                                "static_configs": [{"targets": targets, "labels": {"service": "all"}}]}],
        }))
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            [tool("prometheus"), f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=subprocess.STDOUT)
        wait_until(self.is_ready, 60, "Prometheus to be ready")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()[-4000:]
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5) as answer:
            return answer.status == 200

    def api(self, path: str, **parameters) -> dict:
        query = ("?" + urllib.parse.urlencode(parameters)) if parameters else ""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}{query}", timeout=30) as answer:
                body = json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{path} {parameters}: {refused.read().decode()[:500]}") from None
        assert body["status"] == "success", body
        return body["data"]

    def query(self, expression: str) -> list[dict]:
        return self.api("query", query=expression)["result"]

    def alerts(self, name: str) -> list[dict]:
        return [a for a in self.api("alerts")["alerts"] if a["labels"]["alertname"] == name]

    def is_firing(self, name: str) -> bool:
        return any(a["state"] == "firing" for a in self.alerts(name))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.close()
