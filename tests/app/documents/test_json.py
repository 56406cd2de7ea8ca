import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import registry
from app.documents.format import Options, Translated
from app.documents.json import JSON, JSONL
from app.documents.limits import Limits
from app.errors import DamagedDocument
from tests.app.documents.backends import assert_untouched, linear, read, same, shouted, texts, through

TEXT = st.text(st.sampled_from('ab é"\\\n\t/~*中\x00'), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
STYLES: list[dict[str, Any]] = [
    {},
    {"indent": 2},
    {"indent": "\t", "ensure_ascii": False},
    {"separators": (",", ":")},
    {"separators": (" ,  ", "\n: ")},
]


@given(VALUES, st.sampled_from(STYLES))
def test_any_document_comes_back_and_only_strings_change(value: Any, style: dict[str, Any]) -> None:
    source = json.dumps(value, **style)
    assert_untouched(JSON, source.encode())
    assert json.loads(through(JSON, source).data) == _shouted(value)


def _shouted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shouted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shouted(inner) for inner in value]
    if isinstance(value, str) and value in texts(JSON, json.dumps(value)):
        return value.upper()
    return value


@given(st.text(st.sampled_from('{}[]",:\\ \n1atruefalsnu.e-+')))
def test_what_the_standard_library_reads_is_read_and_nothing_else(source: str) -> None:
    try:
        json.loads(source)
    except ValueError:
        with pytest.raises(DamagedDocument):
            read(JSON, source)
    else:
        assert_untouched(JSON, source.encode())


def test_values_with_words_are_translated_and_codes_are_not() -> None:
    source = (
        '{"a": ["Olá \\"mundo\\"", 1, "x1", "2024-01-01"], "b" : '
        '{"url":"http://a.b/c", "d":"dois\\ntrês", "e":"id_a"}}'
    )
    assert texts(JSON, source) == ['Olá "mundo"', "dois\ntrês"]
    assert shouted(JSON, source) == source.replace("Olá", "OLÁ").replace("mundo", "MUNDO").replace(
        "dois\\ntrês", "DOIS\\nTRÊS"
    )


def test_pointers_choose() -> None:
    source = '{"items": [{"id": "um", "name": "dois"}, {"id": "três", "name": "quatro"}], "a/b": "cinco", "x": "seis"}'
    chosen = Options(pointers=("/items/*/name", "/a~1b"))
    document = read(JSON, source, chosen)
    assert [(unit.text, unit.location) for unit in document.units] == [
        ("dois", "/items/0/name"),
        ("quatro", "/items/1/name"),
        ("cinco", "/a~1b"),
    ]


def test_escapes_are_written_as_the_source_writes_them() -> None:
    for source, written in (('["ol\\u00e1"]', b'["\\u043d\\"\\n"]'), ('["olá"]', '["н\\"\\n"]'.encode())):
        assert JSON.compose(read(JSON, source), [Translated('н"\n')]).data == written


def test_lines_are_documents_of_their_own() -> None:
    source = '{"a": "um"}\n\n{"a": "dois", "b": 1}\r\n'
    document = read(JSONL, source)
    assert [unit.location for unit in document.units] == ["line 1, /a", "line 2, /a"] or [
        unit.location for unit in document.units
    ] == ["line 1, /a", "line 3, /a"]
    assert shouted(JSONL, source) == source.replace("um", "UM").replace("dois", "DOIS")
    assert registry.find(source.encode()).name == "jsonl"
    assert registry.find(b'{"a": "um",\n "b": 1}').name == "json"
    assert registry.find(b"[note] this is no JSON").name == "txt"


def test_halves_of_pairs_are_left_as_they_are() -> None:
    document = read(JSON, '["um \\ud800", "dois"]')
    assert [unit.text for unit in document.units] == ["dois"]
    assert [note.code for note in document.notes] == ["undecodable"]


@pytest.mark.parametrize("source", ["[" * 100_000, '{"a":' * 100_000, "[" * 300 + "]" * 300])
def test_brackets_cannot_exhaust_a_stack(source: str) -> None:
    with pytest.raises(DamagedDocument, match="nested"):
        read(JSON, source)
    assert read(JSON, "[" * 300 + "]" * 300, Options(limits=Limits(max_depth=300))).units == ()


@pytest.mark.parametrize(
    "source", ['{"a": "um"', '["um', '["um"] x', "{'a': 1}", '["a\nb"]', "[1,]", "", "[01]"]
)
def test_what_is_not_json_is_damaged(source: str) -> None:
    with pytest.raises(DamagedDocument, match="line"):
        read(JSON, source)


@pytest.mark.parametrize("unit", ['"bom dia",', '"\\n",', "[],", "   ", '{"a":[]},'])
def test_big_documents_take_linear_time(unit: str) -> None:
    source = ("[" + unit * (300_000 // len(unit)) + "1]").encode()
    with linear():
        assert through(JSON, source, same).data == source


@pytest.mark.parametrize("unit", ["a", "\\n", "a\\n", "\\", "é "])
def test_a_string_that_never_ends_takes_linear_time(unit: str) -> None:
    with linear(), pytest.raises(DamagedDocument):
        read(JSON, '["' + unit * (300_000 // len(unit)))
