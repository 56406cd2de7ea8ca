import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import registry
from app.documents.format import Options, Translated
from app.documents.table import CSV, TSV, Table
from app.errors import InvalidRequest
from tests.app.documents.backends import assert_untouched, linear, read, same, shouted, texts, through

SOURCE = 'id;name;notes;sum\r\n1;"João ""Zé""";"boa; pessoa";3,50\r\n2;Ana;tudo bem;4\r\n3;x@y.pt;AB-123;=SUM(D2)\r\n'
PIECES = ['"', '""', ",", ";", "\t", "|", "\n", "\r\n", "\r", " ", "a", "Olá ", "1", "=", "\x00", "'"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.sampled_from([CSV, TSV]))
def test_any_text_comes_back(source: str, form: Table) -> None:
    assert_untouched(form, source.encode())


@given(
    st.lists(
        st.lists(st.text(st.sampled_from('ab ",;\n\r')), min_size=2, max_size=4), min_size=1, max_size=6
    ),
    st.sampled_from(",;|"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_a_program_reads_what_was_written(rows: list[list[str]], delimiter: str, quoting: int) -> None:
    """Every cell that differs is a translation, and none moves to another place."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    document = read(CSV, out.getvalue())
    nasty = [Translated(f'x{delimiter}"y"\n{unit.text}') for unit in document.units]
    composed = CSV.compose(document, nasty).data.decode()
    if not _delimited(out.getvalue(), delimiter):
        return
    again = list(csv.reader(io.StringIO(composed, newline=""), delimiter=delimiter))
    assert [len(row) for row in again] == [
        len(row) for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter)
    ]


def _delimited(text: str, delimiter: str) -> bool:
    """Whether it is clear which character separates."""
    return all(text.count(other) == 0 for other in ",;|" if other != delimiter)


def test_words_are_translated_and_the_rest_stays() -> None:
    assert texts(CSV, SOURCE) == ['João "Zé"', "Ana", "boa; pessoa", "tudo bem"] or texts(CSV, SOURCE) == [
        'João "Zé"',
        "boa; pessoa",
        "Ana",
        "tudo bem",
    ]
    assert shouted(CSV, SOURCE) == SOURCE.replace("João", "JOÃO").replace("Zé", "ZÉ").replace("Ana", "ANA").replace(
        "boa; pessoa", "BOA; PESSOA").replace("tudo bem", "TUDO BEM")  # fmt: skip


def test_columns_are_chosen_by_name_or_number() -> None:
    for columns in (("notes",), ("3",)):
        assert texts(CSV, SOURCE, Options(columns=columns)) == ["boa; pessoa", "tudo bem"]
    with pytest.raises(InvalidRequest, match="columns"):
        read(CSV, SOURCE, Options(columns=("other",)))


def test_headings_for_people_are_translated_and_names_for_programs_are_not() -> None:
    assert texts(CSV, "nome,data de saída\nAna,amanhã\n")[:2] == ["nome", "data de saída"]
    document = read(CSV, "nome,saida\nbom dia,amanhã\n")
    assert [unit.text for unit in document.units] == ["bom dia", "amanhã"]
    assert [note.code for note in document.notes] == ["header_kept"]


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_that_came_from_translation_is_neutralised(evil: str) -> None:
    document = read(CSV, "a b,c d\nbom dia,1\n")
    composed = CSV.compose(document, [Translated(evil)] * len(document.units))
    cells = [cell for row in csv.reader(io.StringIO(composed.data.decode(), newline="")) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert {note.code for note in composed.notes} == {"formula_neutralised"}
    assert evil not in composed.notes[0].message


def test_a_sign_of_the_source_is_no_formula_of_ours() -> None:
    document = read(CSV, "a b,c d\n- bom dia,1\n")
    translated = [Translated(f"- {unit.text}") if unit.text[0] == "-" else None for unit in document.units]
    assert CSV.compose(document, translated).data == b"a b,c d\n- - bom dia,1\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("a,b\n1,2\n3,4\n", "csv"),
        ("a;b\n1;2\n3;4\n", "csv"),
        ("a\tb\n1\t2\n3\t4\n", "tsv"),
        ("Dear Ana, how are you?\nI am well, thanks.\n", "txt"),
        ("One line, with a comma.\n", "txt"),
    ],
)
def test_tables_are_found_by_their_content(data: str, name: str) -> None:
    assert registry.find(data.encode()).name == name


@pytest.mark.parametrize("unit", ['"', '""', ",", '",', '"a', "\n", "a,b\n", '"a""'])
def test_hostile_tables_take_linear_time(unit: str) -> None:
    source = (unit * (300_000 // len(unit))).encode()
    with linear():
        assert through(CSV, source, same).data == source
