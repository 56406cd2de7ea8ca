"""A closed loop of HTTP clients, as cheap as Python allows, in a process of its own: `python -m app.bench.load`.

Reads one JSON object from standard input (host, port, path, headers, bodies, clients, keep, keys) and writes one to
standard output (wall, latencies, statuses, replies). With `keys` each request has an
Idempotency-Key that begins so. Each client holds one connection and sends the next body as soon as its last answer has
come.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any


async def main(order: Mapping[str, Any]) -> dict[str, Any]:
    requests = [request(_named(order, index), body.encode()) for index, body in enumerate(order["bodies"])]
    latencies = [0.0] * len(requests)
    replies = [""] * len(requests)
    statuses: Counter[str] = Counter()
    pending = iter(range(len(requests)))
    clients = [await asyncio.open_connection(order["host"], order["port"]) for _ in range(order["clients"])]

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for index in pending:
            began = time.perf_counter()
            writer.write(requests[index])
            status, body = await answer(reader)
            latencies[index] = time.perf_counter() - began
            statuses[status] += 1
            if order["keep"]:
                replies[index] = body.decode()
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client(reader, writer) for reader, writer in clients))
    wall = time.perf_counter() - began
    return {
        "wall": wall,
        "latencies": latencies,
        "statuses": statuses,
        "replies": replies if order["keep"] else [],
    }


def _named(order: Mapping[str, Any], index: int) -> Mapping[str, Any]:
    keys = order.get("keys")
    return {**order, "headers": {**order["headers"], "Idempotency-Key": f"{keys}-{index}"}} if keys else order


def request(order: Mapping[str, Any], body: bytes) -> bytes:
    head = "".join(_head(order, len(body)))
    return head.encode() + b"\r\n" + body


def _head(order: Mapping[str, Any], size: int) -> Iterator[str]:
    yield f"POST {order['path']} HTTP/1.1\r\nHost: {order['host']}:{order['port']}\r\n"
    yield f"Content-Type: application/json\r\nContent-Length: {size}\r\n"
    for name, value in order["headers"].items():
        yield f"{name}: {value}\r\n"


async def answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    lengths = [int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")]
    return lines[0].split(" ")[1], await reader.readexactly(lengths[0])


if __name__ == "__main__":
    json.dump(asyncio.run(main(json.load(sys.stdin))), sys.stdout)
