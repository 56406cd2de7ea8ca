"""One server under a steady load for a while, and how its memory goes: `python -m benchmarks.soak [--minutes 30]`.

The load is bounded (so many requests a second, on loopback, with the embedded models) and ever new, so that nothing is
answered from memory. Memory is the server's resident set; the slope is that of a straight line through it after a
quarter of the time, once most caches have filled. Exits 1 if it is above --most.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

import httpx
import psutil

from benchmarks.faults import Server

SENTENCES = (
    "O carro número {} saiu do parque ao fim da tarde.",
    "A reunião {} foi adiada para segunda-feira.",
    "Obrigado pela sua carta {}, que li com atenção.",
)
EVERY = 5.0
"""Seconds between two looks at the memory."""
MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Soaked:
    requests: int
    failed: int
    looks: tuple[tuple[float, float], ...]
    """Minutes since the start, megabytes."""

    @property
    def slope(self) -> float:
        """Megabytes an hour."""
        later = self.looks[len(self.looks) // 4 :]
        minutes, megabytes = zip(*later, strict=True)
        return linear_regression(minutes, megabytes).slope * 60


def soak(minutes: float, rate: float, *, remembering: bool) -> Soaked:
    """`remembering`: with the memories of translations and of answers, which grow up to their settings first."""
    with tempfile.TemporaryDirectory() as folder:
        less = {} if remembering else {"DRAGOMAN_CACHE": "off", "DRAGOMAN_REPLAY": "off"}
        server = Server(Path(folder), {"DRAGOMAN_LOG_LEVEL": "error", **less})
        server.start()
        try:
            return _loaded(server, minutes, rate)
        finally:
            server.kill()


def _loaded(server: Server, minutes: float, rate: float) -> Soaked:
    process = psutil.Process(server.process.pid)
    requests = failed = 0
    looks: list[tuple[float, float]] = []
    begun = time.monotonic()
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        while (passed := time.monotonic() - begun) < 60 * minutes:
            if passed >= EVERY * len(looks):
                looks.append((passed / 60, process.memory_info().rss / MB))
            texts = [sentence.format(requests) for sentence in SENTENCES]
            answer = client.post("/v1/translate", json={"text": texts, "target": "en"})
            requests, failed = requests + 1, failed + (not answer.is_success)
            time.sleep(max(0.0, begun + requests / rate - time.monotonic()))
    return Soaked(requests, failed, tuple(looks))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=10, help="requests a second, three sentences each")
    parser.add_argument(
        "--forgetful", action="store_true", help="without memories of translations and answers"
    )
    parser.add_argument("--most", type=float, default=60, help="megabytes an hour that are still well")
    asked = parser.parse_args()
    found = soak(asked.minutes, asked.rate, remembering=not asked.forgetful)
    halves = found.looks[len(found.looks) // 2][1]
    first, last = found.looks[0][1], found.looks[-1][1]
    print(f"{found.requests:,} requests in {asked.minutes:g} minutes, {found.failed} failed")
    print(f"memory: {first:.0f} MB at first, {halves:.0f} MB half-way, {last:.0f} MB at last")
    print(f"slope: {found.slope:+.1f} MB an hour")
    return int(found.failed > 0 or found.slope > asked.most)


if __name__ == "__main__":
    sys.exit(main())
