#!/usr/bin/env python3
"""fuzz_seeds.py FOLDER: writes each text of Tests/HostileTests/json-cases.txt, and one of each kind of body, as a file there."""

import gzip
import hashlib
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
folder = pathlib.Path(sys.argv[1])
good = re.search(r'goodEvent =\s+#"(.*)"#', (root / "Tests/HostileTests/JSONCases.swift").read_text()).group(1).encode()
cloud = (b'{"specversion":"1.0","id":"A-1","source":"/g/7","type":"t","subject":"S-1","time":"2026-01-02T03:04:05Z",'
         b'"tenantid":"acme","dataversion":"2.1","ext":true,"data":{"v":1}}')
own = (b'{"specversion":"1.0","id":"0f8fad5b-d9cb-469f-a165-70867728950e","source":"urn:towerco:tenant:acme","type":"t",'
       b'"subject":"S","time":"2026-01-02T03:04:05Z","datacontenttype":"application/json","tenantid":"acme",'
       b'"dataversion":"1.0","towercometadata":"{\\"a\\":1}","data":{"v":1}}')
restored = good.replace(b'"metadata":{}', b'"metadata":{"cloudevents":{"source":"/g/7","subject":null,"ext":"x"}}')
seeds = [good, cloud, own, restored, b"[" + cloud + b"," + own + b"]", good + b"\n" + good, b"[" + good + b"]", gzip.compress(good),
         bytes([0x28, 0xB5, 0x2F, 0xFD, 0, 0x38, 0x21, 0, 0, 1, 2, 3, 4]), b'A-1\nx\nsubject\nS-1\n{"v":1}', b"TOWERLOG", b"TWG1"]


def text(part: str) -> bytes:
    part = re.sub(r"\*(\d+)\((.*?)\)\*", lambda m: m.group(2) * int(m.group(1)), part)
    out = part.encode()
    out = re.sub(rb"\\(\\|x([0-9a-fA-F]{2}))", lambda m: b"\\" if m.group(1) == b"\\" else bytes([int(m.group(2), 16)]), out)
    return out.replace(b"%E", good)


for line in (root / "Tests/HostileTests/json-cases.txt").read_text().splitlines():
    if line and not line.startswith("#"):
        seeds.append(text(line.split("\t")[2]))
folder.mkdir(parents=True, exist_ok=True)
for seed in seeds:
    if len(seed) <= 4096:
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
