"""`serve --demo`: what a newcomer sees within two minutes, in a real browser too."""

import json
import re
import subprocess
import sys

import pytest

from conftest import ROOT, Server, wait_until


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("demo") / "data", "--demo", "--console", str(ROOT / "web" / "dist")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def login(demo):
    text = wait_until(lambda: re.search(r"user\s+(\S+)\s+password\s+(\S+)", "".join(demo.log)), 30, "the demo login")
    user, password = text.group(1), text.group(2)
    answer = demo.post("/api/v1/sessions", {"user": user, "password": password}, key=None)
    assert answer.status == 201
    return user, password, answer.json["token"]


def test_a_grid_failure_whose_generator_did_not_start_is_one_incident(demo, login):
    token = login[2]

    def the_incident():
        for item in demo.get("/api/v1/incidents", key=token).json["items"]:
            snapshot = item["snapshot"]
            top = snapshot["root_cause_candidates"][0]
            if top["condition"] == "dg.start_failed" and len(snapshot["affected_sites"]) >= 3 and snapshot["autonomy"]:
                return snapshot
        return None

    snapshot = wait_until(the_incident, 120, "the incident of the generator that did not start")
    assert snapshot["root_cause_candidates"][0]["probability"] > 0.5
    assert snapshot["root_cause_candidates"][0]["evidence_for"]
    forecast = snapshot["autonomy"][0]
    assert 0 < forecast["minutes_p10"] <= forecast["minutes_p50"] <= forecast["minutes_p90"]
    assert "generator" in snapshot["explanation"].lower()
    fleet = demo.get("/api/v1/fleet", key=token).json
    assert fleet["total_sites"] >= 40 and fleet["shortest_autonomy"]


def test_a_wrong_password_opens_nothing(demo, login):
    assert demo.post("/api/v1/sessions", {"user": login[0], "password": "wrong"}, key=None).status == 401


def test_the_console_works_in_a_browser(demo, login):
    result = subprocess.run([sys.executable, ROOT / "web" / "test" / "console_test.py",
                             f"http://127.0.0.1:{demo.port}", login[0], login[1]], capture_output=True, text=True, timeout=600)
    print(result.stdout[-3000:])
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert json.dumps(result.stdout).count("passed")
