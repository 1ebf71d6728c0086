"""The command line: help worth reading, exit codes that scripts can use."""

import json

import pytest

from conftest import KEY, event, line, towerco

COMMANDS = ["serve", "simulate", "analyze", "evaluate", "replay", "rebuild", "topics", "groups", "dead-letters", "doctor", "healthcheck"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    text = towerco(command, "--help").stdout.decode()
    assert "USAGE: towerco " + command in text and len(text) > 200


@pytest.mark.parametrize("arguments, code", [
    (["no-such-command"], 2),
    (["analyze"], 2),
    (["analyze", "--input", "/no/such/file", "--out", "-"], 1),
    (["serve", "--port", "99999999"], 2),
    (["topics", "--url", "http://127.0.0.1:1"], 1),
])
def test_exit_codes(arguments, code):
    result = towerco(*arguments, check=code)
    assert result.stderr.strip(), "an error says what to do next"


def test_a_mistyped_setting_is_named_with_the_nearest_one(folder):
    file = folder / "towerco.yaml"
    file.write_text("server:\n  prot: 8080\n")
    result = towerco("serve", "--config", file, "--data", folder / "data", check=2)
    assert b"server.prot" in result.stderr and b"server.port" in result.stderr


def test_operations_commands_speak_to_a_running_server(server):
    server.ingest([line(event(site="C-1")), b"broken"])
    where = ["--url", f"http://127.0.0.1:{server.port}", "--key", KEY]
    assert "towerco.sites" in towerco("topics", *where).stdout.decode()
    assert "aiops-engine" in towerco("groups", *where).stdout.decode()
    listed = towerco("dead-letters", "list", *where).stdout.decode()
    assert "json." in listed
    identity = json.loads(towerco("dead-letters", "list", *where, "--json").stdout.splitlines()[0])["id"]
    assert "broken" in towerco("dead-letters", "show", identity, *where).stdout.decode()
    refused = towerco("dead-letters", "retry", identity, *where, check=1)
    assert b"400" in refused.stderr, "bytes that are still broken are refused again"


def test_doctor_checks_a_folder_and_says_what_is_wrong(folder):
    good = towerco("doctor", "--data", folder / "data").stdout.decode()
    assert "ok" in good and "sync" in good
    (folder / "file").write_text("not a folder")
    bad = towerco("doctor", "--data", folder / "file", check=1)
    assert b"fail" in bad.stdout
