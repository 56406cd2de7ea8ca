"""Chat is written out, says so, and prose is left alone."""

import csv
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat import unread, written_out
from app.reading import read
from app.verbatim import verbatim
from tests.app.serving import Service
from tests.conftest import Flores

LINES = [
    *csv.DictReader(
        (Path(__file__).parents[3] / "examples" / "chat.tsv").read_text(encoding="utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
]
PIECES = [
    "vc ",
    "VC ",
    "n ",
    "kkkk ",
    "4 u ",
    "oiii ",
    "@vc ",
    "pq",
    " ",
    "x@vc.pt ",
    "Tá ",
    ". ",
    "é ",
    "lol",
    "ß",
    "u, ",
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Vc ta onde?", "pt", "Você está onde?"),
        ("n sei oq fazer", "pt", "não sei o que fazer"),
        ("pq vc n veio?", "pt", "por que você não veio?"),
        ("oiii td bem?", "pt", "oi tudo bem?"),
        ("y didnt u come?", "en", "why didn't you come?"),
        ("thx 4 ur help", "en", "thanks for your help"),
    ],
)
def test_what_a_model_reads(text: str, language: str, said: str) -> None:
    found = written_out(text, language)
    assert found is not None
    assert (found.text, found.lead, found.tail) == (said, "", "")
    assert not unread(found.text, language, chat=True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("O fator n é maior do que q.", "pt"),
        ("The letters are a, e, i, o and u.", "en"),
        ("I have 4 dogs and 2 cats.", "en"),
        ("A VC é uma empresa de TB.", "pt"),
        ("Escreve para @vc ou vc@example.org.", "pt"),
        ("Pesa 5 kg e mede 30 cm.", "pt"),
        ("Chapter xviii, section iii.", "en"),
        ("Vc ta onde?", "de"),
        ("q", "pt"),
        ("A casa fica a 200 mt daqui.", "pt"),
        ("She is an rn at the hospital.", "en"),
    ],
)
def test_what_is_left_alone(text: str, language: str) -> None:
    assert read(text, language, verbatim(text)) == (None, False)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("pdc mt bj flws", "pt"),
        ("u need 2 pay 2day", "en"),
        ("kkkkk", "pt"),
        ("lol", "en"),
        ("brg blx hoje", "pt"),
    ],
)
def test_chat_that_is_in_no_table_is_a_doubt(text: str, language: str) -> None:
    assert read(text, language, ())[1]


def test_laughter_stands_where_it_stood() -> None:
    reading, noisy = read("kkkk vc é louco rsrs!", "pt", ())
    assert reading is not None
    assert (reading.text, noisy) == ("você é louco", False)
    assert reading.as_written("you're crazy", source="kkkk vc é louco rsrs!", language="en") == (
        "kkkk you're crazy rsrs!"
    )


def test_capitals_are_read_and_come_back() -> None:
    source = "VC TA ONDE? VI CASOS DE TB EM MT"
    reading, _ = read(source, "pt", ())
    assert reading is not None
    assert reading.recased
    assert reading.text == "Você está onde? Vi casos de TB em MT"
    assert reading.as_written("Are you where?", source=source, language="en") == "ARE YOU WHERE?"


@given(TEXT, st.sampled_from(["pt", "en"]))
def test_what_is_kept_is_moved_and_not_changed(text: str, language: str) -> None:
    kept = verbatim(text)
    found = written_out(text, language, kept)
    if found is None:
        return
    assert found.text.strip()
    for start, end in kept:
        low, high = found.moved((start, end))
        assert found.text[low:high] == text[start:end]


@pytest.mark.parametrize("unit", ["vc ", "@vc vc ", "k", "ha", ".", "kkkk ", "a.", "lol, ", "4 "])
def test_a_long_text_costs_no_square(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + "x"
    began = time.process_time()
    read(text, "pt", verbatim(text))
    read(text, "en", verbatim(text))
    assert time.process_time() - began < 20  # at most 2 s here; the square would be hours


@pytest.mark.shared
@pytest.mark.parametrize(("code", "language"), [("eng", "en"), ("por", "pt")])
def test_prose_is_left_alone(flores: Flores, code: str, language: str) -> None:
    told = [
        line for line in flores(code) if written_out(line, language) or unread(line, language, chat=False)
    ]
    assert told == []


def test_it_says_so_keeps_the_source_and_bills_what_was_sent(service: Service) -> None:
    lines = [each for each in LINES if each["language"] == "pt"][:6]
    body = service.translate([each["text"] for each in lines], source="pt", detail=True)
    for line, text in zip(lines, body["translations"], strict=True):
        (segment,) = text["segments"]
        assert {"expanded"} <= set(text["flags"]) or line["text"].startswith("to ")
        assert segment["read_as"] != line["text"]
        assert (segment["start"], segment["end"]) == (0, len(line["text"]))
        assert "vc" not in text["text"].lower()
    assert body["usage"]["characters"] == sum(len(each["text"]) for each in lines)
    assert body["translations"][3]["text"] == "Why didn't you come?"
    plain = service.translate("Bom dia.", source="pt", detail=True)["translations"][0]
    assert plain["segments"][0]["read_as"] is None


def test_terms_and_protected_text_stand_in_chat(service: Service) -> None:
    asked: dict[str, Any] = {
        "glossary": {"carrinha": "minibus"},
        "protect": {"names": ["blz"]},
        "source": "pt",
        "detail": True,
    }
    (text,) = service.translate("vc viu a carrinha do blz? fala cmg em a@b.pt", **asked)["translations"]
    assert "glossary_missed" not in text["flags"]
    for wanted in ("minibus", "blz", "a@b.pt"):
        assert wanted in text["text"]
    assert "expanded" in text["flags"]
