import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.format import Translated
from app.documents.txt import PlainText, wrap
from tests.app.documents.backends import assert_untouched, linear, read, same, shouted, texts, through

TXT = PlainText()
WRAPPED = (
    "The van was parked behind the market when we came, and nobody\n"
    "was inside it. We waited for about an hour before the driver\n"
    "came back with two bags.\n"
)


@given(st.binary(max_size=300))
def test_any_bytes_come_back(data: bytes) -> None:
    assert_untouched(TXT, data)


@given(
    st.text(st.sampled_from("aé \t\r\n\x0b\x85\u2028.中\ud800"), max_size=60),
    st.sampled_from(["utf-8", "utf-16"]),
)
def test_any_text_comes_back(text: str, encoding: str) -> None:
    assert_untouched(TXT, text.encode(encoding, "surrogatepass"))


def test_each_line_is_a_unit_and_its_ends_are_kept() -> None:
    assert shouted(TXT, "Bom dia.\r\n\r\n  - sim\tnão\r\nfim") == "BOM DIA.\r\n\r\n  - SIM\tNÃO\r\nFIM"
    assert [unit.location for unit in read(TXT, "Um\r\n\r\ndois\n3\ntrês\r\n").units] == [
        "line 1",
        "line 3",
        "line 5",
    ]


def test_a_wrapped_paragraph_is_one_unit_and_is_wrapped_again() -> None:
    source = f"{WRAPPED}\nSecond one.\n"
    document = read(TXT, source)
    assert [unit.text for unit in document.units] == [" ".join(WRAPPED.split()), "Second one."]
    longer = Translated(" ".join(["palavra"] * 20))
    composed = TXT.compose(document, [longer, None]).data.decode()
    first, last = composed.split("\n\n")
    assert max(map(len, first.split("\n"))) <= 61
    assert " ".join(first.split()) == longer.text
    assert last == "Second one.\n"


@pytest.mark.parametrize(
    "lines",
    [
        "Name: Ana\nTown: Porto\nCountry: Portugal\n",
        "- the first thing that has to be bought tomorrow\n- the second thing that has to be bought\n",
        "I saw him at the station, I am quite sure about that.\nHe had a black bag with him when he came.\n",
    ],
)
def test_lines_that_nobody_wrapped_stay_apart(lines: str) -> None:
    assert texts(TXT, lines) == lines.splitlines()


def test_the_encoding_is_found_and_written_back() -> None:
    text = "A operação começou às três da manhã; não havia ninguém na estação. Situação: não há razão.\n" * 3
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "windows-1252"):
        found = through(TXT, text.encode(encoding))
        assert found.data == text.upper().encode(encoding), encoding
        assert not found.notes


def test_characters_that_do_not_fit_make_it_utf_8_and_that_is_said() -> None:
    source = "A operação começou às três da manhã.\n".encode("windows-1252")
    document = read(TXT, source)
    composed = TXT.compose(document, [Translated("Операция началась.")])
    assert composed.data.decode() == "Операция началась.\n"
    assert [note.code for note in composed.notes] == ["encoding_changed"]


def test_broken_bytes_are_left_alone_and_that_is_said() -> None:
    source = (
        "Até já.\nComeçou às \xff três.\n".encode("latin-1")
        .replace(b"\xe9", "é".encode())
        .replace(b"\xe1", "á".encode())
    )
    source = (
        source.replace(b"\xe7", "ç".encode()).replace(b"\xe0", "à".encode()).replace(b"\xea", "ê".encode())
    )
    document = read(TXT, source)
    assert [unit.text for unit in document.units] == ["Até já."]
    assert [note.code for note in document.notes] == ["undecodable"]


@given(st.text(st.sampled_from("ab "), max_size=80), st.integers(1, 20))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    wrapped = wrap(text, width, "\n")
    assert wrapped.replace("\n", " ") == text
    assert all(len(line) <= width or " " not in line.strip(" ") for line in wrapped.split("\n"))


def test_one_gigantic_line_takes_linear_time() -> None:
    for source in (
        b"word " * 400_000,
        b"a" * 2_000_000,
        b"\n" * 1_000_000,
        b"a\n" * 200_000,
        b"\x00" * 1_000_000,
    ):
        with linear():
            assert through(TXT, source, same).data == source
