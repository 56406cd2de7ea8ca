"""The ladder through the whole service, on a model that fails in known ways and gets better in known ways."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.fidelity import check
from app.flags import FLAGS
from app.repair.steps import REPAIRABLE, STEPS
from app.results import SegmentResult, TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from models.contracts import EngineFailure, TokenizedSegment, Translation
from models.loader import WEIGHTLESS
from models.reverse import IdentityBackend
from tests.app.serving import write_card

NUMBERS = "Faltam 4571 caixas no armazém."
LOOP = "O gato dorme na varanda da casa."
TURNED = "Ela não veio ontem."
HOPELESS = "O preço do barco é 812 ou 913 ou 714 hoje."
FINE = "Bom dia a todos."


class Frail(IdentityBackend):
    """Garbles numbers that are not in brackets, repeats itself unless told not to, loses "not" without a beam."""

    seen: Sequence[TokenizedSegment] = ()

    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        type(self).seen = (*self.seen, *batch)
        return [Translation(_garbled(segment), segment.length) for segment in batch]


def _garbled(segment: TokenizedSegment) -> str:
    text, way = "".join(segment.tokens), segment.decoding
    if "barco" in text:
        return "The boat costs 7."
    if "gato" in text and not way.no_repeat:
        return "The cat is, the cat is, the cat is, the cat is, the cat is asleep."
    if "gato" in text:
        return "The cat sleeps on the veranda of the house."
    if "veio" in text:
        return "She did not come yesterday." if way.beam_size == 4 else "She came yesterday."
    if "recusa" in text and way.beam_size:
        raise EngineFailure("The engine failed.")
    if "nunca" in text:
        text = " ".join(["never"] * (3 if way.no_repeat else 12))
    if "Abra" in text:
        text = "Open (61), please." if "(61)" in text else "Open the door, please."
    if text == FINE:
        return "Good morning, everyone."
    return text.replace("4571", "451").replace("Faltam", "There lack").replace("caixas no armazém", "boxes")


@asynccontextmanager
async def frail(folder: Path, monkeypatch: pytest.MonkeyPatch, **chosen: object) -> AsyncIterator[Runtime]:
    monkeypatch.setitem(WEIGHTLESS, "frail", Frail)
    monkeypatch.setattr(Frail, "seen", ())
    if not (folder / "models").exists():
        write_card(folder / "models", "frail-pt-en", ("pt", "en"), architecture="frail")
    settings = Settings(data_dir=folder / "data", model_dir=folder / "models", preload=False, **chosen)  # type: ignore[arg-type]
    async with open_runtime(settings) as opened:
        yield opened


async def translated(running: Runtime, *texts: str) -> TranslationResult:
    return await running.translation.translate(TranslationRequest(texts, "en", "pt"))


def only(result: TranslationResult) -> list[SegmentResult]:
    return [text.segments[0] for text in result.texts]


async def test_each_kind_of_doubt_climbs_as_far_as_it_must(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with frail(tmp_path, monkeypatch) as running:
        result = await translated(running, NUMBERS, LOOP, TURNED, HOPELESS, FINE)
    numbers, loop, turned, hopeless, fine = only(result)
    assert numbers.text == "There lack 4571 boxes."
    assert [(each.step, each.kept) for each in numbers.repairs] == [("protect", True)]
    assert [(each.step, each.kept) for each in loop.repairs] == [("no_repeat", True)]
    assert [(each.step, each.kept) for each in turned.repairs] == [("beam", True)]
    assert all(segment.flags == ("repaired",) for segment in (numbers, loop, turned))
    assert [(each.step, each.kept) for each in hopeless.repairs] == [("protect", False), ("beam", False)]
    assert hopeless.text == "The boat costs 7."
    assert "repaired" not in hopeless.flags
    assert "numbers_differ" in hopeless.flags
    assert (fine.repairs, fine.flags) == ((), ())
    assert "repaired" in result.texts[0].flags


async def test_tries_cost_compute_and_no_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = (NUMBERS, LOOP, TURNED, HOPELESS)
    async with frail(tmp_path, monkeypatch) as running:
        entry = (await translated(running, *texts)).entry
        spent = running.telemetry.busy_ns
    assert entry.characters == entry.billed_characters == sum(map(len, texts))
    assert entry.segments == len(texts)
    assert entry.compute_ns == spent


async def test_nothing_is_tried_again_where_repair_is_off_or_nothing_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with frail(tmp_path, monkeypatch, repair="off") as running:
        (numbers,) = only(await translated(running, NUMBERS))
        assert len(Frail.seen) == 1
    assert (numbers.repairs, numbers.flags) == ((), ("numbers_differ",))
    async with frail(tmp_path, monkeypatch) as running:
        await translated(running, FINE)
        assert len(Frail.seen) == 1


async def test_tries_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with frail(tmp_path, monkeypatch, repair_tries=1) as running:
        (hopeless,) = only(await translated(running, HOPELESS))
    assert len(hopeless.repairs) == 1
    assert len(Frail.seen) == 2


async def test_company_changes_no_answer_and_a_repeat_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = (NUMBERS, LOOP, TURNED, HOPELESS, FINE)
    async with frail(tmp_path, monkeypatch) as running:
        together = only(await translated(running, *texts))
        calls = len(Frail.seen)
        again = await translated(running, *texts)
        assert len(Frail.seen) == calls
    async with frail(tmp_path, monkeypatch) as running:
        apart = [only(await translated(running, text))[0] for text in reversed(texts)]
    for found in (only(again), [*reversed(apart)]):
        assert [(each.text, each.flags, each.repairs) for each in found] == [
            (each.text, each.flags, each.repairs) for each in together
        ]
    assert all(segment.cached for segment in only(again))
    assert again.entry.compute_ns == 0


async def test_a_try_that_fails_leaves_the_first_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with frail(tmp_path, monkeypatch) as running:
        (segment,) = only(
            await translated(running, "A testemunha recusa as 4571 caixas e os 9 sacos no dia 3 de maio.")
        )
    assert segment.text
    assert all(each.step in STEPS for each in segment.repairs)
    assert not REPAIRABLE.isdisjoint(segment.flags) or any(each.kept for each in segment.repairs)


def test_a_doubt_that_has_a_step_is_one_that_checks_raise() -> None:
    assert set(FLAGS) >= REPAIRABLE
    assert check("Faltam 4571 caixas.", "There lack 451 boxes.") == ("numbers_differ",)


async def test_identifiers_that_no_stand_in_kept_are_hidden_by_the_ladder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with frail(tmp_path, monkeypatch) as running:
        (kept,) = only(await translated(running, "Abra {porta}, por favor."))
    assert kept.text == "Open {porta}, please."
    assert [(each.step, each.kept) for each in kept.repairs] == [("protect", True)]
    assert kept.flags == ("repaired",)


async def test_an_answer_that_repeats_itself_still_clears_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with frail(tmp_path, monkeypatch) as running:
        (loop,) = only(await translated(running, "nunca nunca nunca nunca"))
    assert "repetition" in loop.flags
    assert "repaired" not in loop.flags
    assert loop.repairs
    assert all("repetition" in each.flags for each in loop.repairs)
