from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.md import Markdown
from tests.app.documents.backends import assert_untouched, linear, read, same, shouted, texts, through

ROOT = Path(__file__).parents[3]
MD = Markdown()
PIECES = [
    *("# ", "* ", "- ", "1. ", "> ", "\n", "\n\n", "  \n", "\\\n", "    ", "`", "``", "```\n", "**", "*", "_", "__"),
    "~~",
    *("[", "]", "(", ")", "](x)", "![", "][r]", "\n[r]: x\n", "<http://a>", "<b>", "</b>", "<br>", "&amp;", "\\*"),
    "\\",
    *("|", "\n|-|-|\n", "word ", "Olá. ", " ", "\r\n", "\t", "---\n", "===\n", "<div>\n", "</div>\n", "\x00", "é", "a"),
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_comes_back(source: str) -> None:
    assert_untouched(MD, source.encode())


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_can_be_translated(source: str) -> None:
    through(MD, source)


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]
)
def test_our_own_pages(page: Path) -> None:
    data = page.read_bytes()
    assert_untouched(MD, data)
    document = read(MD, data)
    assert len(document.units) >= 10
    assert not document.notes
    upper = through(MD, data).data
    assert through(MD, upper).data == upper


def test_code_addresses_and_front_matter_stay() -> None:
    source = """---
title: Olá
---
Veja `o código` em <https://a.b/c> e [aqui](http://d.e/f "dica").

    indentado

```py
print("olá")
```
[ref]: http://g.h "título"
"""
    assert shouted(MD, source) == source.replace("Veja", "VEJA").replace(" em ", " EM ").replace(
        " e [aqui]", " E [AQUI]"
    )


def test_blocks_keep_their_markers() -> None:
    source = "# um *dois*\n\n> três\n\n1. quatro\n   - cinco\n\n| a | b |\n|---|---|\n| c **d** | `e` |\n\nseis\n====\n"
    assert shouted(MD, source) == (
        "# UM *DOIS*\n\n> TRÊS\n\n1. QUATRO\n   - CINCO\n\n| A | B |\n|---|---|\n| C **D** | `e` |\n\nSEIS\n====\n"
    )


def test_a_paragraph_is_one_unit_whatever_its_lines() -> None:
    assert texts(MD, "> um **dois\n> três** fim\n") == ["um dois três fim"]
    assert shouted(MD, "> um **dois\n> três** fim\n") == "> UM **DOIS TRÊS** FIM\n"
    assert shouted(MD, "um  \ndois\n") == "UM  \nDOIS\n"


def test_references_still_lead_where_they_led() -> None:
    source = "veja [ana] e [o gato][] e [mais][ana]\n\n[ana]: http://a\n[o gato]: http://b\n"
    assert shouted(MD, source).startswith("VEJA [ANA][ana] E [O GATO][o gato] E [MAIS][ana]\n")


def test_html_within_is_read_as_html() -> None:
    assert shouted(MD, '<p align="center">um <b>dois</b></p>\n\ntrês <b>quatro</b><br>fim\n') == (
        '<p align="center">UM <b>DOIS</b></p>\n\nTRÊS <b>QUATRO</b><br>FIM\n'
    )


def test_the_text_of_an_image_is_translated() -> None:
    assert shouted(MD, "um ![o gato](cat.png) fim\n") == "UM ![O GATO](cat.png) FIM\n"


def test_what_would_be_markup_is_escaped() -> None:
    document = read(MD, "um\n\ndois\n\ntrês\n\nquatro\n")
    answers = ["# *a* [b](c) `d` <e> &amp;", "1. x", "- y_z_ _w_", "2 * 3 < 4 & c_d"]
    translated = [same(unit).__class__(answer) for unit, answer in zip(document.units, answers, strict=True)]
    composed = MD.compose(document, translated).data
    assert texts(MD, composed) == answers


@pytest.mark.parametrize(
    "unit",
    [
        "*",
        "**a ",
        "[",
        "![",
        "](",
        "`",
        "<",
        "> ",
        "- ",
        "&",
        "\\",
        "a_",
        "|",
        "<b>",
        "[a](b) ",
        '"a"\n',
        "**a**\n",
    ],
)
def test_hostile_markup_takes_bounded_time(unit: str) -> None:
    source = (unit * (100_000 // len(unit))).encode()
    with linear():
        assert through(MD, source, same).data == source


def test_front_matter_that_never_ends_takes_linear_time() -> None:
    source = b"---\r\n" + b"a: b\r\n" * 10_000
    with linear():
        assert through(MD, source, same).data == source
