"""FastAPI, orjson and an append to a file with fdatasync for each request: what a platform of this kind is usually begun with."""

from __future__ import annotations

import os
import pathlib
import sys

from .measure import Folder, Missing, Server, free_port, http_load

APP = '''
import os, orjson
from fastapi import FastAPI, Request, Response

FIELDS = ("event_id", "event_type", "tenant_id", "site_id", "timestamp", "version", "payload")
log = os.open(f"events.{os.getpid()}.ndjson", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
app = FastAPI()

@app.post("/events")
async def events(request: Request):
    body = await request.body()
    accepted, rejected = [], []
    for number, line in enumerate(body.split(b"\\n"), 1):
        if not line:
            continue
        try:
            event = orjson.loads(line)
            missing = [name for name in FIELDS if name not in event]
        except ValueError as error:
            rejected.append({"line": number, "detail": str(error)})
            continue
        if missing:
            rejected.append({"line": number, "detail": f"missing {missing}"})
        else:
            accepted.append(line)
    if accepted:
        os.write(log, b"\\n".join(accepted) + b"\\n")
        os.fdatasync(log)
    answer = {"accepted": len(accepted), "duplicates": 0, "rejected": rejected}
    return Response(orjson.dumps(answer), 202 if accepted else 400, media_type="application/json")
'''


def measure(binary: pathlib.Path, *, workers: int, batch: int, connections: int, seconds: float) -> dict:
    try:
        import fastapi
        import uvicorn
    except ImportError as error:
        raise Missing(f"{error.name} is not in the peers' environment") from error
    with Folder() as folder:
        (folder / "app.py").write_text(APP)
        port = free_port()
        command = [
            sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--http",
            "httptools", "--workers", str(workers), "--no-access-log", "--log-level", "warning",
        ]
        with Server(command, folder=folder, port=port, env={**os.environ, "PYTHONPATH": str(folder)}) as server:
            kind = "single" if batch == 1 else "batch"
            return http_load(
                binary, server, f"fastapi.{workers}-worker.{kind}", batch=batch, connections=connections, seconds=seconds,
                does="parses, looks for the fields, appends, fdatasync; no types, no deduplication, no index",
                version=f"fastapi {fastapi.__version__}, uvicorn {uvicorn.__version__}")


