"""The schema registry against somebody else's client: confluent-kafka's, unmodified, over the real binary."""
import base64
import datetime
import json
import threading

import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from conftest import KEY, OTHER_KEY, TENANT, event, line


def client(server, key=KEY) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": f"http://127.0.0.1:{server.port}/registry", "basic.auth.user.info": f"user:{key}"})


def json_schema(properties: dict, required=(), closed=True, **more) -> Schema:
    return Schema(json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", "title": "Reading", "type": "object",
                              "properties": properties, "required": list(required),
                              "additionalProperties": not closed, **more}), "JSON")


def avro(*fields, name="Reading") -> Schema:
    return Schema(json.dumps({"type": "record", "name": name, "namespace": "towers", "fields": list(fields)}), "AVRO")


def call(server, method, path, document=None, key=KEY):
    body = None if document is None else json.dumps(document).encode()
    return server.request(method, "/registry" + path, body, {"Content-Type": "application/vnd.schemaregistry.v1+json"}, key)


def test_json_serializer_round_trip(server):
    registry = client(server)
    schema = json_schema({"soc": {"type": "number"}, "string_id": {"type": "string"}}, ["soc"])
    context = SerializationContext("round-trip", MessageField.VALUE)
    value = {"soc": 81.5, "string_id": "A"}
    framed = JSONSerializer(schema, registry)(value, context)
    assert framed[0] == 0
    schema_id = int.from_bytes(framed[1:5], "big")
    assert json.loads(registry.get_schema(schema_id).schema_str) == json.loads(schema.schema_str)
    assert JSONDeserializer(None, schema_registry_client=client(server))(framed, context) == value


def test_avro_serializer_reads_with_a_newer_schema(server):
    registry = client(server)
    old = avro({"name": "soc", "type": "int"})
    new = avro({"name": "soc", "type": ["long", "null"]}, {"name": "site", "type": "string", "default": "?"})
    context = SerializationContext("avro-trip", MessageField.VALUE)
    framed = AvroSerializer(registry, old.schema_str)({"soc": 7}, context)
    assert registry.register_schema("avro-trip-value", new) > 0
    read = AvroDeserializer(client(server), new.schema_str)(framed, context)
    assert read == {"soc": 7, "site": "?"}


def test_register_lookup_and_versions(server):
    registry = client(server)
    first, second = avro({"name": "a", "type": "int"}), avro({"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 0})
    first_id = registry.register_schema("s1", first)
    assert registry.register_schema("s1", first) == first_id
    assert registry.register_schema("s2", first) == first_id, "equal content has one id in every subject"
    second_id = registry.register_schema("s1", second)
    assert second_id != first_id
    assert registry.get_versions("s1") == [1, 2]
    assert registry.get_latest_version("s1").schema_id == second_id
    assert registry.get_version("s1", 1).schema_id == first_id
    found = registry.lookup_schema("s1", second)
    assert (found.version, found.schema_id, found.subject) == (2, second_id, "s1")
    assert {"s1", "s2", "battery.low-value"} <= set(registry.get_subjects())
    used = call(server, "GET", f"/schemas/ids/{first_id}/versions").json
    assert used == [{"subject": "s1", "version": 1}, {"subject": "s2", "version": 1}]
    with pytest.raises(SchemaRegistryError) as error:
        registry.lookup_schema("s1", avro({"name": "z", "type": "int"}))
    assert error.value.error_code == 40403


@pytest.mark.parametrize("level,change,compatible", [
    ("BACKWARD", [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 1}], True),
    ("BACKWARD", [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}], False),
    ("BACKWARD", [], True),
    ("BACKWARD", [{"name": "a", "type": "long"}], True),
    ("FORWARD", [{"name": "a", "type": "long"}], False),
    ("FORWARD", [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}], True),
    ("FORWARD", [], False),
    ("FULL", [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}], False),
    ("FULL", [{"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 1}], True),
    ("NONE", [{"name": "a", "type": "string"}], True),
])
def test_levels(server, level, change, compatible):
    registry = client(server)
    subject = f"level-{level}-{len(json.dumps(change))}"
    registry.register_schema(subject, avro({"name": "a", "type": "int"}))
    registry.set_compatibility(subject, level)
    assert registry.get_compatibility(subject) == level
    changed = avro(*change)
    assert registry.test_compatibility(subject, changed) is compatible
    if compatible:
        registry.register_schema(subject, changed)
        return
    with pytest.raises(SchemaRegistryError) as error:
        registry.register_schema(subject, changed)
    assert error.value.http_status_code == 409 and error.value.error_code == 409
    assert "version 1" in str(error.value) and "version 2" in str(error.value) and "#/fields" in str(error.value)


def test_verbose_compatibility_names_path_and_reason(server):
    registry = client(server)
    registry.register_schema("verbose", json_schema({"a": {"type": "string"}}))
    answer = call(server, "POST", "/compatibility/subjects/verbose/versions/latest?verbose=true",
                  {"schemaType": "JSON", "schema": json_schema({"a": {"type": "integer"}}).schema_str}).json
    assert answer["is_compatible"] is False
    assert any("TYPE_CHANGED" in message and "#/properties/a" in message for message in answer["messages"])


def test_open_and_closed_content_models(server):
    registry = client(server)
    registry.register_schema("open", json_schema({"a": {"type": "string"}}, closed=False))
    assert not registry.test_compatibility("open", json_schema({"a": {"type": "string"}, "b": {"type": "string"}}, closed=False))
    assert registry.test_compatibility("open", json_schema({}, closed=False))
    registry.register_schema("closed", json_schema({"a": {"type": "string"}}))
    assert registry.test_compatibility("closed", json_schema({"a": {"type": "string"}, "b": {"type": "string"}}))
    assert not registry.test_compatibility("closed", json_schema({}))


def test_references(server):
    registry = client(server)
    registry.register_schema("site", avro({"name": "id", "type": "string"}, name="Site"))
    whole = Schema(avro({"name": "site", "type": "towers.Site"}).schema_str, "AVRO", [SchemaReference("towers.Site", "site", 1)])
    schema_id = registry.register_schema("with-site", whole)
    assert registry.get_schema(schema_id).references[0].subject == "site"
    assert call(server, "GET", "/subjects/site/versions/1/referencedby").json == [schema_id]
    refused = call(server, "DELETE", "/subjects/site")
    assert (refused.status, refused.json["error_code"]) == (422, 42206)
    broken = Schema(whole.schema_str, "AVRO", [SchemaReference("towers.Site", "nobody", 1)])
    with pytest.raises(SchemaRegistryError) as error:
        registry.register_schema("broken", broken)
    assert error.value.error_code == 42201


def test_deleting_softly_and_for_good(server):
    registry = client(server)
    schema = avro({"name": "doomed", "type": "int"})
    schema_id = registry.register_schema("doomed", schema)
    assert call(server, "DELETE", "/subjects/doomed?permanent=true").json["error_code"] == 40405
    assert registry.delete_version("doomed", 1) == 1
    assert call(server, "DELETE", "/subjects/doomed/versions/1").json["error_code"] == 40406
    assert "doomed" not in registry.get_subjects()
    assert "doomed" in call(server, "GET", "/subjects?deleted=true").json
    assert call(server, "GET", f"/schemas/ids/{schema_id}").status == 200, "what was written with it can still be read"
    assert registry.delete_subject("doomed", permanent=True) == [1]
    assert call(server, "GET", f"/schemas/ids/{schema_id}").json["error_code"] == 40403
    assert client(server).register_schema("doomed", schema) > schema_id, "an id is not given twice"


@pytest.mark.parametrize("method,path,document,code", [
    ("GET", "/subjects/none/versions", None, 40401),
    ("GET", "/subjects/none/versions/1", None, 40401),
    ("GET", "/subjects/battery.low-value/versions/99", None, 40402),
    ("GET", "/subjects/battery.low-value/versions/x", None, 42202),
    ("GET", "/subjects/battery.low-value/versions/0", None, 42202),
    ("GET", "/schemas/ids/999999", None, 40403),
    ("POST", "/subjects/x/versions", {"schema": "{}", "schemaType": "AVRO"}, 42201),
    ("POST", "/subjects/x/versions", {"schema": "{", "schemaType": "JSON"}, 42201),
    ("POST", "/subjects/x/versions", {"schema": "{}", "schemaType": "PROTOBUF"}, 42201),
    ("POST", "/subjects/x/versions", {"schema": '"string"', "id": 9}, 42205),
    ("PUT", "/config", {"compatibility": "SIDEWAYS"}, 42203),
    ("PUT", "/mode", {"mode": "SIDEWAYS"}, 42204),
    ("GET", "/config/nobody", None, 40408),
    ("DELETE", "/mode/nobody", None, 40409),
    ("DELETE", "/subjects/battery.low-value", None, 42205),
    ("GET", "/nothing/here", None, 404),
    ("PATCH", "/subjects", None, 405),
])
def test_error_codes(server, method, path, document, code):
    answer = call(server, method, path, document)
    assert answer.json["error_code"] == code and answer.json["message"]
    assert answer.status == (code // 100 if code > 999 else code)
    assert answer.headers["Content-Type"] == "application/vnd.schemaregistry.v1+json"


def test_modes(server):
    registry = client(server)
    registry.register_schema("moded", avro({"name": "a", "type": "int"}))
    assert call(server, "PUT", "/mode/moded", {"mode": "READONLY"}).json == {"mode": "READONLY"}
    refused = call(server, "POST", "/subjects/moded/versions", {"schema": avro().schema_str})
    assert refused.json["error_code"] == 42205
    assert call(server, "DELETE", "/mode/moded").json == {"mode": "READONLY"}
    assert call(server, "PUT", "/mode/moded", {"mode": "IMPORT"}).json["error_code"] == 42205
    assert call(server, "PUT", "/mode/fresh", {"mode": "IMPORT"}).status == 200
    imported = {"schema": avro({"name": "imported", "type": "int"}).schema_str, "id": 70001, "version": 7}
    assert call(server, "POST", "/subjects/fresh/versions", imported).json["id"] == 70001
    assert call(server, "GET", "/subjects/fresh/versions").json == [7]
    assert registry.register_schema("after-import", avro({"name": "after", "type": "int"})) < 70000


def test_tenants_do_not_see_each_other(server):
    mine, theirs = client(server), client(server, OTHER_KEY)
    schema = avro({"name": "secret", "type": "int"})
    my_id = mine.register_schema("shared-name", schema)
    assert "shared-name" not in theirs.get_subjects()
    assert call(server, "GET", f"/schemas/ids/{my_id}", key=OTHER_KEY).status == 404
    their_id = theirs.register_schema("shared-name", schema)
    assert their_id != my_id, "an id must not tell that somebody else has the same schema"
    assert theirs.get_versions("shared-name") == [1]
    assert mine.get_schema(my_id).schema_str
    builtin = mine.get_latest_version("power.grid.outage-value")
    assert theirs.get_latest_version("power.grid.outage-value").schema_id == builtin.schema_id


def test_credentials(server):
    for headers in ({}, {"Authorization": "Basic !!!"}, {"Authorization": "Basic " + base64.b64encode(b"u:wrong-key").decode()}):
        answer = server.request("GET", "/registry/subjects", headers=headers, key=None)
        assert answer.status == 401 and answer.json["error_code"] == 40101
    basic = {"Authorization": "Basic " + base64.b64encode(f"whoever:{KEY}".encode()).decode()}
    assert server.request("GET", "/registry/subjects", headers=basic, key=None).status == 200
    assert server.request("GET", "/api/v1/me", headers=basic, key=None).status == 401


def test_concurrent_registrations(server):
    schemas = [avro({"name": f"f{n % 10}", "type": "int", "default": 0}) for n in range(40)]
    ids: dict[int, set] = {}

    def register(n):
        ids.setdefault(n % 10, set()).add(client(server).register_schema(f"race-{n % 3}", schemas[n]))

    threads = [threading.Thread(target=register, args=(n,)) for n in range(len(schemas))]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(ids) == 10 and all(len(found) == 1 for found in ids.values())
    assert len({next(iter(found)) for found in ids.values()}) == 10
    for subject in ("race-0", "race-1", "race-2"):
        assert client(server).get_versions(subject) == list(range(1, 11))


def test_a_restart_keeps_everything(server):
    registry = client(server)
    ids = {f"kept-{n}": registry.register_schema(f"kept-{n}", avro({"name": f"kept{n}", "type": "int"})) for n in range(5)}
    registry.set_compatibility("kept-1", "FULL_TRANSITIVE")
    call(server, "PUT", "/mode/kept-2", {"mode": "READONLY"})
    registry.delete_version("kept-3", 1)
    everything = call(server, "GET", "/schemas?deleted=true").json
    server.kill()
    server.start()
    assert call(server, "GET", "/schemas?deleted=true").json == everything
    again = client(server)
    assert {name: again.register_schema(name, avro({"name": f"kept{n}", "type": "int"}))
            for n, name in enumerate(ids) if name != "kept-3"} == {k: v for k, v in ids.items() if k != "kept-3"}
    assert again.get_compatibility("kept-1") == "FULL_TRANSITIVE"
    assert call(server, "GET", "/mode/kept-2").json == {"mode": "READONLY"}
    assert again.get_versions("kept-0") == [1]


PROBE = {"type": "object", "properties": {"soc": {"type": "integer"}}, "required": ["soc"], "additionalProperties": False}
PROBE_2 = {"type": "object", "properties": {"charge": {"type": "integer"}, "unit": {"const": "%"}}, "required": ["charge", "unit"],
           "additionalProperties": False,
           "x-upcast": [{"op": "rename", "from": "soc", "to": "charge"}, {"op": "default", "field": "unit", "value": "%"}]}


def test_the_door_sets_aside_what_breaks_a_registered_schema(server):
    good, bad = event(kind="battery.probe", payload={"soc": 5}), event(kind="battery.probe", payload={"soc": "full"})
    assert server.ingest([line(bad)]).json["accepted"] == 1, "without a schema anything goes"
    client(server).register_schema("battery.probe-value", Schema(json.dumps(PROBE), "JSON"))
    bad["event_id"] = bad["event_id"][:-4] + "beef"
    other = event(kind="telemetry.metric")
    answer = server.ingest([line(good), line(bad), line(other)])
    assert answer.json["accepted"] == 2
    assert [(r["line"], r["code"]) for r in answer.json["rejected"]] == [(2, "schema.violation")]
    letters = server.get("/api/v1/dead-letters?reason=schema.violation").json["items"]
    assert len(letters) == 1 and "payload/soc must be integer" in letters[0]["detail"] and "version 1" in letters[0]["detail"]
    assert json.loads(letters[0]["text"]) == bad


def test_an_evolution_with_its_steps_is_taken_and_without_refused(server):
    registry = client(server)
    registry.register_schema("battery.probe-value", Schema(json.dumps(PROBE), "JSON"))
    with pytest.raises(SchemaRegistryError) as error:
        registry.register_schema("battery.probe-value", Schema(json.dumps({k: v for k, v in PROBE_2.items() if k != "x-upcast"}), "JSON"))
    assert error.value.http_status_code == 409 and "#/properties/soc" in str(error.value)
    registry.register_schema("battery.probe-value", Schema(json.dumps(PROBE_2), "JSON"))
    new = event(kind="battery.probe", payload={"charge": 5, "unit": "%"}, version="2.0")
    old = event(kind="battery.probe", payload={"soc": 5})
    assert server.ingest([line(new), line(old)]).json["accepted"] == 2


def test_old_events_are_read_as_the_newest_live_and_after_a_rebuild(server, folder):
    from conftest import towerco, wait_until

    def points(metric):
        found = server.get(f"/api/v1/metrics/query?site_id=S-UP&metric={metric}").json
        return [value for series in found["series"] for _, value in series["points"]]

    start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=5)

    def reading(hour, payload, version):
        at = (start + datetime.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return line(event("S-UP", "own.telemetry", payload, at, version=version))

    def restarted():
        assert server.stop() == 0
        seen = len(server.log)
        server.start()
        said = ["a consumer group without a checkpoint has read the log again", "a consumer group goes on from its checkpoint"]

        def found():
            # Notifications read decisions, whose form no upcast changes.
            told = [text for text in server.log[seen:] if "notification-service" not in text]
            lines = [next((t for t in said if t in text), None) for text in told]
            return [t for t in lines if t] if len([t for t in lines if t]) >= 2 else None
        return wait_until(found, 60, "both groups with checkpoints to tell how they began")

    client(server).register_schema("own.telemetry-value", json_schema({"bus_mv": {"type": "integer"}}, ["bus_mv"]))
    server.ingest([reading(1, {"bus_mv": 53400}, "1.0")])
    wait_until(lambda: points("own.bus_mv") == [53400], 30, "the first reading")
    assert restarted() == ["a consumer group goes on from its checkpoint"] * 2
    registry = client(server)
    steps = [{"op": "rename", "from": "bus_mv", "to": "bus_v"}, {"op": "scale", "field": "bus_v", "factor": 0.001}]
    registry.register_schema("own.telemetry-value", json_schema({"bus_v": {"type": "number"}}, ["bus_v"], **{"x-upcast": steps}))
    assert server.ingest([reading(2, {"bus_mv": 54000}, "1.0"), reading(3, {"bus_v": 55.5}, "2.0")]).json["accepted"] == 2
    wait_until(lambda: points("own.bus_v") == [54, 55.5], 30, "a reading of the old version and one of the new")
    kept = [item["event"] for item in server.all_items("/api/v1/events?site_id=S-UP")]
    assert sorted(e["version"] for e in kept) == ["1.0", "1.0", "2.0"], "the log keeps what came"
    assert restarted() == ["a consumer group without a checkpoint has read the log again"] * 2, "a state of the old reading is not taken up"
    assert server.stop() == 0
    for database in (folder / "data").rglob("*.sqlite*"):
        database.unlink()
    towerco("rebuild", "--data", folder / "data")
    server.start()
    wait_until(lambda: points("own.bus_v") == [53.4, 54, 55.5], 60, "all readings in the newest version")
    assert points("own.bus_mv") == []
    assert restarted() == ["a consumer group goes on from its checkpoint"] * 2, "a state of the new reading alone is"


def test_usage_names_versions_producers_and_consumers(server):
    assert server.ingest([line(event(kind="dg.telemetry", payload={"fuel_pct": 50})) for _ in range(3)]).json["accepted"] == 3

    def seen():
        uses = server.get("/api/v1/schemas/dg.telemetry").json["uses"]
        return uses if {u["side"] for u in uses} == {"producer", "consumer"} else None
    from conftest import wait_until
    uses = wait_until(seen, 30, "the groups to have read the events")
    producer = next(u for u in uses if u["side"] == "producer")
    assert (producer["who"], producer["version"], producer["events"], producer["registered"]) == ("http:bootstrap", "1.0", 3, True)
    assert server.get("/api/v1/schemas/dg.telemetry", key=OTHER_KEY).json["uses"] == []
    assert any(item["event_type"] == "dg.telemetry" for item in server.all_items("/api/v1/schemas"))
    assert 'towerco_registry_schema_versions_in_use{side="producer"}' in server.get("/metrics", key=None).body.decode()


def test_commands(server, folder):
    from conftest import towerco
    where = ["--url", f"http://127.0.0.1:{server.port}", "--key", KEY]
    first, second = folder / "first.json", folder / "second.json"
    first.write_text(json.dumps(PROBE))
    second.write_text(json.dumps({**PROBE, "properties": {"soc": {"type": "string"}}}))
    assert towerco("schemas", "register", "cli.probe-value", first, *where).stdout.startswith(b"id ")
    assert towerco("schemas", "check", "cli.probe-value", first, *where).stdout == b"compatible\n"
    refused = towerco("schemas", "check", "cli.probe-value", second, *where, check=1)
    assert b"TYPE_CHANGED" in refused.stderr and b"#/properties/soc" in refused.stderr
    assert b"409" in towerco("schemas", "register", "cli.probe-value", second, *where, check=1).stderr
    assert b"cli.probe" in towerco("schemas", "list", *where).stdout
    assert b"version        1" in towerco("schemas", "show", "cli.probe", *where).stdout


def test_an_external_registry_gets_the_catalogue(server, folder):
    from conftest import Server, wait_until
    second = Server(folder / "second", env={"TOWERCO_REGISTRY_URL": f"http://127.0.0.1:{server.port}/registry", "TOWERCO_REGISTRY_KEY": KEY})
    second.start()
    try:
        own = "battery.low-value"
        wait_until(lambda: len([u for u in call(server, "GET", "/schemas").json if u["subject"] == own]) and any(
            "external registry" in text for text in second.log), 60, "the catalogue to be registered")
    finally:
        second.stop()
    assert client(server).get_latest_version(own).version == 1
