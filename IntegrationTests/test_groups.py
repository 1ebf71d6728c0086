"""Consumer groups over the real binary: shown, paused, resumed and moved while the server works, and over restarts."""

import json

import pytest

from conftest import KEY, OTHER_KEY, Server, event, line, towerco, wait_until

ENGINE = "aiops-engine"


def where(server):
    return ["--url", f"http://127.0.0.1:{server.port}", "--key", KEY]


def group(server, name=ENGINE):
    return json.loads(towerco("groups", "show", name, "--json", *where(server)).stdout)


def caught_up(server, name=ENGINE):
    return wait_until(lambda: (g := group(server, name))["offset_lag"] == 0 and g, 60, f"{name} to catch up")


def metric(server, name, of=ENGINE):
    for text in server.get("/metrics", key=None).body.decode().splitlines():
        if text.startswith(f'{name}{{group="{of}"}}'):
            return float(text.split()[-1])
    raise AssertionError(f"no {name} of {of}")


def records(server, name=ENGINE):
    return metric(server, "towerco_pipeline_records_total", name)


def test_groups_are_listed_and_shown(server):
    server.ingest([line(event(site="G-1"))])
    shown = caught_up(server)
    assert shown["members"] == 1 and not shown["is_paused"] and "towerco.sites.*.events" in shown["patterns"]
    assert shown["position"] <= shown["end"]
    listed = towerco("groups", "list", *where(server)).stdout.decode()
    assert ENGINE in listed and listed == towerco("groups", *where(server)).stdout.decode()
    assert ENGINE in towerco("groups", "show", ENGINE, *where(server)).stdout.decode()
    assert b"404" in towerco("groups", "show", "nobody", *where(server), check=1).stderr


def test_a_paused_group_reads_nothing_until_it_is_resumed_also_after_a_restart(folder):
    server = Server(folder / "data").start()
    server.ingest([line(event(site="G-1"))])
    caught_up(server)
    towerco("groups", "pause", ENGINE, *where(server))
    assert group(server)["state"] == "paused" and metric(server, "towerco_pipeline_group_paused") == 1
    ready = server.get("/readyz", key=None)
    assert ready.status == 200 and ready.json["checks"][ENGINE] == "paused", "a pause is a wish, not a failure"
    before = records(server)
    server.ingest([line(event(site=f"G-{n}")) for n in range(50)])
    # The others read on, so the events did pass by.
    caught_up(server, "dashboard-service")
    assert group(server)["offset_lag"] >= 50 and records(server) == before

    assert server.stop() == 0
    server.start()
    caught_up(server, "dashboard-service")
    shown = group(server)
    assert shown["is_paused"] and shown["offset_lag"] >= 50 and records(server) == 0, "a pause survives a restart"
    towerco("groups", "resume", ENGINE, *where(server))
    caught_up(server)
    assert records(server) >= 50 and "aiops-engine" not in server.get("/readyz", key=None).json["checks"]
    assert server.stop() == 0


def test_a_group_that_is_moved_goes_on_from_there_without_a_restart(server):
    server.ingest([line(event(site=f"G-{n}")) for n in range(30)])
    first = caught_up(server, "kpi-calculator")
    read = records(server, "kpi-calculator")
    moved = json.loads(towerco("groups", "seek", "kpi-calculator", "--to", "beginning", "--json", *where(server)).stdout)
    assert moved["epoch"] > first["epoch"]
    after = wait_until(lambda: (g := group(server, "kpi-calculator"))["members"] == 1 and g["offset_lag"] == 0 and g, 60, "the group to read again")
    assert records(server, "kpi-calculator") >= read + 30 and after["epoch"] > moved["epoch"]
    assert server.get("/readyz", key=None).status == 200
    towerco("groups", "reset", "kpi-calculator", *where(server))
    caught_up(server, "kpi-calculator")


@pytest.mark.parametrize("action, body, status", [
    ("seek", {"to": "never"}, 400), ("seek", {}, 400), ("pause", {"why": "x"}, 400), ("stop", {}, 404),
])
def test_wrong_requests_are_refused(server, action, body, status):
    wait_until(lambda: group(server), 30, "the group")
    assert server.post(f"/api/v1/consumer-groups/{ENGINE}/{action}", body).status == status


def test_strangers_may_neither_look_nor_touch(server):
    assert server.get("/api/v1/consumer-groups", key=OTHER_KEY).status == 200, "readers are the platform's, not a tenant's"
    assert server.get("/api/v1/consumer-groups", key="tk_wrong").status == 401
    assert server.post(f"/api/v1/consumer-groups/{ENGINE}/pause", {}, key="tk_wrong").status == 401
    refused = server.post(f"/api/v1/consumer-groups/{ENGINE}/pause", {}, key=OTHER_KEY)
    assert refused.status == 403 and refused.json["code"] == "auth.forbidden", "the levers are for the platform's own tenant"
    assert not group(server)["is_paused"]
