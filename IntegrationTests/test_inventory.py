"""Inventory over time, and from CSV files."""

import json
import os
import subprocess

from conftest import BINARY, KEY, event, wait_until

T0, T1, T2 = "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"


def link(a, b, at, **more):
    return event(site=a, kind="topology.link", at=at, payload={"a": a, "b": b, **more})


def links(server, at=None):
    answer = server.get("/api/v1/topology" + (f"?at={at}" if at else ""))
    assert answer.status == 200, answer.body
    return sorted(f"{link['a']}-{link['b']}" for link in answer.json["links"])


def run_import(server, folder, *arguments, files):
    for name, text in files.items():
        (folder / name).write_text(text)
    environment = {**os.environ, "TOWERCO_URL": f"http://127.0.0.1:{server.port}", "TOWERCO_KEY": KEY}
    return subprocess.run(
        [BINARY, "import", *files, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_the_topology_is_answered_as_it_was(server):
    events = [
        # Told out of order: the move of the third day first.
        link("S-3", "H-2", T2, kind="hop", parent="H-2"), link("S-3", "H-1", T2, state="removed"),
        link("S-3", "H-1", T0, kind="hop", parent="H-1"), link("H-2", "H-1", T0, kind="fibre", parent="H-1"),
        event(site="S-9", kind="inventory.site", at=T0, payload={"name": "Nine"}),
        event(site="S-9", kind="inventory.site", at=T2, payload={"status": "decommissioned"}),
    ]
    server.ingest([json.dumps(one).encode() for one in events])
    wait_until(lambda: links(server) == ["H-2-H-1", "S-3-H-2"], 30, "the newest network")
    assert links(server, T1) == ["H-2-H-1", "S-3-H-1"]
    assert links(server, T2) == ["H-2-H-1", "S-3-H-2"]
    sites = lambda at: {view["site"]["site_id"] for view in server.get(f"/api/v1/topology?at={at}").json["sites"]}
    assert "S-9" in sites(T1) and "S-9" not in sites(T2)
    assert server.get("/api/v1/sites/S-9").status == 404
    assert server.get("/api/v1/topology?at=yesterday").status == 400


def test_csv_files_are_imported_once_and_bad_rows_are_named(server, tmp_path):
    files = {
        "links.csv": "b;parent;a;kind\nH-1;H-1;S-1;hop\nH-1;H-1;S-2;hop\n",
        "sites.csv": '\ufeffsite_id,name,lat,lon,operators\r\nS-1,"Hill, North",1.5,2,A|B\r\nS-2,Lake,95,2,\r\nH-1,Hub,1,2,\r\n',
    }
    dry = run_import(server, tmp_path, "--dry-run", files=files)
    assert dry.returncode == 1 and "sites.csv:3: lat: 95 is outside -90.0 to 90.0" in dry.stderr
    assert links(server) == []

    first = run_import(server, tmp_path, files=files)
    assert first.returncode == 1, first
    assert "sites.csv: 2 sites, 2 changed" in first.stdout and "links.csv: 2 links, 2 changed" in first.stdout
    wait_until(lambda: links(server) == ["S-1-H-1", "S-2-H-1"], 30, "the links")
    site = wait_until(lambda: server.get("/api/v1/sites/S-1").json["site"], 30, "the site")
    assert site["name"] == "Hill, North" and site["operators"] == ["A", "B"]

    again = run_import(server, tmp_path, files=files)
    assert "0 changed, 2 as known" in again.stdout, again
    # With a bad row nothing is removed.
    kept = run_import(server, tmp_path, "--remove-missing", files={"sites.csv": "site_id,lat\nS-1,1.5\nS-2,95\n"})
    assert kept.returncode == 1 and "removed" not in kept.stdout

    less = {"links.csv": "a,b,kind,parent\nS-1,H-1,hop,H-1\n"}
    shown = run_import(server, tmp_path, "--remove-missing", "--dry-run", files=less)
    assert shown.returncode == 0 and "would be removed: S-2/H-1 hop" in shown.stdout, shown
    assert links(server) == ["S-1-H-1", "S-2-H-1"]
    gone = run_import(server, tmp_path, "--remove-missing", files=less)
    assert gone.returncode == 0 and "removed: S-2/H-1 hop" in gone.stdout, gone
    wait_until(lambda: links(server) == ["S-1-H-1"], 30, "the removal")


def test_a_table_becomes_the_same_events_without_a_server(tmp_path):
    (tmp_path / "sites.csv").write_text("site_id,name\nS-1,Hill\n")
    run = lambda: subprocess.run(
        [BINARY, "import", "sites.csv", "--out", "-", "--tenant", "acme"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    first, second = run(), run()
    assert first.returncode == 0 and first.stdout == second.stdout
    one = json.loads(first.stdout)
    assert one["event_type"] == "inventory.site" and one["site_id"] == "S-1" and one["payload"]["name"] == "Hill"
    usage = subprocess.run([BINARY, "import", "sites.csv", "--out", "-"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert usage.returncode == 2 and "--tenant" in usage.stderr
