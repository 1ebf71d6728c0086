"""What ships for Prometheus and Grafana is checked by their own tools, and names nothing that is not there."""

from __future__ import annotations

import json
import pathlib
import re

import pytest

from conftest import ROOT, Server, event, line, wait_until
from prometheus import DEPLOY, Prometheus, promtool

RUNBOOKS = ROOT / "docs" / "runbooks"
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
# Named by a rule before the part that exposes them is there.
ANNOUNCED = {"towerco_spool_fill_ratio", "towerco_spool_bytes"}
HISTOGRAM_SUFFIX = re.compile(r"_(bucket|sum|count)$")


def families(text: str) -> dict[str, tuple[str, str]]:
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.M))
    return {name: (kind, helps[name]) for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)}


def alert_blocks() -> list[tuple[str, str]]:
    text = (DEPLOY / "rules" / "alerts.yml").read_text()
    parts = re.split(r"^ +- alert: ", text, flags=re.M)[1:]
    return [(part.split("\n", 1)[0].strip(), part) for part in parts]


def metric_names(expression: str) -> set[str]:
    expression = re.sub(r'"[^"]*"', '""', expression)
    return set(re.findall(r"(?<![\w:])((?:towerco|process)_[a-z_0-9]+)(?![\w:])", expression))


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("rules") / "data", env={"TOWERCO_METRICS_SAMPLE_SECONDS": "1"}).start()
    server.ingest([line(event(site=f"S-{n}")) for n in range(40)] + [b"{broken"])
    wait_until(lambda: server.get("/api/v1/platform").json["event_to_decision_ms"]["count"] >= 40, 60, "decisions")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def exposition(busy) -> str:
    return busy.get("/metrics", key=None).body.decode()


def test_promtool_finds_no_fault_in_what_the_server_exposes(exposition):
    assert promtool("check", "metrics", stdin=exposition.encode()).strip() == ""


def test_the_metrics_page_is_what_the_server_exposes(exposition):
    rows = re.findall(r"^\| `(\S+)` \| (\w+) \| ([^|]*) \| (.*) \|$", (ROOT / "docs" / "metrics.md").read_text(), re.M)
    documented = {name: (kind, meaning) for name, kind, _, meaning in rows}
    assert documented == families(exposition)
    labels = {name: set(re.findall(r"`(\w+)`", text)) for name, _, text, _ in rows}
    for name, inner in re.findall(r"^(\w+)\{(.*)\} ", exposition, re.M):
        family = name if name in documented else HISTOGRAM_SUFFIX.sub("", name)
        assert set(re.findall(r'(\w+)="', inner)) - {"le"} <= labels[family], name


@pytest.mark.parametrize("roles", [["data-ingestor"], ["aiops-engine", "kpi-calculator"], ["dashboard-service"]], ids="+".join)
def test_every_role_answers_with_every_metric(tmp_path, exposition, roles):
    server = Server(tmp_path / "data", *(word for role in roles for word in ("--role", role))).start()
    try:
        text = server.get("/metrics", key=None).body.decode()
        assert families(text) == families(exposition)
        assert set(re.findall(r'towerco_app_role_info\{role="([a-z-]+)"\} 1', text)) == set(roles)
        groups = set(re.findall(r'towerco_pipeline_group_healthy\{group="([a-z-]+)"\}', text))
        assert groups == set(roles) - {"data-ingestor"}
    finally:
        assert server.stop() == 0


def test_nothing_in_the_labels_is_a_tenants(busy, exposition):
    assert "acme" not in exposition and "rival" not in exposition and 'S-1"' not in exposition
    before = sum(not text.startswith("#") for text in exposition.splitlines())
    busy.ingest([line(event(site=f"MANY-{n}", kind=f"made.up.type{n}")) for n in range(2000)])
    wait_until(lambda: b'towerco_pipeline_offset_lag_records{group="aiops-engine"} 0' in busy.get("/metrics", key=None).body, 60, "the engine")
    after = sum(not text.startswith("#") for text in busy.get("/metrics", key=None).body.decode().splitlines())
    # A histogram that is first used adds its lines; 2,000 sites and types must add none.
    assert after - before < 250


def test_names_follow_the_rule(exposition):
    # The spool is a part of the log's room that alerts and runbooks know by its own name.
    rooms = {p.name.removeprefix("Tower").lower() for p in (ROOT / "Sources").iterdir() if p.name.startswith("Tower")} | {"spool"}
    for name, (kind, meaning) in families(exposition).items():
        assert meaning.endswith("."), name
        if name.startswith("process_"):
            continue
        assert re.fullmatch(r"towerco_[a-z]+_[a-z0-9_]+", name) and name.split("_")[1] in rooms, name
        assert name.endswith("_total") == (kind == "counter"), name
        if kind == "histogram":
            assert name.endswith("_seconds"), name


def test_rules_and_configuration_are_sound():
    promtool("check", "config", DEPLOY / "prometheus.yml")
    promtool("check", "rules", *sorted((DEPLOY / "rules").glob("*.yml")))
    assert "SUCCESS" in promtool("test", "rules", DEPLOY / "tests" / "alerts_test.yml")


def test_every_alert_is_tested_both_ways_and_has_a_runbook():
    tests = (DEPLOY / "tests" / "alerts_test.yml").read_text()
    blocks = alert_blocks()
    assert len(blocks) >= 20 and len({name for name, _ in blocks}) == len(blocks)
    for name, block in blocks:
        assert f"- name: {name} fires\n" in tests and f"- name: {name} is silent\n" in tests, name
        assert re.search(r"severity: (page|ticket)", block) and "summary:" in block and "description:" in block, name
        runbook = re.search(r"runbook_url: (docs/runbooks/[a-z-]+\.md)", block)
        assert runbook and (ROOT / runbook.group(1)).exists(), name
        assert name in (ROOT / runbook.group(1)).read_text(), f"{runbook.group(1)} does not name {name}"


def test_runbooks_have_their_parts_and_name_commands_that_exist():
    commands = {"groups", "topics", "dead-letters", "log", "doctor", "rebuild", "replay", "serve", "alarms", "incidents", "bench",
                "routes", "notifications"}
    for path in sorted(RUNBOOKS.glob("*.md")):
        if path.name == "README.md":
            continue
        text = path.read_text()
        for part in ("## What you see", "## What it means", "## Look", "## Do", "## Verify"):
            assert part in text, f"{path.name} lacks {part}"
        for command in re.findall(r"^ *towerco ([a-z-]+)", text, re.M):
            assert command in commands, f"{path.name}: towerco {command}"
        alerts = {name for name, _ in alert_blocks()}
        for name in re.findall(r"Towerco[A-Z]\w+", text):
            assert name in alerts, f"{path.name} names {name}"


def test_rules_name_only_what_is_exposed(exposition):
    known = set(families(exposition)) | ANNOUNCED
    for name in ("alerts.yml", "recording.yml"):
        text = re.sub(r"(?m)^ *(summary|description|runbook_url|#).*$", "", (DEPLOY / "rules" / name).read_text())
        text = re.sub(r"(?m)^.*(- name|record|alert): .*$", "", text)
        for metric in metric_names(text):
            assert metric in known or HISTOGRAM_SUFFIX.sub("", metric) in known, f"{name}: {metric}"


def expressions(dashboard: dict) -> list[str]:
    found = []
    for panel in dashboard["panels"]:
        found += [target["expr"] for target in panel.get("targets", [])]
    return found + [v["query"] for v in dashboard.get("templating", {}).get("list", []) if v["type"] == "query"]


def test_dashboards_are_valid_and_unique():
    assert len(DASHBOARDS) >= 5
    read = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert len({d["uid"] for d in read}) == len(read) and len({d["title"] for d in read}) == len(read)
    for path, dashboard in zip(DASHBOARDS, read):
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids) and dashboard["schemaVersion"] >= 36, path.name
        boxes = [panel["gridPos"] for panel in dashboard["panels"]]
        for i, a in enumerate(boxes):
            assert a["x"] + a["w"] <= 24, path.name
            for b in boxes[i + 1:]:
                apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"] or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
                assert apart, f"{path.name}: panels overlap at {a} and {b}"
        for panel in dashboard["panels"]:
            assert panel["title"] and (panel["type"] == "row" or panel["description"]), f"{path.name}: {panel['title']}"


def test_the_dashboards_questions_are_understood_and_answered(busy, exposition, tmp_path):
    """Prometheus parses each; those about what a small server has are answered with numbers."""
    known = set(families(exposition))
    recorded = set(re.findall(r"record: (\S+)", (DEPLOY / "rules" / "recording.yml").read_text()))
    prometheus = Prometheus(tmp_path / "prometheus", [f"127.0.0.1:{busy.port}"])
    try:
        wait_until(lambda: prometheus.query("group:towerco_pipeline_records:rate1m"), 60, "the recording rules")
        answered = 0
        for path in DASHBOARDS:
            for expression in expressions(json.loads(path.read_text())):
                for metric in metric_names(expression):
                    assert metric in known or HISTOGRAM_SUFFIX.sub("", metric) in known, f"{path.name}: {metric}"
                for record in re.findall(r"[a-z]+:towerco\w+:\w+", expression):
                    assert record in recorded, f"{path.name}: {record}"
                filled = expression.replace("$__rate_interval", "10s").replace("$__range", "1m").replace("$instance", ".*").replace("$group", ".*")
                if filled.startswith("label_values("):
                    continue
                answered += bool(prometheus.query(filled))
        assert answered >= 30, f"only {answered} questions had an answer"
    finally:
        prometheus.stop()
