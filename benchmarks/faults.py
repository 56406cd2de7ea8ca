"""One server under load, and what it stands on taken away and given back: what callers saw, what was lost, how long.

    python -m benchmarks.faults [--seconds 8] [--only NAME ...]

Callers send texts with an Idempotency-Key each and send again until they are answered. Afterwards what was answered is
held against the ledger. The engine is weightless but for `model`. Needs root for `disk` (it mounts a small tmpfs),
PostgreSQL's binaries for `database-*`, libfaketime for `clock`; what cannot be tried here is said and left out.
"""

import argparse
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
from sqlalchemy import select

from app.ledger.tables import entries
from app.ledger.verify import verify
from app.storage.engine import open_database
from models.catalogue import STARTER
from tests import objectstore, postgres
from tests.app.cli.program import START, environment
from tests.app.serving import write_card
from tests.relay import relay

PATIENCE = 120.0
CALLERS = 4
PAIR = {"source": "pt", "target": "en"}
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
DISK = 24 << 20
"""Bytes of the small disk."""


@dataclass(slots=True)
class Server:
    """`dragoman serve`, started again on the same port."""

    folder: Path
    settings: Mapping[str, str]
    port: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError("It was not started.")
        return self._process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once it listens."""
        started = self._process = subprocess.Popen(
            [sys.executable, "-c", START, "serve", "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(self.folder, self.settings),
        )
        line = started.stdout.readline().decode() if started.stdout else ""
        self.port = int(line.rstrip().rsplit(":", 1)[1])

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@dataclass(slots=True)
class Load:
    """Callers that insist, and what they were told."""

    server: Server
    documents: bool = False
    hang_up: threading.Event = field(default_factory=threading.Event)
    """While it is set, callers send each text a first time and leave: in the middle of the reply, or before."""
    over: threading.Event = field(default_factory=threading.Event)
    saw: Counter[str] = field(default_factory=Counter)
    delivered: dict[str, int] = field(default_factory=dict)
    """Characters, by key."""
    jobs: dict[str, bytes] = field(default_factory=dict)
    answered_at: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        work = [(self._text, f"t{number}") for number in range(CALLERS)]
        work += [(self._document, "d0")] if self.documents else []
        threads = [threading.Thread(target=self._go_on, args=each) for each in work]
        for each in threads:
            each.start()
        try:
            yield
        finally:
            self.over.set()
            for each in threads:
                each.join(2 * PATIENCE)

    def _go_on(self, work: Callable[[httpx.Client, str], None], name: str) -> None:
        number = 0
        with httpx.Client(timeout=30, trust_env=False) as client:
            while not self.over.is_set():
                try:
                    work(client, f"{name}-{number}")
                except Exception as error:  # noqa: BLE001  recorded as a fault of the run
                    self.faults.append(f"{name}-{number}: {type(error).__name__} {error}")
                number += 1
                self.over.wait(0.02)

    def _text(self, client: httpx.Client, key: str) -> None:
        text = f"O carro {key} saiu do parque ao fim da tarde."
        limit, tries = time.monotonic() + PATIENCE, 0
        while True:
            body = json.dumps({"text": text, **PAIR}).encode()
            # A text whose model failed was answered: the same key would have the same answer.
            named = f"{key}-{tries}"
            if self.hang_up.is_set():
                self._leave(body, named, number=len(self.delivered))
            found = self._sent(client, "/v1/translate", named, content=body)
            if found is not None:
                (answer,) = found.json()["translations"]
                if answer["status"] == "translated":
                    self.saw["200"] += 1
                    self.delivered[named] = len(text)
                    self.answered_at.append(time.monotonic())
                    return
                self.saw[f"200 with {answer['error']['code']}"] += 1
                tries += 1
            if time.monotonic() > limit:
                raise TimeoutError(key)
            time.sleep(0.05)

    def _document(self, client: httpx.Client, key: str) -> None:
        content = f"O carro {key} saiu.\n\nE não voltou.".encode()
        limit = time.monotonic() + PATIENCE
        files = {"file": (f"{key}.txt", content)}
        while (found := self._sent(client, "/v1/documents", key, files=files, data=PAIR)) is None:
            if time.monotonic() > limit:
                raise TimeoutError(key)
            time.sleep(0.05)
        self.saw["document: 202"] += 1
        self.jobs[found.json()["id"]] = content
        self.over.wait(0.3)

    def _sent(self, client: httpx.Client, path: str, key: str, **sent: object) -> httpx.Response | None:
        """None for whatever is to be sent again."""
        kind = "document: " if "files" in sent else ""
        try:
            headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
            if kind:
                del headers["Content-Type"]
            found = client.post(f"{self.server.url}{path}", headers=headers, **sent)  # type: ignore[arg-type]
        except httpx.TransportError:
            self.saw[f"{kind}connection broken"] += 1
            return None
        if found.is_success:
            return found
        self.saw[f"{kind}{found.status_code} {found.json()['code']}"] += 1
        return None

    def _leave(self, body: bytes, key: str, *, number: int) -> None:
        head = f"POST /v1/translate HTTP/1.1\r\nHost: a\r\nIdempotency-Key: {key}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.port), PATIENCE) as line:
            line.sendall(head.encode() + body)
            if number % 2:
                line.recv(20)
            self.saw["hung up on, mid-reply" if number % 2 else "hung up on, before the reply"] += 1


@dataclass(slots=True)
class Stage:
    """Where a fault is tried, and the handles that it pulls."""

    server: Server
    load: Load
    begin: Callable[[], None]
    end: Callable[[], None]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    name: str
    saw: Mapping[str, int]
    answered: int
    recovery: float
    """Seconds from when the fault was begun to be ended (a process started again, say) to the next answer."""
    silence: float
    """Seconds, the longest from one answer to the next."""
    findings: tuple[str, ...]


@contextmanager
def killed(folder: Path, models: Path) -> Iterator[Stage]:
    """`kill -9`; started again at the end of the fault."""
    with serving(folder, models) as server:
        yield Stage(server, Load(server), server.kill, server.start)


@contextmanager
def dropped(folder: Path, models: Path) -> Iterator[Stage]:
    """Callers hang up, every other one with the reply begun."""
    with serving(folder, models) as server:
        load = Load(server)
        yield Stage(server, load, load.hang_up.set, load.hang_up.clear)


@contextmanager
def disk(folder: Path, models: Path) -> Iterator[Stage]:
    """The data folder's disk is full to the last byte."""
    data, junk = folder / "data", folder / "data" / "junk"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(data)], check=True)  # noqa: S607

    def fill() -> None:
        with suppress(OSError), junk.open("wb", buffering=0) as file:
            while True:
                file.write(b"0" * 4096)

    try:
        with serving(folder, models) as server:
            yield Stage(server, Load(server), fill, junk.unlink)
    finally:
        subprocess.run(["umount", "-l", str(data)], check=True)  # noqa: S607


@contextmanager
def database_stopped(folder: Path, models: Path) -> Iterator[Stage]:
    """PostgreSQL takes connections and answers nothing (SIGSTOP of all its processes)."""
    with postgres.temporary() as cluster, cluster.fresh() as url, serving(folder, models, url) as server:
        yield Stage(
            server,
            Load(server),
            lambda: _signal_all(cluster.process.pid, signal.SIGSTOP),
            lambda: _signal_all(cluster.process.pid, signal.SIGCONT),
            url,
        )


@contextmanager
def database_slow(folder: Path, models: Path) -> Iterator[Stage]:
    """PostgreSQL stands still for 0.3 s of every 0.4."""
    with postgres.temporary() as cluster, cluster.fresh() as url, serving(folder, models, url) as server:
        over = threading.Event()

        def stutter() -> None:
            while not over.is_set():
                _signal_all(cluster.process.pid, signal.SIGSTOP)
                over.wait(0.3)
                _signal_all(cluster.process.pid, signal.SIGCONT)
                over.wait(0.1)

        thread = threading.Thread(target=stutter)

        def end() -> None:
            over.set()
            thread.join()

        yield Stage(server, Load(server), thread.start, end, url)


@contextmanager
def database_gone(folder: Path, models: Path) -> Iterator[Stage]:
    """PostgreSQL's processes are killed at once (SIGQUIT), and started again."""
    again: list[subprocess.Popen[bytes]] = []
    with postgres.temporary() as cluster:
        # Not in a context that drops it: the server started again is not the one that would be asked to.
        cluster.run("CREATE DATABASE gone TEMPLATE migrated")

        def stop() -> None:
            cluster.process.send_signal(signal.SIGQUIT)
            cluster.process.wait(PATIENCE)

        def start() -> None:
            with cluster.log.open("ab") as said:
                again.append(subprocess.Popen(cluster.process.args, stdout=said, stderr=said, cwd="/"))

        try:
            with serving(folder, models, cluster.url("gone")) as server:
                yield Stage(server, Load(server), stop, start, cluster.url("gone"))
        finally:
            for each in again:
                each.send_signal(signal.SIGQUIT)
                each.wait(PATIENCE)


@contextmanager
def store(folder: Path, models: Path) -> Iterator[Stage]:
    """The S3-compatible store cannot be reached; texts and documents are sent."""
    with objectstore.temporary() as place, place.fresh() as bucket:
        port = int(bucket.endpoint.rsplit(":", 1)[1])
        with relay(port) as line:
            more = {**bucket.environment, "AWS_ENDPOINT_URL": line.address}
            with serving(folder, models, **more) as server:
                load = Load(server, documents=True)
                yield Stage(server, load, line.cut.set, line.cut.clear)


@contextmanager
def model(folder: Path, models: Path) -> Iterator[Stage]:
    """A byte of the only model's weights is changed and the server restarted; at the end the byte is put right."""
    del models
    mine = folder / "models"
    shutil.copytree(STARTER / "pt-en", mine / "pt-en")
    weights = mine / "pt-en" / "model.bin"
    with serving(folder, mine, DRAGOMAN_MODEL_RETRY="1") as server:

        def flip() -> None:
            with weights.open("r+b") as file:
                file.seek(1_000_000)
                byte = file.read(1)[0]
                file.seek(1_000_000)
                file.write(bytes([byte ^ 1]))

        def corrupt() -> None:
            flip()
            server.kill()
            server.start()

        yield Stage(server, Load(server), corrupt, flip)


@contextmanager
def clock(folder: Path, models: Path) -> Iterator[Stage]:
    """The wall clock goes two hours ahead, then two hours back, then right again (libfaketime)."""
    skew = folder / "skew"
    skew.write_text("+0")
    more = {
        "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(skew), "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
    }  # fmt: skip
    with serving(folder, models, **more) as server:
        timer = threading.Timer(3.0, lambda: skew.write_text("-2h"))

        def begin() -> None:
            skew.write_text("+2h")
            timer.start()

        def end() -> None:
            timer.join()
            skew.write_text("+0")

        yield Stage(server, Load(server), begin, end)


FAULTS = {
    "killed": killed,
    "dropped": dropped,
    "disk": disk,
    "database-slow": database_slow,
    "database-stopped": database_stopped,
    "database-gone": database_gone,
    "store": store,
    "model": model,
    "clock": clock,
}


@contextmanager
def serving(folder: Path, models: Path, url: str = "", **more: str) -> Iterator[Server]:
    wanted = {
        "DRAGOMAN_MODEL_DIR": str(models), "DRAGOMAN_CACHE": "off", "DRAGOMAN_LOG_LEVEL": "error",
        "DRAGOMAN_CANDIDATES": "pt,en", "DRAGOMAN_DATABASE_URL": url, **more,
    }  # fmt: skip
    server = Server(folder, wanted)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def attempt(name: str, *, seconds: float, met: str | None = None) -> Found:
    """Lasts `seconds`, and until a caller has seen what `met` names."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        models = folder / "identity"
        write_card(models, "identity-pt-en", ("pt", "en"))
        stage = stack.enter_context(FAULTS[name](folder, models))
        with stage.load.running():
            _until(lambda: len(stage.load.delivered) > CALLERS)
            stage.begin()
            time.sleep(seconds)
            _until(lambda: met is None or stage.load.saw[met] > 0)
            ended, before = time.monotonic(), len(stage.load.answered_at)
            stage.end()
            _until(lambda: len(stage.load.answered_at) > before + CALLERS)
            time.sleep(seconds / 4)
        recovery = stage.load.answered_at[before] - ended
        findings = (*stage.load.faults, *_jobs(stage), *_reckoned(stage, folder))
        moments = sorted(stage.load.answered_at)
        silence = max(after - before for before, after in pairwise(moments))
        return Found(name, stage.load.saw, len(stage.load.delivered), recovery, silence, findings)


def _until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 2 * PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError
        time.sleep(0.01)


def _jobs(stage: Stage) -> Iterator[str]:
    for job, content in stage.load.jobs.items():
        limit = time.monotonic() + PATIENCE
        while (found := httpx.get(f"{stage.server.url}/v1/jobs/{job}", trust_env=False).json())[
            "finished_at"
        ] is None:
            if time.monotonic() > limit:
                yield f"{job} never ended"
                break
            time.sleep(0.2)
        else:
            result = httpx.get(f"{stage.server.url}/v1/jobs/{job}/result", trust_env=False)
            if found["state"] != "succeeded" or result.content != content:
                yield f"{job} came back {found['state']}"


def _reckoned(stage: Stage, folder: Path) -> Iterator[str]:
    """What was answered against what was charged."""
    delivered = stage.load.delivered
    database = open_database(folder / "data", stage.url)
    try:
        with database.read() as connection:
            query = select(entries.c.idempotency_key, entries.c.billed_characters).where(
                entries.c.kind == "request"
            )
            rows = connection.execute(query).all()
        yield from (str(each) for each in verify(database).findings)
    finally:
        database.close()
    charged = Counter(row.idempotency_key for row in rows)
    billed = {row.idempotency_key: row.billed_characters for row in rows}
    for key, count in charged.items():
        if count > 1:
            yield f"{key} was charged {count} times"
        if billed[key] != delivered.get(key, 0):
            yield f"{key}: {billed[key]} billed, {delivered.get(key, 0)} delivered"
    yield from (f"{key} was answered and is not in the ledger" for key in delivered.keys() - charged.keys())


def _signal_all(pid: int, number: int) -> None:
    """To a process and its children: PostgreSQL's connections are processes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    for each in (pid, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(each, number)


def lacking(name: str) -> str | None:
    """Why a fault cannot be tried here."""
    if name == "disk" and os.geteuid() != 0:
        return "needs root, to mount a small disk"
    if name.startswith("database") and postgres.binaries() is None:
        return postgres.MISSING
    if name == "clock" and not FAKETIME.exists():
        return "needs libfaketime: apt-get install faketime"
    return None


def table(found: Sequence[Found]) -> Iterator[str]:
    yield "| fault | what callers saw | answered | lost, or charged wrong | longest silence | answers again after |"
    yield "|---|---|---:|---|---:|---:|"
    for each in found:
        saw = ", ".join(f"{count} × {what}" for what, count in sorted(each.saw.items()))
        lost = "; ".join(each.findings) or "nothing"
        yield f"| {each.name} | {saw} | {each.answered} | {lost} | {each.silence:.1f} s | {each.recovery:.1f} s |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=8, help="how long each fault lasts")
    parser.add_argument("--only", nargs="+", choices=FAULTS, default=list(FAULTS))
    asked = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    found: list[Found] = []
    for name in asked.only:
        reason = lacking(name)
        if reason is not None:
            print(f"{name}: not tried, {reason}", file=sys.stderr)
            continue
        found.append(attempt(name, seconds=asked.seconds))
        print(found[-1], file=sys.stderr, flush=True)
    print(*table(found), sep="\n")
    return int(any(each.findings for each in found))


if __name__ == "__main__":
    sys.exit(main())
