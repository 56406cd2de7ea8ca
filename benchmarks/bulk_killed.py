"""kill -9 of `bulk run --server` at any moment, and the same command again.

python -m benchmarks.bulk_killed [--runs 20]

A server with a weightless model; each run is killed twice, at moments drawn from the time that an undisturbed
one takes, and then let end. Held against that one: the bytes of the output, and the ledger of the server.
"""

import argparse
import json
import random
import sqlite3
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from tests.app.cli.program import Program, Served

CARD = {"id": "identity", "architecture": "reverse", "pairs": [{"source": "pt", "target": "en"}]}
LINES = 4_800
CHARGED = """
select count(*), count(distinct idempotency_key), sum(billed_characters) from ledger_entry where idempotency_key like ?
"""


def main(runs: int) -> int:
    """How many ended otherwise than the undisturbed one."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "models" / "identity").mkdir(parents=True)
        (folder / "models" / "identity" / "card.json").write_text(json.dumps(CARD), encoding="utf-8")
        lines = (f'{{"text": "Linha {number}, com {number % 13} coisas."}}\n' for number in range(LINES))
        (folder / "in.jsonl").write_text("".join(lines), encoding="utf-8")
        program = Program(folder, {"DRAGOMAN_MODEL_DIR": str(folder / "models")})
        with program.serving() as server:
            return _compared(program, server, runs)


def _compared(program: Program, server: Served, runs: int) -> int:
    chance = random.Random(7)  # noqa: S311  for moments
    begun = perf_counter()
    expected = _ended(program, _asked(server, "whole.jsonl"), "whole.jsonl")
    whole = perf_counter() - begun
    wrong = 0
    for number in range(runs):
        name = f"{number}.jsonl"
        killed = [_killed(program, _asked(server, name), chance.uniform(0.3, 1.0) * whole) for _ in range(2)]
        same = _ended(program, _asked(server, name), name) == expected
        wrong += not same
        print(f"{number}: killed {sum(killed)} times, {'the same' if same else 'DIFFERS'}", flush=True)
    return wrong


def _asked(server: Served, out: str) -> list[str]:
    return [
        "bulk", "run", "in.jsonl", "--from", "pt", "--to", "en", "--out", out, "--json", "--server", server.url,
    ]  # fmt: skip


def _killed(program: Program, asked: Sequence[str], seconds: float) -> bool:
    with program.started(*asked) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False


def _ended(program: Program, asked: Sequence[str], name: str) -> tuple[bytes, tuple[int, ...]]:
    """The output, and what its job has in the server's ledger."""
    done = program(*asked)
    with sqlite3.connect(program.folder / "data" / "dragoman.db") as ledger:
        charged = ledger.execute(CHARGED, [f"{json.loads(done.out)['job']}:%"]).fetchone()
    if not charged[0]:
        raise ValueError("nothing was charged")
    return (program.folder / name).read_bytes(), tuple(charged)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    raise SystemExit(main(parser.parse_args().runs))
