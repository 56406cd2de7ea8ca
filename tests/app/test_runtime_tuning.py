"""A measured batch budget is used, unless the operator said otherwise."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.runtime import open_runtime
from app.settings import Settings
from app.tuning import Tuning, this_machine, write_tuning
from batching.budget import Budget
from batching.work import Priority
from models.catalogue import installed
from models.contracts import PLAIN


@pytest.mark.parametrize(("settings", "expected"), [({}, 256), ({"batch_tokens": 512}, 512)])
async def test_the_budget_of_a_lane(tmp_path: Path, settings: dict[str, Any], expected: int) -> None:
    card = installed(None).card("starter-pt-en")
    assert card is not None
    tuning = Tuning(256, {256: 1.0}, this_machine(), date(2026, 11, 22), card.fingerprint)
    write_tuning(tmp_path, card, tuning)

    async with open_runtime(Settings(data_dir=tmp_path, preload=False, **settings)) as running:
        assert running.dispatcher._lane(card, PLAIN, Priority.BULK)._queue._budget == Budget(expected, 40)
