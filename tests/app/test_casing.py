# ruff: noqa: RUF001 - Greek and Cyrillic letters are what is tested
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import flags
from app.assembly import assemble
from app.casing import capitals, sentence_case
from app.plan import Fate, PlannedSegment, PlannedText
from app.reading import read
from batching.work import Outcome
from tests.app.serving import Service
from tests.conftest import Flores

PIECES = [
    *(
        "HELP ",
        "NÃO ",
        "É ",
        "I ",
        "I'M ",
        "AJUDEM-ME ",
        "N.º ",
        "iPHONE ",
        "NHS ",
        "XIV ",
        "ΟΔΟΣ ",
        "ПОМОГИТЕ ",
    ),
    *(
        "AB12 CDE ",
        "joao@example.com ",
        "{nome} ",
        "https://x.org/A ",
        "5KG ",
        "03h50 ",
        "12 ",
        "K ",
        "ẞ",
        "ǅ",
    ),
    *(". ", "! ", ": ", "– ", "\n", "中", "x", "É", "İ"),
]
TEXT = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=60))


@pytest.mark.parametrize(
    ("text", "language", "engine"),
    [
        ("PLEASE HELP ME I AM LOCKED IN THE ROOM", "en", "Please help me I am locked in the room"),
        ("I'M HERE. DON'T GO!", "en", "I'm here. Don't go!"),
        ("ELE VAI MATAR-ME", "pt", "Ele vai matar-me"),
        ("E EU VI O CARRO", "pt", "E eu vi o carro"),
        ("ONDE ESTÁ? QUERO TUDO", "pt", "Onde está? Quero tudo"),
        ("STOP", "en", "Stop"),
        ("THE NHS AND THE UK", "en", "The NHS and the UK"),
        ("NO SÉCULO XIX", "pt", "No século XIX"),
        ("ITEM 31 – PESO 5KG ÀS 03H50", "pt", "Item 31 – peso 5KG às 03H50"),
        ("PAY US$ 40 OR R$ 50 IN EUR", "en", "Pay US$ 40 or R$ 50 in EUR"),
        ("CAR AB12 CDE LEFT", "en", "Car AB12 CDE left"),
        (
            "WRITE TO joao@example.com OR https://x.org/Ab NOW",
            "en",
            "Write to joao@example.com or https://x.org/Ab now",
        ),
        ("HELLO {NAME} AND <B>YOU</B>", "en", "Hello {NAME} and <B>you</B>"),
        ("ΒΡΕΣ ΤΟΝ ΔΡΟΜΟΣ", "el", "Βρες τον δρομος"),
        ("ПОМОГИТЕ МНЕ", "ru", "Помогите мне"),
        ("ISPARTA İLE IRAK", "tr", "Isparta ile ırak"),
        ("HILFE, DIE STRASSE", "de", "Hilfe, die strasse"),
    ],
)
def test_capitals_become_a_sentence(text: str, language: str, engine: str) -> None:
    assert sentence_case(text, language) == engine


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "   ",
            "12",
            "ele disse NÃO",
            "I said NO WAY to HIM",
            "Go",
            "GO",
            "NHS",
            "NHS GMP BBC",
            "UK/USA",
        ),
        *("AB12 CDE", "KX65 TRV", "45-AB-12", "REF-2024/113", "SW1A 1AA", "JOAO@EXAMPLE.COM", "#HASHTAG"),
        *("这是 NHS ABC", "助けて", "مرحبا UK USA", "LOUD quiet WORDS", "lower case", "MacDONALD"),
    ],
)
def test_what_is_not_written_in_capitals_is_left_alone(text: str) -> None:
    assert sentence_case(text, "en") is None


@pytest.mark.parametrize(
    ("text", "source", "language", "upper"),
    [
        ("Não vá para a casa.", "DO NOT GO INTO THE HOUSE.", "pt", "NÃO VÁ PARA A CASA."),
        ("Write to joao@example.com", "ESCREVA A joao@example.com", "en", "WRITE TO joao@example.com"),
        ("See https://x.org/Ab now", "VEJA https://x.org/Ab JÁ", "en", "SEE https://x.org/Ab NOW"),
        ("at 03h50, {nome}", "ÀS 03h50, {nome}", "en", "AT 03h50, {nome}"),
        ("at 3am", "ÀS 03H50", "en", "AT 3AM"),
        ("die Straße", "THE STREET", "de", "DIE STRASSE"),
        ("ο δρόμος μας, μαΐου", "OUR ROAD, MAY", "el", "Ο ΔΡΟΜΟΣ ΜΑΣ, ΜΑΪΟΥ"),
        ("istanbul ışık", "ISTANBUL LIGHT", "tr", "İSTANBUL IŞIK"),
    ],
)
def test_the_translation_is_put_back_into_capitals(text: str, source: str, language: str, upper: str) -> None:
    assert capitals(text, source=source, language=language) == upper


@given(TEXT, st.sampled_from(["en", "pt", "tr", "de"]))
def test_an_engine_that_changes_nothing_gives_the_text_as_written(text: str, language: str) -> None:
    engine = sentence_case(text, language)
    if engine is not None:
        assert capitals(engine, source=text, language=language) == text


def test_a_recased_segment_says_so() -> None:
    text = "RECEBI £40 DE joao@example.com."
    part = PlannedSegment(0, len(text), Fate.TRANSLATE, "pt", None, reading=read(text, "pt", ())[0])
    plan = PlannedText(text, (part,), detected=False)
    result = assemble(plan, {0: Outcome("I received £40 from joao@example.com.")}, target="en")
    assert result.text == "I RECEIVED £40 FROM joao@example.com."
    assert result.flags == (flags.RECASED,)


@pytest.mark.parametrize("unit", ["A", "AB ", "A-", "A1 ", "A@B.C ", "A. ", "<A> ", "{A} ", "/A", "É", "A$"])
def test_a_long_text_costs_no_square(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + "$"
    began = time.process_time()
    capitals(sentence_case(text, "en") or text, source=text, language="pt")
    assert time.process_time() - began < 10  # at most 1 s here; the square would be hours


@pytest.mark.shared
@pytest.mark.parametrize("language", ["eng", "por", "ell", "rus", "deu", "tur", "jpn"])
def test_real_sentences(flores: Flores, language: str) -> None:
    lines = flores(language)
    assert [line for line in lines if sentence_case(line, "en") is not None] == []
    if language != "jpn":
        assert all(sentence_case(line.upper(), "en") for line in lines[:100])


def test_the_starter_models_understand_capitals(service: Service) -> None:
    answer = service.translate("DO NOT GO INTO THE HOUSE. Call me.", "pt", source="en", detail=True)
    first, second = answer["translations"][0]["segments"]
    assert first["text"].isupper()
    assert "CASA" in first["text"]
    assert first["flags"] == ["recased"]
    assert second["flags"] == []
