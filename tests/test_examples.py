import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parent.parent / "examples" / "messages.jsonl"
FIELDS = ["id", "kind", "language", "text", "reference"]
KINDS = {"message", "statement", "intelligence", "inventory", "log"}
LANGUAGES = {"pt", "en", "mixed", "und"}

PLATE = re.compile(r"\b(?:[A-Z]{2}\d{2} [A-Z]{3}|\d{2}-[A-Z]{2}-\d{2})\b")
PHONE = re.compile(r"\+?\b\d(?: ?\d){8,}\b")
FICTIONAL_PHONE = re.compile(r"(?:07700 900\d{3}|\+44 7700 900\d{3}|(?:\+351 )?900 000 \d{3})")
URL = re.compile(r"https?://[^\s,;]+")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
KEPT = (PLATE, PHONE, URL, EMAIL)

DOMAIN = re.compile(r"(?:https?://(?:www\.)?|@|\bwww\.)([\w.-]*\w)")
SUM = re.compile(r"(?:£|€|R\$)\s?\d")
DATE = re.compile(
    r"\b\d{2}/\d{2}/\d{4}\b"
    r"|\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|\b\d{1,2} de (?:janeiro|fevereiro|março|abril|maio|junho|julho"
    r"|agosto|setembro|outubro|novembro|dezembro)\b",
)
CLOCK = re.compile(r"\b\d{1,2}[h:]\d{2}\b")
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")

Line = dict[str, Any]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").split("\n") if line]


def test_there_are_enough_lines_with_unique_ids_and_the_same_fields(lines: list[Line]) -> None:
    assert len(lines) >= 300
    assert len({line["id"] for line in lines}) == len(lines)
    assert all(list(line) == FIELDS for line in lines)
    assert {line["kind"] for line in lines} == KINDS
    assert {line["language"] for line in lines} == LANGUAGES


def test_texts_are_present_and_short_enough(lines: list[Line]) -> None:
    assert all(0 < len(line["text"].strip()) <= 1_500 for line in lines)


def test_references_follow_the_language(lines: list[Line]) -> None:
    for line in lines:
        match line["language"]:
            case "mixed":
                assert line["reference"] is None, line["id"]
            case "und":
                assert line["reference"] == line["text"], line["id"]
            case _:
                assert line["reference"].strip(), line["id"]
                assert len(line["text"]) < 20 or line["reference"] != line["text"], line["id"]


def test_both_directions_are_well_represented(lines: list[Line]) -> None:
    languages = Counter(line["language"] for line in lines)
    assert 0.5 < languages["pt"] / (languages["pt"] + languages["en"]) < 0.7
    assert languages["mixed"] >= 8
    assert languages["und"] >= 6


def test_the_promised_shapes_are_there(lines: list[Line]) -> None:
    texts = [line["text"] for line in lines]
    assert sum(_is_all_caps(text) for text in texts) >= 10
    assert sum(bool(EMOJI.search(text)) for text in texts) >= 10
    assert sum("\n" in text for text in texts) >= 10
    assert sum("\r\n" in text for text in texts) >= 3
    assert sum("\u00a0" in text for text in texts) >= 3


@pytest.mark.parametrize(
    "shape", [PLATE, PHONE, SUM, DATE, CLOCK], ids=["plate", "phone", "sum", "date", "clock"]
)
def test_the_promised_tokens_are_there(shape: re.Pattern[str], lines: list[Line]) -> None:
    assert sum(bool(shape.search(line["text"])) for line in lines) >= 10


def test_duplicates_agree_on_everything_but_the_id(lines: list[Line]) -> None:
    by_text = Counter(line["text"] for line in lines)
    whole = Counter(tuple(line[field] for field in FIELDS[1:]) for line in lines)
    assert sum(count - 1 for count in by_text.values()) >= 10
    assert len(whole) == len(by_text)


def test_references_keep_plates_phones_and_addresses(lines: list[Line]) -> None:
    for line in lines:
        if line["reference"] is not None:
            assert _kept_tokens(line["reference"]) == _kept_tokens(line["text"]), line["id"]


def test_references_keep_the_layout(lines: list[Line]) -> None:
    for line in lines:
        if line["reference"] is not None:
            assert _layout(line["reference"]) == _layout(line["text"]), line["id"]


def test_phones_and_domains_are_fictional(lines: list[Line]) -> None:
    for line in lines:
        for text in (line["text"], line["reference"] or ""):
            assert all(FICTIONAL_PHONE.fullmatch(phone) for phone in PHONE.findall(text)), line["id"]
            assert set(DOMAIN.findall(text)) <= {"example.org"}, line["id"]


def _is_all_caps(text: str) -> bool:
    return text.isupper() and sum(character.isalpha() for character in text) >= 10


def _kept_tokens(text: str) -> Counter[str]:
    return Counter(token for shape in KEPT for token in shape.findall(text))


def _layout(text: str) -> list[str]:
    """Line breaks with their indentation, non-breaking spaces and emoji, in order."""
    return re.findall("\r?\n[ \t]*|\u00a0|[\U0001f300-\U0001faff\u2600-\u27bf]", text)
