"""The bare engine: what the benchmarks hold the queue against, and the batches it is given."""

import itertools
from collections.abc import Sequence

import pytest

from app.bench.raw import cut
from batching.budget import padded
from models.bare import BareEngine
from models.catalogue import STARTER
from models.contracts import TokenizedSegment, Translation

TEXTS = ["Bom dia.", "O carro branco saiu do armazém às duas e meia.", "Onde está?", "Ele pagou tudo ontem."]


@pytest.mark.parametrize(("size", "unit", "bound"), [(3, "examples", (3, 999)), (12, "tokens", (99, 12))])
def test_the_backend_is_given_batches_as_the_engine_cuts_them(
    monkeypatch: pytest.MonkeyPatch, size: int, unit: str, bound: tuple[int, int]
) -> None:
    engine = BareEngine(STARTER / "pt-en", threads=1)
    segments = engine.tokenize(TEXTS)
    given: list[list[int]] = []
    translate = engine._backend.translate

    def noted(batch: Sequence[TokenizedSegment]) -> list[Translation]:
        given.append([each.length for each in batch])
        return translate(batch)

    monkeypatch.setattr(engine._backend, "translate", noted)

    run = engine.alike(cut(segments, (size, unit)))

    assert list(itertools.chain(*given)) == sorted((each.length for each in segments), reverse=True)
    assert all(len(batch) == 1 or (len(batch) <= bound[0] and padded(batch) <= bound[1]) for batch in given)
    assert 1 < len(given) < len(TEXTS)
    assert run.wall > 0
    assert run.cpu > 0
