"""The whole TranslationService around an engine that changes nothing."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.documents.format import InlineTag, TagKind, Unit
from app.results import Status, TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from models.contracts import EngineFailure, TokenizedSegment, Translation
from models.loader import WEIGHTLESS
from models.reverse import IdentityBackend
from tests.app.serving import write_card

PIECES = [
    "Bom dia.", "O comboio, às 12:30, está atrasado!", "n.º 5", "\r\n", "\n", "\xa0", "\u2028", "\x85", "\t", "\x00",
    "\u200f", "\u202e", "👩‍👩‍👧", "🇵🇹", "é", "• ", "- ", "  ", "。", "?!", '"', "»", "\u200d", "\ufeff", "AB12 CDE",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=20).map("".join),
)
LONG = st.builds(lambda piece, times: piece * times, st.text(min_size=1, max_size=40), st.integers(6, 40))


FEW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
async def runtime(tmp_path: Path, identity_models: Path) -> AsyncIterator[Runtime]:
    chosen = Settings(
        data_dir=tmp_path / "data",
        model_dir=identity_models,
        preload=False,
        price_per_million=Decimal("8.06"),
    )
    async with open_runtime(chosen) as opened:
        yield opened


def assert_accounted(text: str, result: TranslationResult) -> None:
    """Every character of `text` is in the ledger entry once."""
    lines = result.entry.lines
    assert sum(line.characters for line in lines) == len(text)
    for line in lines:
        assert line.billed_characters + line.failed_characters == line.characters
        assert line.unchanged_characters <= line.billed_characters
        assert line.cached_segments <= line.segments
        assert line.counts.utf8_bytes >= line.characters
    failed = result.texts[0].status is Status.FAILED
    assert result.entry.billed_characters == 0 or not failed


@settings(FEW)
@given(text=TEXTS)
@example(text="")
@example(text="\x1c.\x1f a \x85")
async def test_every_text_comes_back_unchanged(runtime: Runtime, text: str) -> None:
    request = TranslationRequest([text], "en", source="pt")
    result = await runtime.translation.translate(request)
    (found,) = result.texts
    assert found.text == text or "expanded" in found.flags
    assert found.status in {Status.TRANSLATED, Status.UNCHANGED}
    assert found.characters == len(text)
    assert_accounted(text, result)
    assert result.entry.billed_characters == len(text)


@settings(FEW, max_examples=40)
@given(text=LONG)
@example(text="a" * 1_000)
@example(text="palavra, " * 200)
@example(text="e\u0301" * 300)
@example(text="A\U00018cd6a$" * 250)
async def test_long_texts_come_back_unchanged(runtime: Runtime, text: str) -> None:
    """Segments over the model's limit of 200 tokens, which are characters here."""
    result = await runtime.translation.translate(TranslationRequest([text], "en", source="pt"))
    assert result.texts[0].text == text or "expanded" in result.texts[0].flags
    assert_accounted(text, result)


@settings(FEW, max_examples=60)
@given(text=TEXTS)
async def test_detected_texts_come_back_unchanged_or_say_why(runtime: Runtime, text: str) -> None:
    result = await runtime.translation.translate(TranslationRequest([text], "en"))
    (found,) = result.texts
    if found.status is Status.FAILED:
        assert found.text is None
        assert found.failure is not None
    else:
        assert found.text == text or "expanded" in found.flags
    assert_accounted(text, result)


@settings(FEW, max_examples=30)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8))
async def test_texts_of_one_request_are_answered_as_alone(runtime: Runtime, texts: list[str]) -> None:
    together = await runtime.translation.translate(TranslationRequest(texts, "en", source="pt"))
    for found, text in zip(together.texts, texts, strict=True):
        assert found.text == text or "expanded" in found.flags
    assert together.entry.characters == sum(map(len, texts))


async def test_a_segment_on_which_the_engine_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It alone is lost, and the reply says so; its characters are not billed."""
    monkeypatch.setitem(WEIGHTLESS, "picky", Picky)
    write_card(tmp_path / "models", "picky-pt-en", ("pt", "en"), architecture="picky")
    chosen = Settings(data_dir=tmp_path / "data", model_dir=tmp_path / "models", preload=False)
    async with open_runtime(chosen) as runtime:
        texts = ["Bom dia", "Bom azar. Boa tarde", "azar"]
        result = await runtime.translation.translate(TranslationRequest(texts, "en", source="pt"))
    fine, partly, lost = result.texts
    assert (fine.status, fine.failure) == (Status.TRANSLATED, None)
    assert (partly.status, partly.text) == (Status.TRANSLATED, "Bom azar. Boa tarde")
    assert partly.failure is not None
    assert partly.failure.code == "engine_failed"
    assert "left_untranslated" in partly.flags
    assert (lost.status, lost.text) == (Status.FAILED, None)
    assert result.entry.billed_characters == len("Bom dia") + len(" Boa tarde")


@pytest.mark.parametrize("source_first", [True, False])
async def test_a_foreign_line_does_not_cost_a_text_in_the_target_language(
    runtime: Runtime, source_first: bool
) -> None:
    """The text stands, the reply says what could not be done, and that line alone is not billed."""
    english = "The officer asked him whether he had ever seen the other man before that morning.\n" * 12
    hungarian = "Holnap reggel hatkor indulunk a gyárba, hozd magaddal az összes papírodat.\n"
    text = hungarian + english if source_first else english + hungarian
    result = await runtime.translation.translate(TranslationRequest([text], "en"))
    (found,) = result.texts
    assert (found.status, found.text) == (Status.UNCHANGED, text)
    assert found.failure is not None
    assert found.failure.code == "no_route"
    assert set(found.flags) == {"already_target", "left_untranslated"}
    assert_accounted(text, result)
    lost = len(hungarian.strip())
    lines = result.entry.lines
    assert sum(line.failed_characters for line in lines) == lost
    assert sum(line.unchanged_characters for line in lines) == len(text) - lost
    assert result.entry.billed_characters == len(text) - lost


async def test_what_holds_no_words_does_not_save_a_text_that_failed(runtime: Runtime) -> None:
    text = "07700 900123\nHolnap reggel hatkor indulunk a gyárba, hozd magaddal az összes papírodat."
    result = await runtime.translation.translate(TranslationRequest([text], "en"))
    assert (result.texts[0].status, result.texts[0].text) == (Status.FAILED, None)
    assert result.entry.billed_characters == 0


@pytest.mark.parametrize("candidates", [["tlh"], ["tlh", "sux", "hu"]])
async def test_candidates_that_no_detection_answers_are_named(
    runtime: Runtime, candidates: list[str]
) -> None:
    request = TranslationRequest(["Qapla' batlh je, tlhIngan maH!"], "en", candidates=candidates)
    (found,) = (await runtime.translation.translate(request)).texts
    assert found.failure is not None
    assert found.failure.code == "language_undetermined"
    named = ", ".join(sorted(set(candidates) - {"hu"}))
    assert f"cannot be detected here: {named}." in found.failure.message
    assert "narrow" not in found.failure.message


async def test_text_in_a_variety_of_its_language_is_in_the_target_already(runtime: Runtime) -> None:
    norwegian = "Vi møttes utenfor butikken i går kveld, og han ville ikke si hvor de andre var."
    (found,) = (await runtime.translation.translate(TranslationRequest([norwegian], "nn"))).texts
    assert (found.status, found.target, found.source) == (Status.UNCHANGED, "no", "no")


class Picky(IdentityBackend):
    def translate(self, batch: Sequence[TokenizedSegment]) -> list[Translation]:
        if any("azar" in "".join(segment.tokens) for segment in batch):
            raise EngineFailure("The engine failed.")
        return super().translate(batch)


@settings(FEW, max_examples=40)
@given(text=st.one_of(TEXTS, TEXTS.map(str.upper), LONG))
@example(text="PAGUE £40 — já, “Sr.” İsmet…")
async def test_links_lead_from_what_was_sent_to_what_is_delivered(runtime: Runtime, text: str) -> None:
    """Whatever was recased or mended between; and they change nothing else."""
    plain = await runtime.translation.translate(TranslationRequest([text, text], "en", source="pt"))
    unit = Unit(text, (InlineTag(TagKind.POINT, 0, 0),))
    linked = await runtime.translation.translate(
        TranslationRequest([text, text], "en", source="pt", tagged={1: unit})
    )
    assert [each.text for each in linked.texts] == [each.text for each in plain.texts]
    assert not any(segment.links for segment in (*plain.texts[0].segments, *linked.texts[0].segments))
    for segment in linked.texts[1].segments:
        source = text[segment.start : segment.end]
        for link in segment.links:
            assert source[slice(*link.source)].split() == segment.text[slice(*link.target)].split()
