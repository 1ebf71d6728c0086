"""Traces reach a collector over real HTTP, as one tree from the door to the read models, and cost nothing when it is away."""

from __future__ import annotations

import http.server
import json
import secrets
import threading

import pytest

from conftest import KEY, Server, event, line, wait_until


class Collector:
    """Takes OTLP/HTTP in JSON and keeps the spans."""

    def __init__(self, status: int = 200):
        self.spans: list[dict] = []
        self.resources: list[dict] = []
        self.requests = 0
        self.status = status
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.requests += 1
                assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                if collector.status == 200:
                    for resource in json.loads(body)["resourceSpans"]:
                        collector.resources.append(attributes(resource["resource"]))
                        for scope in resource["scopeSpans"]:
                            collector.spans += scope["spans"]
                self.send_response(collector.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, trace: str) -> list[dict]:
        return [s for s in list(self.spans) if s["traceId"] == trace]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def attributes(node: dict) -> dict:
    return {a["key"]: next(iter(a["value"].values())) for a in node["attributes"]}


@pytest.fixture
def collector():
    running = Collector()
    yield running
    running.stop()


def start(folder, address: str, ratio: str = "0", **more) -> Server:
    return Server(folder / "data", env={"TOWERCO_TRACING_ENDPOINT": address, "TOWERCO_TRACING_SAMPLE_RATIO": ratio, **more}).start()


def metric(server, name) -> float:
    return sum(float(t.split()[-1]) for t in server.get("/metrics", key=None).body.decode().splitlines() if t.startswith(name))


def send(server, documents, trace=None, flags="01"):
    headers = {"Content-Type": "application/x-ndjson"}
    if trace:
        headers["traceparent"] = f"00-{trace}-{'ab' * 8}-{flags}"
    body = b"\n".join(line(d) for d in documents)
    answer = server.request("POST", "/api/v1/events", body, headers)
    assert answer.status == 202, answer.body
    return answer


@pytest.mark.parametrize("count", [1, 60], ids=["read from the log", "handed on by the door"])
def test_a_request_is_one_tree_from_the_door_to_the_read_models(folder, collector, count):
    server = start(folder, collector.address)
    try:
        trace = secrets.token_hex(16)
        outage = event(site="T-1", kind="power.grid.outage", payload={"state": "raised"})
        send(server, [outage] + [event(site=f"T-{n}") for n in range(1, count)], trace)
        send(server, [event(site="U-1")], secrets.token_hex(16), flags="00")
        send(server, [event(site="U-2")])

        groups = {"aiops-engine", "analytics-service", "dashboard-service", "kpi-calculator", "notification-service"}

        def tree():
            spans = collector.of(trace)
            names = [s["name"] for s in spans]
            # Twice: what was sent, and what the engine decided of it.
            return spans if groups <= set(names) and names.count("dashboard-service") >= 2 else None

        spans = wait_until(tree, 60, "the tree of spans")
        by_id = {s["spanId"]: s for s in spans}
        assert len(by_id) == len(spans), "every span has an id of its own"
        only = lambda name: next(s for s in spans if s["name"] == name)
        ingest, append, engine = only("ingest"), only("append"), only("aiops-engine")
        assert ingest["parentSpanId"] == "ab" * 8 and ingest["kind"] == 2 and append["kind"] == 4
        assert append["parentSpanId"] == ingest["spanId"] and engine["parentSpanId"] == append["spanId"]
        parents = {by_id[s["parentSpanId"]]["name"] for s in spans if s["name"] == "dashboard-service"}
        assert parents == {"append", "aiops-engine"}
        for step in ("decode", "decide", "write"):
            assert only(f"aiops-engine {step}")["parentSpanId"] == engine["spanId"]
        for span in spans:
            assert int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])
        assert attributes(ingest)["towerco.events.accepted"] == str(count)
        assert int(append["endTimeUnixNano"]) <= int(ingest["endTimeUnixNano"])
        assert collector.resources[0]["service.name"] == "towerco"
        assert {s["traceId"] for s in collector.spans} == {trace}, "who did not ask for it is not traced"
    finally:
        assert server.stop() == 0


def test_a_restart_goes_on_with_a_trace_that_the_group_had_not_read(folder, collector):
    """The context is in the record, so the process that decides need not be the one that accepted."""
    from conftest import towerco
    server = start(folder, collector.address)
    try:
        where = ["--url", f"http://127.0.0.1:{server.port}", "--key", KEY]
        towerco("groups", "pause", "aiops-engine", *where)
        trace = secrets.token_hex(16)
        send(server, [event(site="T-1", kind="power.grid.outage", payload={"state": "raised"})], trace)
        wait_until(lambda: any(s["name"] == "dashboard-service" for s in collector.of(trace)), 60, "the others")
        assert not any(s["name"] == "aiops-engine" for s in collector.of(trace))
        assert server.stop() == 0
        server.start()
        towerco("groups", "resume", "aiops-engine", "--url", f"http://127.0.0.1:{server.port}", "--key", KEY)
        spans = wait_until(lambda: (s := collector.of(trace)) and any(x["name"] == "aiops-engine" for x in s) and s, 60, "the engine")
        append = next(s for s in spans if s["name"] == "append")
        assert next(s for s in spans if s["name"] == "aiops-engine")["parentSpanId"] == append["spanId"]
    finally:
        assert server.stop() == 0


def test_the_ratio_draws_evenly(folder, collector):
    server = start(folder, collector.address, ratio="0.5")
    try:
        for n in range(20):
            send(server, [event(site=f"R-{n}")])
        roots = lambda: [s for s in list(collector.spans) if s["name"] == "ingest"]
        wait_until(lambda: len(roots()) >= 10, 60, "the drawn requests")
        assert server.stop() == 0
        assert len(roots()) == 10 and all("parentSpanId" not in s for s in roots())
        assert len({s["traceId"] for s in roots()}) == 10
    finally:
        if server.process.poll() is None:
            server.stop()


@pytest.mark.parametrize("how", ["away", "refusing"])
def test_a_collector_that_is_away_costs_spans_and_nothing_else(folder, how):
    collector = Collector(status=503)
    if how == "away":
        collector.stop()
    server = start(folder, collector.address, ratio="1")
    try:
        for n in range(30):
            send(server, [event(site=f"A-{n}")])
        wait_until(lambda: metric(server, "towerco_app_spans_dropped_total{") > 0, 60, "dropped spans to be counted")
        assert metric(server, "towerco_app_spans_exported_total") == 0
        assert metric(server, "towerco_ingest_accepted_events_total") == 30
        assert server.get("/readyz", key=None).status == 200
        assert sum("takes no spans" in text for text in server.log) == 1, "said once"
    finally:
        assert server.stop() == 0
        if how == "refusing":
            collector.stop()


def test_logs_are_json_when_asked_for(folder):
    server = Server(folder / "data", env={"TOWERCO_LOG_FORMAT": "json"}).start()
    assert server.stop() == 0
    entries = [json.loads(text) for text in server.log if text.startswith("{")]
    assert entries and all({"ts", "level", "logger", "message"} <= set(entry) for entry in entries)


def test_a_wrong_log_format_is_named():
    from conftest import towerco
    result = towerco("serve", "--port", "0", check=2, env={"TOWERCO_LOG_FORMAT": "xml"})
    assert b"log.format" in result.stderr
