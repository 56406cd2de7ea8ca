"""An open loop of HTTP requests, sent when they are due whether or not earlier ones were answered, in a process of its
own: `python -m app.bench.flood`.

Reads one JSON object from standard input (host, port, path, bodies, texts, answers, rate, seconds). Writes one line
when it stops sending, after `seconds`, and one once all is answered (sent, unsent, wall, statuses, characters, wrong).
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST = 4_000
"""Connections; a request that is due while all of them wait is not sent, and counted as such."""
PATIENCE = 180.0
"""Seconds an answer may take: more than the service allows itself."""
TICK = 0.005
"""Seconds between two looks at what is due."""


@dataclass(slots=True)
class Tally:
    sent: int = 0
    unsent: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    characters: int = 0
    """Of the texts that were accepted."""
    wrong: int = 0
    """Accepted, and answered otherwise than alone."""


class Flood:
    def __init__(self, order: Mapping[str, Any]) -> None:
        self._host, self._port = order["host"], order["port"]
        self._requests = [_request(order, body.encode()) for body in order["bodies"]]
        self._texts: Sequence[str] = order["texts"]
        self._answers: Sequence[str] = order["answers"]
        self._rate, self._seconds = order["rate"], order["seconds"]
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._open = 0
        self.tally = Tally()

    async def run(self) -> float:
        """Sends for as long as it was told, waits for every answer; returns the seconds that it sent."""
        began, due = time.perf_counter(), 0
        running: set[asyncio.Task[None]] = set()
        while (elapsed := time.perf_counter() - began) < self._seconds:
            while due < elapsed * self._rate:
                task = asyncio.create_task(self._one(due % len(self._requests)))
                running.add(task)
                task.add_done_callback(running.discard)
                due += 1
            await asyncio.sleep(TICK)
        print(json.dumps({"ended": time.time()}), flush=True)
        while running:
            await asyncio.wait(running)
        for _, writer in self._idle:
            writer.close()
        return elapsed

    async def _one(self, index: int) -> None:
        if not self._idle and self._open >= MOST:
            self.tally.unsent += 1
            return
        self.tally.sent += 1
        try:
            async with asyncio.timeout(PATIENCE):
                status, body = await self._exchange(self._requests[index])
        except (OSError, EOFError, TimeoutError) as error:
            self.tally.statuses[type(error).__name__] += 1
            return
        self.tally.statuses[status] += 1
        if status == "200":
            self.tally.characters += len(self._texts[index])
            self.tally.wrong += json.loads(body)["translations"][0]["text"] != self._answers[index]

    async def _exchange(self, request: bytes) -> tuple[str, bytes]:
        if self._idle:
            reader, writer = self._idle.pop()
        else:
            self._open += 1
            reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in head if line.startswith("content-length:"))
        body = await reader.readexactly(length)
        if "connection: close" in head:
            self._open -= 1
            writer.close()
        else:
            self._idle.append((reader, writer))
        return head[0].split(" ")[1], body


def _request(order: Mapping[str, Any], body: bytes) -> bytes:
    head = (
        f"POST {order['path']} HTTP/1.1\r\nHost: {order['host']}:{order['port']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main() -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    flood = Flood(json.load(sys.stdin))
    wall = asyncio.run(flood.run())
    tally = flood.tally
    found = {"wall": wall, "sent": tally.sent, "unsent": tally.unsent, "statuses": tally.statuses}
    print(json.dumps({**found, "characters": tally.characters, "wrong": tally.wrong}), flush=True)


if __name__ == "__main__":
    main()
