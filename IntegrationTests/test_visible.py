"""From one curl to every place where it must show."""

import json
import time

import websockets.sync.client as ws

from conftest import KEY, OTHER_KEY, event, line, wait_until


def connect(server, key=KEY):
    socket = ws.connect(f"ws://127.0.0.1:{server.port}/api/v1/live", additional_headers={"Authorization": f"Bearer {key}"},
                        max_size=None)
    return socket


def receive(socket, kind, timeout=30):
    while True:
        frame = json.loads(socket.recv(timeout=timeout))
        if frame["type"] == kind:
            return frame


def test_an_accepted_event_is_in_the_history_at_once(server):
    sent = event(site="SITE-7")
    assert server.ingest([line(sent)]).status == 202
    items = server.get("/api/v1/events?site_id=SITE-7").json["items"]
    assert [item["event"] for item in items] == [sent]
    everything = server.get("/api/v1/events?limit=5").json["items"]
    assert everything[0]["event"]["event_id"] == sent["event_id"]
    by_type = server.get("/api/v1/events?event_type=telemetry.metric&site_id=SITE-7").json["items"]
    assert len(by_type) == 1
    assert server.get("/api/v1/events?event_type=no.such").json["items"] == []


def test_an_alarm_reaches_the_list_and_the_socket(server):
    with connect(server) as socket, connect(server, OTHER_KEY) as stranger:
        for each in (socket, stranger):
            each.send(json.dumps({"type": "subscribe", "channels": ["alarms", "incidents", "sites"]}))
            receive(each, "snapshot")
        began = time.monotonic()
        server.ingest([line(event(site="SITE-9", kind="rectifier.system_failed", payload={"state": "raised"}))])
        while True:
            delta = receive(socket, "delta")
            alarms = [c["item"] for c in delta["changes"] if c["channel"] == "alarms"]
            if alarms:
                break
        print(f"event to alarm on the WebSocket: {1000 * (time.monotonic() - began):.1f} ms")
        assert alarms[0]["alarm"]["alarm_type"] == "rectifier.system_failed"
        assert alarms[0]["alarm"]["perceived_severity"] == "critical"
        listed = server.get("/api/v1/alarms?active=true").json["items"]
        assert [a["alarm"]["site_id"] for a in listed] == ["SITE-9"]
        assert server.get("/api/v1/alarms", key=OTHER_KEY).json["items"] == []
        server.ingest([line(event(site="X", tenant="rival"))], key=OTHER_KEY)
        seen = json.dumps(receive(stranger, "delta"))
        assert "SITE-9" not in seen

        server.ingest([line(event(site="SITE-9", kind="rectifier.system_failed", payload={"state": "cleared"},
                                  at="2026-01-02T03:24:05.678Z"))])
        wait_until(lambda: server.get("/api/v1/alarms?active=true").json["items"] == [], 30, "the alarm to clear")


def test_a_reader_resumes_where_it_left(server):
    with connect(server) as socket:
        socket.send(json.dumps({"type": "subscribe", "channels": ["sites"]}))
        since = receive(socket, "snapshot")["seq"]
    for number in range(5):
        server.ingest([line(event(site=f"R-{number}"))])
    wait_until(lambda: len(server.get("/api/v1/sites").json["items"]) == 5, 30, "five sites")
    with connect(server) as socket:
        socket.send(json.dumps({"type": "subscribe", "channels": ["sites"], "since": since}))
        assert json.loads(socket.recv(timeout=30))["type"] == "resumed"
        seen, last = set(), since
        while len(seen) < 5:
            delta = receive(socket, "delta")
            assert delta["seq"] > last
            last = delta["seq"]
            seen |= {c["item"]["site"]["site_id"] for c in delta["changes"]}
        assert seen == {f"R-{n}" for n in range(5)}


def test_upgrade_requests_for_other_things_get_an_answer(server):
    h2c = server.request("GET", "/healthz", headers={"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings",
                                                      "HTTP2-Settings": "AAMAAABkAAQAAP__"}, key=None)
    assert h2c.status == 200
    socket_elsewhere = server.request("GET", "/api/v1/me", headers={
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"})
    assert socket_elsewhere.status == 200
    try:
        connect(server, "tk_wrong")
        raise AssertionError("a wrong key must not open a socket")
    except ws.InvalidStatus if hasattr(ws, "InvalidStatus") else Exception as refusal:
        assert "401" in str(refusal)


def test_metrics_speak_prometheus(server):
    server.ingest([line(event()), b"broken"])
    text = server.get("/metrics", key=None).body.decode()
    values = {l.rsplit(" ", 1)[0]: float(l.rsplit(" ", 1)[1]) for l in text.splitlines() if l and not l.startswith("#")}
    assert values["towerco_ingest_accepted_events_total"] == 1
    assert sum(v for k, v in values.items() if k.startswith("towerco_ingest_rejected_events_total")) == 1
    assert any(k.startswith('towerco_pipeline_offset_lag_records{group="aiops-engine"') for k in values)
