"""The command line: help worth reading, exit codes that scripts can use."""

import json
import os
import signal
import socket
import subprocess

import pytest

from conftest import BINARY, KEY, event, line, towerco, wait_until

COMMANDS = ["serve", "simulate", "analyze", "evaluate", "replay", "rebuild", "topics", "groups", "dead-letters", "schemas", "doctor",
            "healthcheck"]


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


@pytest.mark.parametrize("arguments", [["--version"], ["serve", "--help"], ["bench", "events", "--events", "10"]])
def test_a_result_that_cannot_be_written_is_a_failure_and_no_crash(arguments):
    with open("/dev/full", "wb") as full:
        ended = subprocess.run([BINARY, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=120)
    assert ended.returncode == 1
    assert b"writing standard output" in ended.stderr and b"crashed" not in ended.stderr


def test_a_server_whose_words_nobody_takes_serves_on(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"TOWERCO_BOOTSTRAP_KEY": f"acme:{KEY}", "TOWERCO_SERVER_PORT": str(port)}
    environment = {**{k: v for k, v in os.environ.items() if not k.startswith("TOWERCO_")}, **settings}
    with open("/dev/full", "wb") as full:
        command = [BINARY, "serve", "--data", folder / "data"]
        process = subprocess.Popen(command, stdout=full, stderr=full, env=environment)
    try:
        wait_until(lambda: towerco("healthcheck", "--ready", "--url", f"http://127.0.0.1:{port}", check=None).returncode == 0, 60, "ready")
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0


def test_a_server_whose_port_is_taken_says_so_and_ends(server, folder):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TOWERCO_")}
    command = [BINARY, "serve", "--data", folder / "second", "--port", str(server.port)]
    ended = subprocess.run(command, capture_output=True, timeout=60, env={**environment, "TOWERCO_BOOTSTRAP_KEY": f"acme:{KEY}"})
    assert ended.returncode == 1
    assert str(server.port).encode() in ended.stderr and b"--port" in ended.stderr
