"""DeepL's clients, unchanged, against this service."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import deepl
import pytest
from deep_translator import DeeplTranslator
from deep_translator.exceptions import AuthorizationException

from app.settings import Settings
from app.tenants.directory import Directory
from app.tenants.tenant import Budget
from tests.app.conftest import Start
from tests.app.serving import PATIENCE, Gate, Service, serving

TEXT = "Bom dia a todos, meus amigos."


@dataclass(frozen=True, slots=True)
class Guarded:
    service: Service
    directory: Directory
    secret: str

    @property
    def url(self) -> str:
        return str(self.service.client.base_url)

    def client(self, key: str | None = None) -> deepl.Translator:
        return deepl.Translator(key or self.secret, server_url=self.url, send_platform_info=False)

    def segments(self) -> int:
        headers = {"X-API-Key": self.secret}
        found: int = self.service.client.get("/v1/usage", headers=headers).json()["totals"]["segments"]
        return found

    def totals(self) -> tuple[int, int]:
        headers = {"X-API-Key": self.secret}
        found: dict[str, Any] = self.service.client.get("/v1/usage", headers=headers).json()["totals"]
        return found["requests"], found["billed_characters"]


def let_in(service: Service) -> Guarded:
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    return Guarded(service, directory, directory.create_key("north").secret)


@pytest.fixture
def guarded(tmp_path: Path, identity_models: Path) -> Iterator[Guarded]:
    settings = Settings(
        data_dir=tmp_path / "data", model_dir=identity_models, preload=False, cache="off", auth="required"
    )
    with serving(settings) as service:
        yield let_in(service)


def test_a_text_and_a_list(guarded: Guarded) -> None:
    client = guarded.client()
    one = client.translate_text(TEXT, target_lang="EN-GB")
    assert isinstance(one, deepl.TextResult)
    assert (one.text, one.detected_source_lang, one.billed_characters) == (TEXT, "PT", len(TEXT))
    several = client.translate_text(
        ["Bom dia", "Boa noite & até logo"], source_lang="PT", target_lang="EN-US"
    )
    assert isinstance(several, list)
    assert [each.text for each in several] == ["Bom dia", "Boa noite & até logo"]
    assert guarded.totals() == (2, len(TEXT) + len("Bom diaBoa noite & até logo"))


def test_it_translates(start: Start) -> None:
    guarded = let_in(start(model_dir=None, preload=True))
    one = guarded.client().translate_text("Good morning to all of you.", target_lang="PT-BR")
    assert isinstance(one, deepl.TextResult)
    assert one.text.startswith("Bom dia")
    assert one.detected_source_lang == "EN"


def test_usage_and_languages(guarded: Guarded) -> None:
    client = guarded.client()
    client.translate_text(TEXT, target_lang="EN-GB")
    used = client.get_usage()
    assert (used.character.count, used.character.limit) == (len(TEXT), 1_000_000_000_000)
    assert [each.code for each in client.get_source_languages()] == ["EN", "PT"]
    targets = client.get_target_languages()
    assert [each.code for each in targets] == ["EN-GB", "EN-US", "PT-BR", "PT-PT"]
    assert not any(each.supports_formality for each in targets)
    pairs = {(each.source_lang, each.target_lang) for each in client.get_glossary_languages()}
    assert pairs == {("en", "pt"), ("pt", "en")}


@pytest.mark.parametrize("key", ["dgm_wrong", "anything:fx"])
def test_a_wrong_key(guarded: Guarded, key: str) -> None:
    for ask in (
        lambda client: client.translate_text(TEXT, target_lang="EN-GB"),
        lambda client: client.get_usage(),
        lambda client: client.get_source_languages(),
    ):
        call: Callable[[deepl.Translator], object] = ask
        with pytest.raises(deepl.AuthorizationException):
            call(guarded.client(key))


def test_the_quota(guarded: Guarded) -> None:
    guarded.directory.change_tenant("north", budget=Budget(characters=len(TEXT)))
    client = guarded.client()
    client.translate_text(TEXT, target_lang="EN-GB")
    with pytest.raises(deepl.QuotaExceededException, match="Quota Exceeded"):
        client.translate_text("Mais um.", target_lang="EN-GB")
    assert client.get_usage().character.limit_reached
    # Sent again, what was charged before is neither refused nor charged.
    client.translate_text(TEXT, target_lang="EN-GB")
    assert guarded.totals() == (1, len(TEXT))


def test_blind_retries_are_billed_once(gated: Start, gate: Gate) -> None:
    """The client sends the same again, without a key, while the first is still being worked on."""
    guarded = let_in(gated(replay_window=300))

    def ask() -> str:
        found = guarded.client().translate_text(TEXT, source_lang="PT", target_lang="EN-GB")
        assert isinstance(found, deepl.TextResult)
        return found.text

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask) for _ in range(3)]
        assert gate.entered.wait(PATIENCE)
        gate.opened.set()
        assert {each.result(PATIENCE) for each in asked} == {TEXT}
    assert ask() == TEXT
    assert guarded.totals() == (1, len(TEXT))


def test_its_errors(guarded: Guarded) -> None:
    client = guarded.client()
    for asked, said in (
        ({"target_lang": "DE"}, "target_lang.*not supported"),
        ({"target_lang": "XX"}, "target_lang.*not supported"),
        ({"target_lang": "EN-GB", "source_lang": "XX"}, "source_lang.*not supported"),
        ({"target_lang": "EN-GB", "formality": "more"}, "formality.*not supported"),
        ({"target_lang": "EN-GB", "formality": "polite"}, "formality"),
        ({"target_lang": "EN-GB", "split_sentences": "2"}, "split_sentences"),
        ({"target_lang": "EN-GB", "tag_handling": "rtf"}, "tag_handling"),
        ({"target_lang": "EN-GB", "model_type": "quality_optimized"}, "model_type"),
    ):
        options: dict[str, Any] = asked
        with pytest.raises(deepl.DeepLException, match=said):
            client.translate_text(TEXT, **options)
    with pytest.raises(deepl.DeepLException, match="Glossary not found"):
        client.translate_text(TEXT, source_lang="PT", target_lang="EN-GB", glossary="00000000-0000-0000")
    assert guarded.totals() == (0, 0)


def test_its_options(guarded: Guarded) -> None:
    found = guarded.client().translate_text(
        TEXT,
        target_lang="EN-GB",
        context="Um cumprimento.",
        split_sentences="nonewlines",
        preserve_formatting=True,
        formality="prefer_more",
        model_type="prefer_quality_optimized",
    )
    assert isinstance(found, deepl.TextResult)
    assert (found.text, found.model_type_used) == (TEXT, "latency_optimized")
    assert found.billed_characters == len(TEXT)


def test_markup(guarded: Guarded) -> None:
    client = guarded.client()
    html = '<p class="a">Bom dia, <b>amigos</b>.</p>'
    xml = 'Bom dia, <x id="1"/> e <k n="2">São João</k>.\n  Até  logo &amp; adeus.'
    for kind, text in (("html", html), ("xml", xml)):
        found = client.translate_text(
            text, source_lang="PT", target_lang="EN-GB", tag_handling=kind, ignore_tags=["k"]
        )
        assert isinstance(found, deepl.TextResult)
        assert found.text == text
        assert 0 < found.billed_characters < len(text)
    with pytest.raises(deepl.DeepLException, match="Tag handling parsing failed"):
        client.translate_text("Bom <b>dia", target_lang="EN-GB", tag_handling="xml")


def test_ignored_tags_stand_as_they_are(start: Start) -> None:
    guarded = let_in(start(model_dir=None, preload=True))
    text = "Bom dia, <x>amigo meu</x>, e até logo."
    for kind in ("xml", "html"):
        found = guarded.client().translate_text(
            text, source_lang="PT", target_lang="EN-GB", tag_handling=kind, ignore_tags="x"
        )
        assert isinstance(found, deepl.TextResult)
        assert found.text.count("<x>amigo meu</x>") == 1
        assert found.text.startswith("Good morning")


def test_tags_split_where_they_are_told_to(guarded: Guarded) -> None:
    """By the segments that are charged: the identity backend answers either way alike."""
    text = "<r><p>Bom dia</p> <p>até <i>logo</i> amigos</p></r>"
    segments = []
    for more in ({}, {"splitting_tags": ["i"]}, {"non_splitting_tags": ["p"]}, {"outline_detection": False}):
        before = guarded.segments()
        found = guarded.client().translate_text(
            text, source_lang="PT", target_lang="EN-GB", tag_handling="xml", **more
        )
        assert isinstance(found, deepl.TextResult)
        assert found.text == text
        segments.append(guarded.segments() - before)
    assert segments == [2, 4, 1, 1]


@pytest.mark.parametrize(
    ("more", "segments"),
    [
        ({}, 3),
        ({"split_sentences": "1"}, 3),
        ({"split_sentences": "nonewlines"}, 2),
        ({"split_sentences": "0"}, 1),
    ],
)
@pytest.mark.parametrize("kind", [None, "xml"])
def test_sentences_end_where_they_are_told_to(
    guarded: Guarded, more: dict[str, Any], segments: int, kind: str | None
) -> None:
    text = "A carrinha saiu da\nestação às 14:35. Chegou tarde."
    before = guarded.segments()
    found = guarded.client().translate_text(
        text, source_lang="PT", target_lang="EN-GB", tag_handling=kind, **more
    )
    assert isinstance(found, deepl.TextResult)
    assert (found.text, guarded.segments() - before) == (text, segments)


def test_lines_of_html_are_never_joined(guarded: Guarded) -> None:
    text = "<p>Bom dia. Olá a todos.<br>Até logo.</p>"
    segments = []
    for split in ("0", "nonewlines", "1"):
        before = guarded.segments()
        found = guarded.client().translate_text(
            text, source_lang="PT", target_lang="EN-GB", tag_handling="html", split_sentences=split
        )
        assert isinstance(found, deepl.TextResult)
        assert found.text == text
        segments.append(guarded.segments() - before)
    assert segments == [2, 3, 3]


def test_a_broken_line_is_read_as_one(start: Start) -> None:
    guarded = let_in(start(model_dir=None, preload=True))
    found = guarded.client().translate_text(
        "The car left the\nstation at noon.",
        source_lang="EN",
        target_lang="PT-PT",
        split_sentences="nonewlines",
    )
    assert isinstance(found, deepl.TextResult)
    assert found.text == "O carro deixou a estação ao meio-dia."


def test_formatting_is_preserved_where_it_is_asked_for(start: Start) -> None:
    guarded = let_in(start(model_dir=None, preload=True))
    told = []
    for preserved in (False, True):
        found = guarded.client().translate_text(
            "good morning to all of you",
            source_lang="EN",
            target_lang="PT-PT",
            preserve_formatting=preserved,
        )
        assert isinstance(found, deepl.TextResult)
        told.append(found.text)
    assert [text[:7] for text in told] == ["Bom dia", "bom dia"]
    assert told[0][1:] == told[1][1:]


def test_deep_translator(guarded: Guarded) -> None:
    """It has no argument for the address."""

    def client(key: str) -> DeeplTranslator:
        made = DeeplTranslator(source="pt", target="en", api_key=key)
        made._base_url = f"{guarded.url}/v2/"
        return made

    assert client(guarded.secret).translate_batch(["Bom dia", "Boa noite"]) == ["Bom dia", "Boa noite"]
    assert guarded.totals() == (2, len("Bom diaBoa noite"))
    with pytest.raises(AuthorizationException):
        client("x").translate("Bom dia")


@pytest.mark.parametrize(("repair", "flag"), [("off", "sentence_lost"), ("on", "repaired")])
def test_a_sentence_that_the_model_leaves_out_of_several_is_got_by_itself(
    start: Start, repair: str, flag: str
) -> None:
    text = (
        "The suspect told the officers that he had bought the van from a farmer near the river and had driven it "
        "to the coast without knowing what was hidden under the seats. <b>Nobody</b> was hurt."
    )
    plain = text.replace("<b>", "").replace("</b>", "")
    client = start(model_dir=None, preload=True, repair=repair).client
    for sent, more, said in (
        (plain, {}, "Ninguém se machucou."),
        (text, {"tag_handling": "html"}, "<b>Ninguém</b> se machucou."),
    ):
        body = {"text": [sent], "source_lang": "EN", "target_lang": "PT-PT", "split_sentences": "0", **more}
        (found,) = client.post("/v2/translate", json=body).json()["translations"]
        assert flag in found["dragoman"]["flags"]
        assert found["text"].endswith(said) == (repair == "on"), found["text"]
