"""Records in and out: nothing but the translation changes."""

import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.bulk import corpus
from app.bulk.corpus import Format, Record

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


def body(text: str | None) -> dict[str, Any]:
    return {**dict.fromkeys(corpus.ADDED), "text": text}


@given(LINES, st.text(st.characters(codec="utf-8", exclude_characters="\r\n")))
def test_lines_written_as_they_were_read_are_the_file(lines: list[tuple[str, str]], last: str) -> None:
    form = corpus.form(Format.TXT, "")
    content = "".join(text + ending for text, ending in lines) + last
    found = list(corpus.records(io.BytesIO(content.encode()), form))
    assert b"".join(form.write(record, body(record.text)) for record in found) == content.encode()
    assert [record.line for record in found] == list(range(1, len(found) + 1))


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\n", b"") + b"\n"), max_size=10))
def test_any_bytes_are_a_text_or_a_problem_and_never_lost(lines: list[bytes]) -> None:
    for chosen in Format:
        for line, record in zip(lines, corpus.records(lines, corpus.form(chosen, "text")), strict=True):
            assert record.raw + record.ending == line
            assert record.text is None or record.problem is None


@given(OBJECTS, st.text(st.characters(codec="utf-8")), st.sampled_from(["", "  "]))
def test_objects_gain_a_field_and_keep_their_bytes(others: dict[str, Any], text: str, space: str) -> None:
    raw = json.dumps({**others, "text": text}).encode() + space.encode()
    (record,) = corpus.records([raw + b"\n"], corpus.form(Format.JSONL, "text"))
    if record.problem is not None:  # numbers and half characters that JSON parsers disagree on
        assert record.text is None
        return
    written = corpus.form(Format.JSONL, "text").write(record, body("x"))
    assert record.text == text
    assert written.startswith(raw.rstrip()[:-1])
    assert list(json.loads(written)) == [*json.loads(raw), "translation"]


def test_a_byte_order_mark_belongs_to_the_file() -> None:
    for chosen, line in ((Format.TXT, "Olá"), (Format.JSONL, '{"text": "Olá"}')):
        raw = b"\xef\xbb\xbf" + line.encode()
        form = corpus.form(chosen, "text")
        (record,) = corpus.records([raw], form)
        assert record.text == "Olá"
        assert form.write(record, body("Hi")).startswith(b"\xef\xbb\xbf")


def test_a_record_translated_before_is_not_written_over() -> None:
    (record,) = corpus.records([b'{"text": "a", "translation": "b"}'], corpus.form(Format.JSONL, "text"))
    assert record.text is None
    assert record.problem is not None
    assert "already" in record.problem


@given(st.lists(st.integers(0, 120_000), max_size=300))
def test_windows_keep_every_record_within_the_bounds(sizes: list[int]) -> None:
    found = [Record(n, b"", b"\n", "x" * size) for n, size in enumerate(sizes)]
    windows = list(corpus.windows(found))
    assert [record for window in windows for record in window] == found
    for window in windows:
        assert 0 < len(window) <= corpus.WINDOW_RECORDS
        characters = sum(len(record.text or "") for record in window)
        assert len(window) == 1 or characters <= corpus.WINDOW_CHARACTERS
