"""The engine threads of bulk work: the same answers, from behind all others."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.card import read_card
from models.catalogue import STARTER, Catalogue
from models.contracts import Backend, EngineOptions
from models.footprint import footprint
from models.gently import FURTHER_BACK
from models.loader import load

TEXTS = ["Good morning.", "The van left the warehouse at 14:30.", "I do not know the man in this photograph."]
OPTIONS = EngineOptions(threads=2, gives_way=True)


@pytest.fixture
def backend(starter_catalogue: Catalogue) -> Iterator[Backend]:
    made = load(starter_catalogue.cards[0], OPTIONS)
    yield made
    made.close()


def _giving_way() -> int:
    threads = (int(each.name) for each in Path("/proc/self/task").iterdir())
    behind = os.getpriority(os.PRIO_PROCESS, 0) + FURTHER_BACK
    return sum(os.getpriority(os.PRIO_PROCESS, thread) == behind for thread in threads)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere niceness is the whole process's")
def test_its_threads_give_way_and_are_there_once_they_are_wanted(backend: Backend) -> None:
    before = _giving_way()
    backend.behind()
    backend.behind()

    # One more is the thread that made them, where the system has not cleared it away yet.
    assert _giving_way() - before in {OPTIONS.threads, OPTIONS.threads + 1}


def test_it_answers_as_those_in_front_do(backend: Backend, starter_catalogue: Catalogue) -> None:
    segments = backend.tokenize(TEXTS, starter_catalogue.cards[0].pairs[0])

    assert backend.behind().translate(segments) == backend.translate(segments)


def _other(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("change", [Path.unlink, _other], ids=["gone", "other"])
def test_what_was_loaded_serves_both_where_its_files_are_others_by_now(
    tmp_path: Path, change: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """A revision that is replaced ends what it began, and never with weights of another."""
    shutil.copytree(STARTER / "en-pt", tmp_path / "en-pt")
    card = read_card(tmp_path / "en-pt")
    backend = load(card, OPTIONS)
    change(tmp_path / "en-pt" / "model.bin")

    assert backend.behind() is backend
    assert backend.behind() is backend
    assert [each.getMessage() for each in caplog.records if "for want of a second" in each.getMessage()]
    assert len(caplog.records) == 1, "and it is tried once"
    assert backend.translate(backend.tokenize(TEXTS, card.pairs[0]))
    backend.close()


def test_whoever_need_not_give_way_has_one_engine(starter_catalogue: Catalogue) -> None:
    backend = load(starter_catalogue.cards[0], EngineOptions())

    assert backend.behind() is backend
    backend.close()


def test_room_is_made_for_both(starter_catalogue: Catalogue) -> None:
    card = starter_catalogue.cards[0]
    alone = footprint(card, replace(OPTIONS, gives_way=False))

    assert footprint(card, OPTIONS) - alone > (card.path / "model.bin").stat().st_size
