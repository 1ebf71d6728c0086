"""Three brokers for a test: librdkafka's mock cluster in a process of its own (`KafkaFaults serve`), with our log behind commands."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("TOWERCO_KAFKA_FAULTS", ROOT / ".build" / "debug" / "KafkaFaults"))


class Cluster:
    """Brokers, and our log on them behind a few commands."""

    def __init__(self, shards: int = 1, partitions: int = 12):
        assert PROGRAM.exists(), f"{PROGRAM} is missing: swift build --product KafkaFaults"
        self.process = subprocess.Popen([PROGRAM, "serve", "--shards", str(shards), "--partitions", str(partitions)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        word, self.bootstrap = self.process.stdout.readline().split()
        assert word == "bootstrap"

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def append(self, topic, key, value, headers=()):
        return self.ask(append=topic, key=key, value=value, headers=[list(header) for header in headers])

    def read(self, pattern):
        return self.ask(read=pattern)["records"]

    def away(self):
        self.ask(down=-1)

    def back(self):
        self.ask(up=-1)

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(60) == 0


def confluent_messages(bootstrap: str, topic: str, **settings) -> list:
    """Every message of a topic, read by somebody else's client."""
    from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "stranger", "enable.partition.eof": True, **settings})
    partitions = consumer.list_topics(topic, timeout=60).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    found, ended = [], set()
    while len(ended) < len(partitions):
        message = consumer.poll(60)
        assert message is not None, "no answer from the cluster"
        if message.error():
            ended.add(message.partition())
        else:
            found.append(message)
    consumer.close()
    return found
