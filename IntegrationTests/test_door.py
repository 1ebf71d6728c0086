"""The door: good events in, bad ones named by line, repeats recognised."""

import json

from conftest import KEY, OTHER_KEY, event, line


def broken_lines() -> list[tuple[bytes, str]]:
    """Ten ways to be wrong, and the code each must get."""
    good = event()
    missing = {k: v for k, v in event().items() if k != "site_id"}
    return [
        (line(event()).replace(b'"metadata":{}', b'"metadata":{"a":"\xff\xfe"}'), "json.invalid_utf8"),
        (line(event()).replace(b'"version":"1.0"', b'"version":"1.0","version":"1.0"'), "json.duplicate_key"),
        (line(missing), "envelope.missing_field"),
        (line(event()).replace(b'"metadata":{}', b'"metadata":{"d":' + b"[" * 5000 + b"]" * 5000 + b"}"), "json.too_deep"),
        (line(event(payload={"metric": "m", "value": 1})).replace(b'"value":1', b'"value":1e999'), "json.number_out_of_range"),
        (line({**good, "event_id": 7}), "envelope.wrong_type"),
        (line({**event(), "severity_txt": "high"}), "envelope.unknown_field"),
        (line(event(at="2026-02-30T00:00:00Z")), "envelope.bad_timestamp"),
        (line(event())[:-25], "json.truncated"),
        (line(event(payload={"metric": "m", "value": 1, "text": "x" * 2_000_000})), "line.too_long"),
    ]


def test_ten_broken_lines_in_a_thousand_cost_no_good_one(server):
    bad = broken_lines()
    lines, expected = [], {}
    for number in range(1, 1001):
        if number % 97 == 0 and len(expected) < len(bad):
            data, code = bad[len(expected)]
            expected[number] = code
            lines.append(data)
        else:
            lines.append(line(event(site=f"S-{number % 20}")))
    assert len(expected) == 10

    answer = server.ingest(lines)
    assert answer.status == 202
    report = answer.json
    assert report["accepted"] == 990 and report["duplicates"] == 0
    assert {r["line"]: r["code"] for r in report["rejected"]} == expected
    assert all(len(r["detail"]) > 10 for r in report["rejected"])

    again = server.ingest(lines).json
    assert again["accepted"] == 0 and again["duplicates"] == 990 and len(again["rejected"]) == 10

    letters = server.all_items("/api/v1/dead-letters?limit=100")
    assert len(letters) == 20, "each rejected line is kept with its reason, both times"


def test_every_shape_of_body_is_understood(server):
    one, two, three = event(), event(), event()
    assert server.post("/api/v1/events", one).json["accepted"] == 1
    assert server.post("/api/v1/events", [two, {"event_id": 3}, three]).json["rejected"][0]["line"] == 2
    assert server.ingest([line(event()), b"", line(event())]).json["accepted"] == 2
    assert server.ingest([line(event()) for _ in range(50)], compress=True).json["accepted"] == 50
    pretty = json.dumps(event(), indent=2).encode()
    assert server.request("POST", "/api/v1/events", pretty, {"Content-Type": "application/json"}).json["accepted"] == 1


def test_what_is_wholly_wrong_is_refused_with_a_problem(server):
    nothing_good = server.ingest([b"{}", b"nonsense"])
    assert nothing_good.status == 400 and len(nothing_good.json["rejected"]) == 2
    for answer, status in [
        (server.get("/api/v1/events", key=None), 401),
        (server.get("/api/v1/events", key="tk_wrong"), 401),
        (server.get("/api/v1/no-such-thing"), 404),
        (server.request("PATCH", "/api/v1/events", b"{}"), 405),
        (server.request("POST", "/api/v1/events", b"\x00\x01", {"Content-Type": "image/png"}), 415),
    ]:
        assert answer.status == status
        assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer.json["code"] and answer.json["status"] == status


def test_a_body_over_the_bound_is_413_and_a_gzip_bomb_too(folder):
    from conftest import Server

    small = Server(folder / "data", env={"TOWERCO_INGEST_BODY_MAX_BYTES": "20000",
                                         "TOWERCO_INGEST_BODY_MAX_DECOMPRESSED_BYTES": "100000"}).start()
    try:
        assert small.ingest([line(event()) for _ in range(200)]).status == 413
        assert small.ingest(b" " * 5_000_000, compress=True).status == 413
        assert small.ingest([line(event())]).status == 202
    finally:
        small.stop()


def test_another_tenants_event_is_refused(server):
    answer = server.ingest([line(event(tenant="rival"))])
    assert answer.status == 400 and answer.json["rejected"][0]["code"] == "envelope.tenant_mismatch"
    mixed = server.ingest([line(event(tenant="acme")), line(event(tenant="rival"))], key=OTHER_KEY)
    assert mixed.json["accepted"] == 1 and mixed.json["rejected"][0]["line"] == 1
    assert KEY not in json.dumps(mixed.json)
