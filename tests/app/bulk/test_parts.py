"""Parts: whole, checked, and put together in the order of their windows."""

from decimal import Decimal
from pathlib import Path

import pytest

from app.bulk import parts as module
from app.bulk.added import Added
from app.bulk.engine import Answer
from app.bulk.form import Format, form
from app.bulk.keeping import PART_WINDOWS, PartKeeper, left
from app.bulk.parts import Charge, Parts, Receipt
from app.bulk.record import Window, windows
from app.errors import ConfigurationError, StorageError
from tests.app.bulk.test_run import USAGE, translated
from tests.app.bulk.test_run import windows as sound


def keep(folder: Path, found: list[Window]) -> list[Receipt]:
    keeper = PartKeeper(Parts(folder), {"m": "abc"})
    for window in found:
        keeper.keep(window, Answer(tuple(map(translated, window.texts)), (USAGE,)))
    keeper.close()
    return Parts(folder).receipts()


def test_what_is_kept_comes_back_in_order(tmp_path: Path) -> None:
    found = list(sound(40))
    receipts = keep(tmp_path, found)
    assert [(each.first, each.last) for each in receipts] == [(1, 16), (17, 32), (33, 40)]
    assert PART_WINDOWS == 16
    done = list(Parts(tmp_path).answers(receipts))
    assert [(each.number, each.digest) for each in done] == [(each.number, each.digest) for each in found]
    (first, *_) = done[0].answers
    assert first[0] is not None
    assert (first[0]["text"], first[0]["fingerprints"]) == ("W1 L0", ["abc"])
    assert sum(each.charge.price for each in receipts) == 40 * Decimal("0.000000001")


def test_gaps_are_left_to_do_and_never_bridged_by_a_part(tmp_path: Path) -> None:
    found = list(sound(20))
    receipts = keep(tmp_path, [*found[:3], *found[7:9]])
    assert [(each.first, each.last) for each in receipts] == [(1, 3), (8, 9)]
    assert [each.number for each in left(iter(found), receipts)] == [4, 5, 6, 7, *range(10, 21)]


def test_another_text_below_a_part_is_refused(tmp_path: Path) -> None:
    receipts = keep(tmp_path, list(sound(20)))
    shape = form(Format.TXT, Added(("text",), flat=True))
    other = [
        *list(sound(20))[:16],
        *(each for number in range(16, 20) for each in windows(shape.records([b"w\n"]), after=number)),
    ]
    with pytest.raises(ConfigurationError, match="windows 17 to 20 hold other texts"):
        list(left(iter(other), receipts))
    with pytest.raises(ConfigurationError, match="windows 17 to 20"):
        list(left(sound(18), receipts))


@pytest.mark.parametrize("harm", ["cut", "turned", "emptied", "renamed"])
def test_a_damaged_part_is_done_again(tmp_path: Path, harm: str) -> None:
    receipts = keep(tmp_path, list(sound(20)))
    file = tmp_path / receipts[0].name
    content = file.read_bytes()
    if harm == "renamed":
        file.rename(tmp_path / "0000000002-0000000016.part")
    else:
        harmed = {"cut": content[:-5], "turned": content.replace(b"W3", b"X3"), "emptied": b""}
        file.write_bytes(harmed[harm])
    with pytest.raises((StorageError, FileNotFoundError)):
        list(Parts(tmp_path).answers(receipts))
    assert Parts(tmp_path).receipts() == receipts[1:]


def test_two_parts_with_the_same_window_count_once(tmp_path: Path) -> None:
    found = list(sound(6))
    done = [module.done(each, Answer(tuple(map(translated, each.texts)), ()), {}) for each in found]
    for run in (done[:4], done[2:6], done[4:6]):
        Parts(tmp_path).write(run, Charge(), seconds=0.0)
    assert [(each.first, each.last) for each in Parts(tmp_path).receipts()] == [(1, 4), (5, 6)]
