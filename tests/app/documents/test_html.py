import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.format import InlineTag, TagKind, Translated
from app.documents.html import Html
from tests.app.documents.backends import assert_untouched, linear, read, same, shout, shouted, texts, through

HTML = Html()
PIECES = [
    *("<p>", "</p>", "<b>", "</b>", "<i class='x'>", "</i>", "<br>", "<br/>", "<code>", "</code>"),
    *("<ul>", "<li>"),
    *("<script>", "</script>", "<!--", "-->", "<!doctype html>"),
    *("<a href='>' title=\"uma\">", "</a>", "<img alt=gato>"),
    *("<div translate=no>", "</div>", "<span class='a notranslate'>", "</span>", "<pre>", "</pre>"),
    *("<title>", "</title>"),
    *("&amp;", "&nbsp;", "&", "<", ">", "<3", '"', "'", "=", "word ", "Olá. ", " ", "\n", "\r\n", "\t", "\x00"),
    *("<svg>", "é"),
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_markup_comes_back(source: str) -> None:
    assert_untouched(HTML, source.encode())


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_nothing_but_words_changes(source: str) -> None:
    """Upper case twice is upper case once: the markup that was written reads as the markup that was read."""
    once = through(HTML, source).data
    assert through(HTML, once).data == once


def test_what_a_reader_sees_is_translated() -> None:
    source = """<!DOCTYPE html><html lang="pt"><head><title>Um &amp; dois</title>
<meta name="description" content="sobre n&oacute;s"><meta name="robots" content="noindex"></head>
<body><h1>Olá</h1><p title='dica'>Um texto</p><img src="gato.png" alt="um gato"><input placeholder="nome" value="x">
<input type=submit value=enviar><button aria-label="fechar">x</button><textarea>escreva</textarea>
<select><option>sim</option></select><table><tr><td>a<td>b</table></body></html>"""
    assert texts(HTML, source) == [
        *("Um & dois", "sobre nós", "Olá", "dica", "Um texto", "um gato", "nome", "enviar", "fechar"),
        *("x", "escreva", "sim", "a", "b"),
    ]


def test_what_a_reader_does_not_see_is_not() -> None:
    source = (
        "<script>var a = '<p>x</p>';</script><style>p { color: red }</style><!-- nota --><pre><code>let a</code></pre>"
        "<p translate='no'>Nome <b>Próprio</b></p><p class='a notranslate'>Marca</p><math><mi>x</mi></math>"
    )
    assert texts(HTML, source) == []


def test_a_sentence_is_one_unit_with_its_markup_as_tags() -> None:
    document = read(HTML, "<p>Veja <b>a <i>nova</i></b> <a href='/x'>página</a>: <code>rm</code>!</p>")
    (unit,) = document.units
    assert unit.text == "Veja a nova página: rm!"
    assert unit.tags == (
        InlineTag(TagKind.PAIR, 5, 11, "b"),
        InlineTag(TagKind.PAIR, 7, 11, "i", parent=0),
        InlineTag(TagKind.PAIR, 12, 18, "a"),
        InlineTag(TagKind.KEPT, 20, 22, "code"),
    )


def test_tags_go_where_the_translation_has_them() -> None:
    document = read(HTML, "<p>the <b>red</b> <a href='/c'>car</a></p>")
    bold, link = document.units[0].tags
    there = Translated(
        "o carro vermelho", (InlineTag(bold.kind, 8, 16, "b"), InlineTag(link.kind, 2, 7, "a"))
    )
    assert HTML.compose(document, [there]).data == b"<p>o <a href='/c'>carro</a> <b>vermelho</b></p>"


def test_markup_round_the_whole_text_is_no_tag() -> None:
    assert read(HTML, "<p><b><i> Tudo </i></b><br></p>").units[0].tags == ()
    assert shouted(HTML, "<p><b><i> tudo </i></b><br></p>") == "<p><b><i> TUDO </i></b><br></p>"


def test_lines_are_joined_and_breaks_kept() -> None:
    assert texts(HTML, "<p>um\n   dois<br>\n três</p>") == ["um dois\ntrês"]
    assert texts(HTML, "<pre>um\n   dois</pre>") == ["um\n   dois"]
    assert shouted(HTML, "<p>a <b>um<br>dois</b></p>") == "<p>A <b>UM<br>DOIS</b></p>"


def test_what_would_be_markup_is_escaped() -> None:
    document = read(HTML, "<p title=dica>texto</p><p title='x y'>fim</p>")
    evil = Translated("<script>\"a\"&'b'</script>")
    assert HTML.compose(document, [evil] * 4).data.decode() == (
        "<p title=\"&lt;script&gt;&quot;a&quot;&amp;'b'&lt;/script&gt;\">&lt;script&gt;\"a\"&amp;'b'&lt;/script&gt;</p>"
        "<p title='&lt;script&gt;\"a\"&amp;&#39;b&#39;&lt;/script&gt;'>&lt;script&gt;\"a\"&amp;'b'&lt;/script&gt;</p>"
    )


def test_the_charset_stays_and_other_characters_are_written_as_references() -> None:
    source = "<meta charset=iso-8859-1><p>não</p>".encode("latin-1")
    document = read(HTML, source)
    composed = HTML.compose(document, [Translated("нет à")])
    assert composed.data == "<meta charset=iso-8859-1><p>&#1085;&#1077;&#1090; à</p>".encode("latin-1")
    assert not composed.notes


def test_languages_are_told_and_the_page_states_the_new_one() -> None:
    source = '<html lang="pt"><p>olá</p><p lang=en>hello</p></html>'
    assert [unit.language for unit in read(HTML, source).units] == ["pt", "en"]
    assert through(HTML, source, same, target="fr").data.decode() == source.replace('"pt"', '"fr"')


def test_markup_inside_of_a_tag_is_translated_with_it() -> None:
    source = '<p>um <a href="x" title="dica">dois <img alt="três" src=y></a> quatro</p>'
    upper = '<p>UM <a href="x" title="DICA">DOIS <img alt="TRÊS" src=y></a> QUATRO</p>'
    assert shouted(HTML, source) == upper


def test_white_space_round_an_image_is_kept() -> None:
    source = "<p>um <img src=x>\n dois <!-- x --> três</p>"
    assert shouted(HTML, source) == "<p>UM <img src=x>\n DOIS <!-- x -->TRÊS</p>"


def test_inner_places_are_filled_where_the_outer_stays() -> None:
    document = read(HTML, '<p>um <a title="dica">dois</a></p>')
    answers = [shout(unit) if unit.text == "dica" else None for unit in document.units]
    assert HTML.compose(document, answers).data == b'<p>um <a title="DICA">dois</a></p>'


@pytest.mark.parametrize(
    "unit",
    ["<a", "<a '", '<a x="', "<!--", "</", "<![CDATA[", "&", "<p>", "</b>",
     "<b>", "<b><i></b>", "<title>", "<a x='\" >",
     "<p translate=no>", "<span translate=no>", "<li>", "= ", "<b>x", "x<br>", "<a title=x>", "<svg>", '<a x=">" '],
)  # fmt: skip
def test_hostile_markup_takes_linear_time(unit: str) -> None:
    source = (unit * (200_000 // len(unit))).encode()
    with linear():
        assert through(HTML, source, same).data == source
