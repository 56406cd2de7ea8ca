"""Records in and out: nothing but what is added changes."""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bulk import record as records
from app.bulk.added import ADDED, Added
from app.bulk.form import Form, Format, form
from app.bulk.record import Record, windows
from app.errors import ConfigurationError

ONE = Added(("text",), flat=False)
FLAT = Added(("text",), flat=True)
LINES = st.lists(
    st.tuples(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n")), st.sampled_from(["\n", "\r\n"])
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(
    st.text(max_size=5).filter(lambda key: key not in ("text", "translation")), JSON, max_size=4
)
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)


def body(text: str | None) -> dict[str, Any]:
    return {**dict.fromkeys(ADDED), "text": text, "flags": ["a", "b"], "models": [], "fingerprints": []}


def split(data: bytes) -> Iterable[bytes]:
    return io.BytesIO(data)


def written(shape: Form, found: Iterable[Record]) -> bytes:
    return b"".join(shape.write(each, [body(text) for text in each.texts]) for each in found)


@given(LINES, st.text(st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_lines_written_as_they_were_read_are_the_file(lines: list[tuple[str, str]], last: str) -> None:
    shape = form(Format.TXT, ONE)
    content = "".join(text + ending for text, ending in lines) + last
    found = list(shape.records(split(content.encode())))
    assert written(shape, found) == content.encode()
    assert [record.line for record in found] == list(range(1, len(found) + 1))


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"") + b"\n"), max_size=10))
def test_any_bytes_are_texts_or_a_problem_and_never_lost(lines: list[bytes]) -> None:
    for chosen in (Format.TXT, Format.JSONL):
        for line, record in zip(lines, form(chosen, ONE).records(lines), strict=True):
            assert record.raw == line
            assert not record.texts or record.problem is None


@given(OBJECTS, st.text(st.characters(codec="utf-8")), st.sampled_from(["", "  "]))
def test_objects_gain_a_field_and_keep_their_bytes(others: dict[str, Any], text: str, space: str) -> None:
    raw = json.dumps({**others, "text": text}).encode() + space.encode()
    shape = form(Format.JSONL, ONE)
    (record,) = shape.records([raw + b"\n"])
    if record.problem is not None:  # numbers and half characters that JSON parsers disagree on
        assert not record.texts
        return
    made = shape.write(record, [body("x")])
    assert record.texts == (text,)
    assert made.startswith(raw.rstrip()[:-1])
    assert list(json.loads(made)) == [*json.loads(raw), "translation"]


@given(
    st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\r\n", "\n"]),
)
def test_rows_gain_cells_and_keep_the_others(rows: list[list[str]], delimiter: str, ending: str) -> None:
    made = io.StringIO(newline="")
    table = csv.writer(made, delimiter=delimiter, lineterminator=ending)
    table.writerows([["id", "text", "more"], *rows])
    content = made.getvalue().encode()
    shape = form(Format.CSV, FLAT, delimiter=delimiter)
    found = list(shape.records(split(content)))
    assert b"".join(each.raw for each in found) == content
    again = list(csv.reader(io.StringIO(written(shape, found).decode(), newline=""), delimiter=delimiter))
    assert [row[:3] for row in again] == [["id", "text", "more"], *rows]
    assert again[0][3:] == FLAT.names
    assert [row[3] for row in again[1:]] == [row[1] for row in rows]


def test_a_bad_row_costs_itself_and_no_other() -> None:
    lines = [b"id,text\n", b"1,um\n", b"2\n", b'3,"a\rb\xff"\n', b"4,quatro\n", b"\n", b'5,"cinco']
    found = list(form(Format.CSV, FLAT).records(lines))
    assert [each.texts for each in found if each.texts] == [("um",), ("quatro",), ("cinco",)]
    assert [each.line for each in found if each.problem] == [3, 4]
    assert b"".join(each.raw for each in found) == b"".join(lines)


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("id,body\n", "'text' 0 times"),
        ("text,text\n", "'text' 2 times"),
        ("text,translation\n", "'translation' already"),
    ],
)
def test_a_heading_that_does_not_fit_is_refused(heading: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        list(form(Format.CSV, FLAT).records([heading.encode()]))


def test_several_fields_have_answers_of_their_own() -> None:
    added = Added(("title", "body"), flat=False)
    shape = form(Format.JSONL, added)
    (record,) = shape.records([b'{"title": "a", "n": 1, "body": "b"}\n'])
    made = json.loads(shape.write(record, [body("A"), body("B")]))
    assert record.texts == ("a", "b")
    assert list(made) == ["title", "n", "body", "title_translation", "body_translation"]
    assert (made["title_translation"]["text"], made["body_translation"]["text"]) == ("A", "B")
    assert len(Added(("title", "body"), flat=True).names) == 2 * len(ADDED)


def test_a_byte_order_mark_belongs_to_the_file() -> None:
    contents = ((Format.TXT, "Olá"), (Format.JSONL, '{"text": "Olá"}'), (Format.CSV, "text\nOlá\n"))
    for chosen, content in contents:
        raw = b"\xef\xbb\xbf" + content.encode()
        shape = form(chosen, ONE)
        found = list(shape.records(split(raw)))
        assert found[-1].texts == ("Olá",)
        assert written(shape, found).startswith(b"\xef\xbb\xbf")
        assert written(shape, found).count(b"\xef\xbb\xbf") == 1


def test_a_record_translated_before_is_not_written_over() -> None:
    (record,) = form(Format.JSONL, ONE).records([b'{"text": "a", "translation": "b"}'])
    assert not record.texts
    assert record.problem is not None
    assert "already" in record.problem


@given(st.lists(st.integers(0, 120_000), max_size=300), st.integers(0, 5))
def test_windows_keep_every_record_within_the_bounds(sizes: list[int], after: int) -> None:
    found = [Record(n, b"", ("x" * size,)) for n, size in enumerate(sizes)]
    made = list(windows(found, after=after))
    assert [record for window in made for record in window.records] == found
    assert [window.number for window in made] == list(range(after + 1, after + 1 + len(made)))
    for window in made:
        assert 0 < len(window.records) <= records.WINDOW_RECORDS
        assert len(window.records) == 1 or window.characters <= records.WINDOW_CHARACTERS


@given(st.lists(st.lists(st.none() | st.text(max_size=2), max_size=3), max_size=3))
def test_other_texts_have_another_digest(texts: list[list[str | None]]) -> None:
    def digest(found: list[list[str | None]]) -> str:
        return records.Window(1, tuple(Record(1, b"", tuple(each)) for each in found)).digest

    assert digest(texts) == digest([list(each) for each in texts])
    assert digest(texts) != digest([*texts, []])
    assert digest(texts) != digest([*texts, [None]])
