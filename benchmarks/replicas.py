"""Three replicas over one PostgreSQL and one store of files, under load, one killed (-9) again and again; a reckoning.

    python -m benchmarks.replicas [--seconds 130] [--every 10] [--store s3|files]

Several tenants send texts and documents with an Idempotency-Key each, and send again until they are answered; one has a
hard budget, one a limit of characters a minute. Afterwards everything that was acknowledged is held against the ledger.
It needs PostgreSQL (tests/postgres.py); the engine is weightless, because what is tried is not its translations.
"""

import argparse
import logging
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from app.ledger.tables import entries
from app.ledger.verify import verify
from app.storage.database import Database
from app.tenants.directory import Directory
from app.tenants.tenant import Budget, Rates
from tests import objectstore, postgres
from tests.app.cli.program import environment
from tests.app.serving import write_card
from tests.databases import Place
from tests.fleet import Fleet, fleet

REPLICAS = 3
PATIENCE = 120.0
LINE = "Report {number}: the van left the yard by the north gate after dark, and nobody saw it come back."
REFUSED = {"budget_exceeded", "rate_limited", "too_many_jobs"}
"""Answers that end a request; after any other but success it is sent again."""


@dataclass(frozen=True, slots=True)
class Customer:
    name: str
    budget: int | None = None
    """Characters, hard."""
    a_minute: int | None = None
    """Characters."""
    texts: int = 1
    """Threads that send them."""
    documents: int = 1


@dataclass(slots=True)
class Account:
    """What a tenant was told."""

    customer: Customer
    headers: Mapping[str, str]
    texts: dict[str, int] = field(default_factory=dict)
    """Characters of answered ones, by key."""
    documents: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Job and content of accepted ones, by key."""
    refused: Counter[str] = field(default_factory=Counter)
    given_up: dict[str, str] = field(default_factory=dict)
    """Texts of refused ones, by key."""
    again: Counter[str] = field(default_factory=Counter)
    """Why requests were sent again."""


@dataclass(slots=True)
class Load:
    fleet: Fleet
    accounts: Sequence[Account]
    over: threading.Event = field(default_factory=threading.Event)
    faults: list[str] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [
            threading.Thread(target=self._guarded, args=(work, account, f"{kind}{number}"))
            for account in self.accounts
            for kind, work, count in (
                ("text", self._text, account.customer.texts),
                ("document", self._document, account.customer.documents),
            )
            for number in range(count)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(PATIENCE)

    def _guarded(self, work: Any, account: Account, name: str) -> None:
        chance = random.Random(f"{account.customer.name} {name}")  # noqa: S311
        number = 0
        try:
            while not self.over.is_set():
                work(account, chance, f"{name}-{number}")
                number += 1
        except Exception as error:  # noqa: BLE001  recorded as a fault of the run
            self.faults.append(f"{account.customer.name} {name}: {type(error).__name__} {error}")

    def _text(self, account: Account, chance: random.Random, key: str) -> None:
        text = LINE.format(number=key) * chance.randint(1, 3)
        found = self.insist(account, chance, "/v1/translate", key, json={"text": text, **PAIR})
        if found.is_success:
            if found.json()["translations"][0]["text"] != text:
                self.faults.append(f"{key}: another text came back")
            account.texts[key] = len(text)
            if chance.random() < 0.2:
                self.insist(account, chance, "/v1/translate", key, json={"text": text, **PAIR})
        else:
            account.given_up[key] = text
            self.over.wait(0.2)

    def _document(self, account: Account, chance: random.Random, key: str) -> None:
        lines = [LINE.format(number=f"{key} {number}") for number in range(chance.randint(5, 60))]
        content = "\n\n".join(lines).encode()
        files = {"file": (f"{key}.txt", content)}
        found = self.insist(account, chance, "/v1/documents", key, files=files, data=PAIR)
        if found.is_success:
            account.documents[key] = found.json()["id"], content
        self.over.wait(1.0)

    def insist(
        self, account: Account, chance: random.Random, path: str, key: str, **sent: Any
    ) -> httpx.Response:
        """At any replica, until one answers for good."""
        limit = time.monotonic() + PATIENCE
        while True:
            url = chance.choice(self.fleet.urls)
            headers = {**account.headers, "Idempotency-Key": key}
            try:
                found = httpx.post(url + path, headers=headers, timeout=30, trust_env=False, **sent)
            except httpx.TransportError as error:
                account.again[type(error).__name__] += 1
            else:
                code = "" if found.is_success else found.json()["code"]
                if found.is_success:
                    return found
                if code in REFUSED:
                    account.refused[code] += 1
                    return found
                account.again[code] += 1
            if time.monotonic() > limit:
                raise TimeoutError(key)
            time.sleep(0.1)


PAIR = {"source": "en", "target": "pt"}


def killing(load: Load, *, seconds: float, every: float) -> int:
    """In turn, for so many seconds and until everybody has met what is to be tried. How many were killed."""
    begun, killed = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds or not all(map(tried, load.accounts)):
        if passed > seconds + PATIENCE:
            load.faults.append("not everything was tried")
            return killed
        time.sleep(every)
        load.fleet.kill(killed % REPLICAS)
        killed += 1
    return killed


def tried(account: Account) -> bool:
    """Whether it was served, and met its limit."""
    customer = account.customer
    limits = {"budget_exceeded": customer.budget, "rate_limited": customer.a_minute}
    met = all(most is None or account.refused[code] for code, most in limits.items())
    return met and bool(account.texts) and bool(account.documents) == bool(customer.documents)


def settle(load: Load) -> None:
    """Until every accepted document is over, and who was charged but never answered has asked again."""
    for account in load.accounts:
        for key, (job, content) in account.documents.items():
            _finished(load, account, key, job, content)


def _finished(load: Load, account: Account, key: str, job: str, content: bytes) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        found = _asked(load, account, f"/v1/jobs/{job}").json()
        if found["finished_at"] is not None:
            break
        if time.monotonic() > limit:
            load.faults.append(f"{account.customer.name} {key}: {job} never ended")
            return
        time.sleep(0.2)
    if found["chunks"]["failed"]:
        if account.customer.budget is None:
            load.faults.append(f"{account.customer.name} {key}: chunks of {job} failed")
        return
    if _asked(load, account, f"/v1/jobs/{job}/result").content != content:
        load.faults.append(f"{account.customer.name} {key}: another document came back")


def _asked(load: Load, account: Account, path: str) -> httpx.Response:
    for _ in range(100):
        for url in load.fleet.urls:
            try:
                found = httpx.get(url + path, headers=account.headers, timeout=30, trust_env=False)
            except httpx.TransportError:
                continue
            if found.is_success:
                return found
        time.sleep(0.2)
    raise TimeoutError(path)


def reckon(load: Load, database: Database) -> Iterator[str]:
    """What is not as it was promised."""
    yield from load.faults
    yield from (f"the ledger: {finding}" for finding in verify(database).findings)
    query = select(
        entries.c.tenant, entries.c.kind, entries.c.idempotency_key, entries.c.job, entries.c.chunk,
        entries.c.billed_characters, entries.c.created_at,
    )  # fmt: skip
    with database.read() as connection:
        rows = connection.execute(query).all()
    for account in load.accounts:
        mine = [row for row in rows if row.tenant == account.customer.name]
        yield from _texts(load, account, [row for row in mine if row.kind == "request"])
        yield from _documents(account, [row for row in mine if row.kind == "chunk"])
        yield from _limits(account, mine)


def _texts(load: Load, account: Account, rows: Sequence[Any]) -> Iterator[str]:
    who = account.customer.name
    charged = Counter(row.idempotency_key for row in rows)
    yield from (f"{who}: {key} was charged {count} times" for key, count in charged.items() if count > 1)
    yield from (
        f"{who}: {key} was answered and is not in the ledger" for key in account.texts.keys() - charged.keys()
    )
    unanswered = charged.keys() - account.texts.keys()
    for key in sorted(unanswered):
        text = account.given_up.get(key)
        found = text and _answer_again(load, account, key, text)
        if not found:
            yield f"{who}: {key} was charged and its answer cannot be had"
        else:
            account.texts[key] = len(text or "")
    billed, delivered = sum(row.billed_characters for row in rows), sum(account.texts.values())
    if billed != delivered:
        yield f"{who}: {billed:,} characters of texts billed, {delivered:,} delivered"


def _answer_again(load: Load, account: Account, key: str, text: str) -> bool:
    chance = random.Random(key)  # noqa: S311
    found = load.insist(account, chance, "/v1/translate", key, json={"text": text, **PAIR})
    return found.is_success


def _documents(account: Account, rows: Sequence[Any]) -> Iterator[str]:
    who = account.customer.name
    twice = [each for each, count in Counter((row.job, row.chunk) for row in rows).items() if count > 1]
    yield from (f"{who}: chunk {chunk} of {job} was charged twice" for job, chunk in twice)
    accepted = {job: len(content.decode().replace("\n", "")) for job, content in account.documents.values()}
    billed: Counter[str] = Counter()
    for row in rows:
        billed[row.job] += row.billed_characters
    yield from (f"{who}: {job} was charged and never accepted" for job in billed.keys() - accepted.keys())
    for job, characters in accepted.items():
        if billed[job] > characters or (billed[job] < characters and account.customer.budget is None):
            yield f"{who}: {billed[job]:,} characters of {job} billed, {characters:,} delivered"


def _limits(account: Account, rows: Sequence[Any]) -> Iterator[str]:
    customer, billed = account.customer, sum(row.billed_characters for row in rows)
    if customer.budget is not None and billed > customer.budget:
        yield f"{customer.name}: {billed:,} characters billed, of a budget of {customer.budget:,}"
    if customer.a_minute is None or not rows:
        return
    minutes = [row.created_at // 60_000_000 for row in rows]
    most = customer.a_minute * (max(minutes) - min(minutes) + 1)
    if billed > most:
        yield f"{customer.name}: {billed:,} characters let in, of {most:,} in so many minutes"


@dataclass(frozen=True, slots=True)
class Outcome:
    killed: int
    findings: tuple[str, ...]
    accounts: tuple[Account, ...]


def run(
    place: Place, models: Path, customers: Sequence[Customer], *, seconds: float, every: float
) -> Outcome:
    wanted = {
        "DRAGOMAN_MODEL_DIR": str(models), "DRAGOMAN_PRELOAD": "false", "DRAGOMAN_CACHE": "off",
        "DRAGOMAN_LOG_LEVEL": "error", "DRAGOMAN_PORT": "0", "DRAGOMAN_AUTH": "required",
        "DRAGOMAN_CANDIDATES": "pt,en",
    }  # fmt: skip
    database = place.open()
    try:
        accounts = [_account(database, each) for each in customers]
        with fleet(REPLICAS, environment(place.data_dir, {**wanted, **place.environment})) as running:
            load = Load(running, accounts)
            with load.running():
                killed = killing(load, seconds=seconds, every=every)
            settle(load)
            findings = tuple(reckon(load, database))
    finally:
        database.close()
    return Outcome(killed, findings, tuple(accounts))


def _account(database: Database, customer: Customer) -> Account:
    directory = Directory(database)
    rates, budget = Rates(characters=customer.a_minute), Budget(characters=customer.budget)
    directory.create_tenant(customer.name, rates=rates, budget=budget)
    secret = directory.create_key(customer.name).secret
    return Account(customer, {"Authorization": f"Bearer {secret}"})


@contextmanager
def place(store: str) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
        url = stack.enter_context(stack.enter_context(postgres.temporary()).fresh())
        bucket = None
        if store == "s3":
            bucket = stack.enter_context(stack.enter_context(objectstore.temporary()).fresh())
        yield Place(folder, url, bucket)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=130)
    parser.add_argument("--every", type=float, default=10, help="seconds between two kills")
    parser.add_argument("--store", choices=("s3", "files"), default="s3")
    asked = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    customers = (
        Customer("north", texts=2),
        Customer("south", texts=1),
        Customer("thrifty", budget=60_000),
        Customer("paced", a_minute=6_000, documents=0),
    )
    with place(asked.store) as here, tempfile.TemporaryDirectory() as models:
        write_card(Path(models), "identity-en-pt", ("en", "pt"))
        outcome = run(here, Path(models), customers, seconds=asked.seconds, every=asked.every)
    print(f"{outcome.killed} killed in {asked.seconds:g} s, files in {asked.store}")
    for each in outcome.accounts:
        print(
            f"{each.customer.name}: {len(each.texts)} texts ({sum(each.texts.values()):,} characters) and "
            f"{len(each.documents)} documents; refused {dict(each.refused)}; sent again {dict(each.again)}"
        )
    print(*(outcome.findings or ("nothing lost, nothing charged twice",)), sep="\n")
    return int(bool(outcome.findings))


if __name__ == "__main__":
    sys.exit(main())
