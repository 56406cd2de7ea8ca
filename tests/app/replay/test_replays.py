"""Who does the work, who waits, and for how long it is remembered."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from sqlalchemy import select

from app.errors import StorageError
from app.ledger.store import Ledger
from app.replay import Answer, Ask, Replays, Terms, Turn, ask
from app.replay.replays import Work
from app.replay.store import ReplyStore, Wanted
from app.replay.tables import replies
from app.storage.engine import Database
from app.storage.sqlite import SqliteDatabase
from app.vault.vault import Vault
from tests.app.ledger.examples import entry, line
from tests.app.steps import taken

WINDOW = 300.0
KEEP = 900.0


@dataclass
class House:
    """A process: its memory, the ledger it shares with others, and a clock that is moved by hand."""

    database: Database
    mode: Literal["stored", "memory", "off"] = "memory"
    limit: int = 1 << 20
    now: float = 1_800_000_000.0
    worked: list[Turn] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    replays: Replays = field(init=False)

    def __post_init__(self) -> None:
        terms = Terms(self.mode, window=WINDOW, keep=KEEP, limit=self.limit)
        self.replays = Replays(
            ReplyStore(self.database, Vault()), terms, clock=lambda: self.now, heard=self.heard.append
        )

    async def once(self, what: Ask, *, answer: bytes = b"{}", whole: bool = True) -> Answer:
        async def work(turn: Turn) -> Answer:
            self.worked.append(turn)
            made = Answer(answer, {"X-Characters": "7"}, whole=whole)
            await asyncio.to_thread(self._charge, what.tenant, turn, made)
            return made

        return await self.replays.once(what, work)

    def charged(self) -> list[str]:
        """Keys of the entries that were written and no duplicates."""
        with self.database.read() as connection:
            return list(connection.exec_driver_sql("SELECT idempotency_key FROM ledger_entry").scalars())

    def stored(self) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(replies)).all())

    def _charge(self, tenant: str, turn: Turn, made: Answer) -> None:
        charge = entry(
            turn.key or turn.implicit_key or "",
            line(),
            tenant=tenant,
            digest=turn.digest,
            created_at=datetime.fromtimestamp(self.now, UTC),
        )
        riders = () if turn.riders is None else turn.riders(made, charge.id)
        Ledger(self.database).append(charge, riders=riders)


@pytest.fixture
async def house(database: Database) -> House:
    found = House(database)
    await found.replays.open()
    return found


def asked(body: bytes = b"body", *, key: str | None = None, tenant: str = "local") -> Ask:
    return ask(tenant=tenant, address="/v1/translate", body=body, key=key)


async def begun(work: Work, house: House, what: Ask) -> "asyncio.Task[Answer]":
    task = asyncio.create_task(house.replays.once(what, work))
    await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("key", [None, "mine"])
async def test_a_repeat_within_the_window(house: House, key: str | None) -> None:
    first = await house.once(asked(key=key))
    house.now += (WINDOW if key is None else KEEP) - 1
    second = await house.once(asked(key=key))
    assert (first.replayed, second.replayed) == (False, True)
    assert second.body == first.body
    assert (len(house.worked), house.heard) == (1, ["memory"])


async def test_after_the_window_it_is_new_work(house: House) -> None:
    for _ in range(3):
        assert not (await house.once(asked())).replayed
        house.now += WINDOW
    assert len(house.charged()) == 3


async def test_repeats_do_not_begin_a_new_window(database: Database) -> None:
    """Else a text sent every four minutes would be charged once in its life."""
    house = House(database, mode="off")
    await house.replays.open()
    for _ in range(10):
        await house.once(asked())
        house.now += 0.4 * WINDOW
    assert len(house.worked) == 10
    assert len(house.charged()) == 4


async def test_a_key_is_charged_once_for_ever(house: House) -> None:
    for _ in range(3):
        await house.once(asked(key="mine"))
        house.now += 2 * KEEP
    assert len(house.worked) == 3
    assert house.charged() == ["mine"]


async def test_tenants_have_nothing_in_common(house: House) -> None:
    for tenant in ("one", "two"):
        assert not (await house.once(asked(tenant=tenant))).replayed
        assert not (await house.once(asked(tenant=tenant, key="mine"))).replayed


@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.75])
async def test_another_process_finds_what_the_dead_one_charged(database: Database, phase: float) -> None:
    """At whatever part of the window it died, and whenever within it the repeat comes."""
    for number, later in enumerate((0.0, 0.3, 0.6, 0.99)):
        body = str((phase, number)).encode()
        dead = House(database, now=WINDOW * (6_000_000 + phase))
        await dead.replays.open()
        await dead.once(asked(body))
        heir = House(database, now=dead.now + later * WINDOW)
        await heir.replays.open()
        await heir.once(asked(body))
        assert heir.worked[0].implicit_key == dead.worked[0].implicit_key
        assert len(heir.charged()) == number + 1


async def test_the_ledger_is_asked_no_longer_than_needed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    find = ReplyStore.find

    def watched(store: ReplyStore, wanted: Any, *, now: float) -> Any:
        looked.extend(key for each in wanted for key in each.keys)
        return find(store, wanted, now=now)

    monkeypatch.setattr(ReplyStore, "find", watched)
    await house.once(asked(b"an empty ledger holds nothing to look for"))
    assert not looked
    heir = House(house.database, now=house.now)
    await heir.replays.open()
    await heir.once(asked(b"one"))
    assert len(looked) == 2
    heir.now += 2 * WINDOW
    await heir.once(asked(b"two"))
    assert len(looked) == 2


async def test_what_memory_lost_is_looked_for_in_the_ledger(database: Database) -> None:
    house = House(database, limit=4_000)
    await house.replays.open()
    for number in range(20):
        await house.once(asked(str(number).encode()))
    for number in range(20):
        await house.once(asked(str(number).encode()))
    assert len(house.charged()) == 20
    assert len(house.worked) > 20


async def test_a_full_memory_does_not_ask_the_ledger_for_new_texts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(database, limit=4_000)
    await house.replays.open()
    looked: list[Any] = []
    find = ReplyStore.find

    def watched(store: ReplyStore, wanted: Any, *, now: float) -> Any:
        looked.extend(wanted)
        return find(store, wanted, now=now)

    monkeypatch.setattr(ReplyStore, "find", watched)
    for number in range(20):
        await house.once(asked(str(number).encode()))
        house.now += WINDOW / 20
    assert not looked
    house.now -= 2 * WINDOW / 20
    await house.once(asked(b"1"))
    assert len(looked) == 1
    assert len(house.charged()) == 20


async def test_one_tenant_does_not_drive_out_another(database: Database) -> None:
    house = House(database, limit=20_000)
    await house.replays.open()
    await house.once(asked(tenant="small"))
    for number in range(100):
        await house.once(asked(str(number).encode(), tenant="large"))
    assert (await house.once(asked(tenant="small"))).replayed


async def test_a_failed_answer_is_worked_out_again(house: House) -> None:
    await house.once(asked(key="mine"), whole=False)
    assert not (await house.once(asked(key="mine"))).replayed
    assert (await house.once(asked(key="mine"))).replayed
    assert house.charged() == ["mine"]


async def test_when_the_first_fails_the_next_tries_itself(house: House) -> None:
    go = asyncio.Event()

    async def fails(_: Turn) -> Answer:
        await go.wait()
        raise StorageError("full")

    async def works(_: Turn) -> Answer:
        return Answer(b"worked", {})

    first = await begun(fails, house, asked())
    others = [await begun(works, house, asked()) for _ in range(3)]
    go.set()
    with pytest.raises(StorageError):
        await first
    answers = await asyncio.gather(*others)
    assert [answer.body for answer in answers] == [b"worked"] * 3
    assert sum(answer.replayed for answer in answers) == 2


async def test_failures_are_not_waited_for_in_a_row(house: House) -> None:
    go = asyncio.Event()
    tried: list[int] = []

    async def fails(_: Turn) -> Answer:
        tried.append(1)
        await go.wait()
        await asyncio.sleep(0)
        raise StorageError("full")

    tasks = [await begun(fails, house, asked()) for _ in range(20)]
    go.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(each, StorageError) for each in found)
    assert len(tried) == 2


async def test_a_repeat_of_work_cut_short_takes_its_key(house: House) -> None:
    """The transaction may have been on its way to the disk when its caller went."""
    turns: list[Turn] = []

    async def stuck(turn: Turn) -> Answer:
        turns.append(turn)
        await asyncio.Event().wait()
        raise AssertionError

    task = await begun(stuck, house, asked())
    house.replays.leave(asked(), task)
    with pytest.raises(asyncio.CancelledError):
        await task
    house.now += 0.9 * WINDOW
    await house.once(asked())
    assert house.worked[0].implicit_key == turns[0].implicit_key


async def test_the_last_to_leave_ends_the_work(house: House) -> None:
    async def stuck(_: Turn) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    first, second, third = [await begun(stuck, house, asked()) for _ in range(3)]
    house.replays.leave(asked(), first)
    house.replays.leave(asked(), second)
    await asyncio.wait({second})
    assert second.cancelled()
    assert not first.done()
    house.replays.leave(asked(), third)
    await asyncio.wait({first, third})
    assert first.cancelled()
    assert third.cancelled()


async def test_answers_leave_the_database_when_they_are_over(database: Database) -> None:
    house = House(database, mode="stored")
    await house.replays.open()
    await house.once(asked(key="one"))
    await house.once(asked(b"other", key="two"))
    await house.once(asked(b"no key, nothing at rest"))
    assert house.stored() == 2
    store = ReplyStore(database, Vault())
    store.purge(now=house.now + KEEP - 1)
    assert house.stored() == 2
    store.purge(now=house.now + KEEP)
    assert house.stored() == 0
    assert len(house.charged()) == 3


async def test_a_stored_answer_that_is_over_is_not_given_though_it_is_there(database: Database) -> None:
    house = House(database, mode="stored")
    await house.once(asked(key="one"))
    heir = House(database, mode="stored", now=house.now + KEEP)
    assert not (await heir.once(asked(key="one"))).replayed
    assert heir.charged() == ["one"]


def test_no_look_up_reads_the_whole_ledger(sqlite: SqliteDatabase) -> None:
    """Or each request would wait longer for every one that was charged before it."""
    Ledger(sqlite).append(entry("old", tenant="north"))
    store = ReplyStore(sqlite, Vault())
    wanted = [Wanted("north", ("old", "none")), Wanted("south", ("old",))]

    with taken(sqlite) as steps:
        found = store.find(wanted, now=1_800_000_000.0)

    assert [each and each.key for each in found] == [entry("old").idempotency_key, None]
    assert any("SEARCH ledger_entry" in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN")]
