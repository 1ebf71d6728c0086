"""Other people's Kafka clients and ours read what the other wrote, through a mock cluster that `KafkaFaults serve` keeps up."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid

import pytest

from brokers import Cluster, confluent_messages

EVENTS = "towerco.sites.events"
TIME_MS = 1_700_000_000_123


@pytest.fixture(scope="module")
def cluster():
    cluster = Cluster()
    yield cluster
    cluster.close()


def site() -> str:
    return f"SITE-{uuid.uuid4().hex[:8]}"


def topic(name: str) -> str:
    return f"towerco.sites.{name}.events"


def murmur2_partition(cluster, key: str) -> int:
    """Where kafka-python, an independent implementation of Kafka's partitioner, puts a key among the topic's partitions."""
    from kafka.partitioner.default import murmur2

    return (murmur2(key.encode()) & 0x7FFFFFFF) % 12


def confluent_read(cluster):
    return [
        (message.key(), message.value(), message.headers() or [], message.timestamp()[1], message.partition())
        for message in confluent_messages(cluster.bootstrap, EVENTS)
    ]


def kcat_read(cluster):
    kcat = shutil.which("kcat")
    assert kcat, "kcat is missing: scripts/setup.sh installs it"
    out = subprocess.run(
        [kcat, "-C", "-b", cluster.bootstrap, "-t", EVENTS, "-o", "beginning", "-e", "-q", "-J"],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout
    found = []
    for line in out.splitlines():
        message = json.loads(line)
        flat = message.get("headers", [])
        headers = [(flat[at], flat[at + 1].encode()) for at in range(0, len(flat), 2)]
        found.append((message["key"].encode(), message["payload"].encode(), headers, message["ts"], message["partition"]))
    return found


@pytest.mark.parametrize("read", [confluent_read, kcat_read])
def test_strangers_read_what_we_write(cluster, read):
    name = site()
    written = []
    for number in range(20):
        value = json.dumps({"site_id": name, "n": number})
        position = cluster.append(topic(name), name, value, [("tenant", "acme"), ("type", "power.reading")])
        assert position["timestamp"] == TIME_MS
        written.append((name.encode(), value.encode(), position["partition"]))
    found = [message for message in read(cluster) if message[0] == name.encode()]
    assert [(key, value, partition) for key, value, _, _, partition in found] == written
    assert {partition for _, _, partition in written} == {murmur2_partition(cluster, name)}
    for _, _, headers, timestamp, _ in found:
        assert timestamp == TIME_MS
        ours = [(name, bytes(value)) for name, value in headers]
        assert ours[:3] == [("tenant", b"acme"), ("type", b"power.reading"), ("towerco-topic", topic(name).encode())]
        # Eight bytes that are no text, so that kcat shows them as it can.
        assert [name for name, _ in ours[3:]] == ["towerco-order"]


def confluent_write(cluster, name, values):
    from confluent_kafka import Producer

    producer = Producer({"bootstrap.servers": cluster.bootstrap, "acks": "all", "partitioner": "murmur2_random"})
    for value in values:
        producer.produce(EVENTS, key=name, value=value, headers={"tenant": b"acme"}, timestamp=TIME_MS)
    assert producer.flush(30) == 0


@pytest.mark.parametrize("write", [confluent_write])
def test_we_read_what_strangers_write(cluster, write):
    name = site()
    values = [json.dumps({"site_id": name, "n": number}) for number in range(20)]
    write(cluster, name, values)
    # Without our header the key says which site it is.
    records = cluster.read(topic(name))
    assert [record["value"] for record in records] == values
    for record in records:
        assert (record["topic"], record["key"], record["timestamp"]) == (topic(name), name, TIME_MS)
        assert record["headers"] == [["tenant", "acme"]]


def test_we_read_what_kcat_writes(cluster):
    name = site()
    lines = "".join(f"{name}\t{number}\n" for number in range(20))
    subprocess.run(
        [
            shutil.which("kcat"), "-P", "-b", cluster.bootstrap, "-t", EVENTS, "-K", "\t", "-H", "tenant=acme",
            "-X", "topic.partitioner=murmur2_random",
        ],
        input=lines, text=True, timeout=60, check=True,
    )
    records = cluster.read(topic(name))
    assert [record["value"] for record in records] == [str(number) for number in range(20)]
    assert all(record["headers"] == [["tenant", "acme"]] and record["key"] == name for record in records)


def test_a_stranger_and_we_write_to_one_site_and_its_order_stays(cluster):
    name = site()
    expected = []
    for number in range(6):
        value = f"v{number}"
        if number % 2:
            confluent_write(cluster, name, [value])
        else:
            cluster.append(topic(name), name, value)
        expected.append(value)
    assert [record["value"] for record in cluster.read(topic(name))] == expected
