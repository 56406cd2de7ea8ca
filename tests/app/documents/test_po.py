import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.format import Translated
from app.documents.po import Po
from app.errors import DamagedDocument
from tests.app.documents.backends import assert_untouched, linear, read, same, texts, through

PO = Po()
SOURCE = r"""# comentário
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: \n"

#: a.c:1
#, c-format
msgctxt "menu"
msgid "Olá \"%s\"\n"
msgstr ""

msgid ""
"uma frase "
"comprida"
msgstr ""
""

msgid "um"
msgid_plural "muitos"
msgstr[0] ""
msgstr[1] ""

msgid "feito"
msgstr "done"

#~ msgid "velho"
#~ msgstr ""
"""


def test_what_has_no_translation_gets_one() -> None:
    assert texts(PO, SOURCE) == ['Olá "%s"\n', "uma frase comprida", "um", "muitos"]
    expected = (
        SOURCE.replace('"%s\\"\\n"\nmsgstr ""', '"%s\\"\\n"\nmsgstr "OLÁ \\"%S\\"\\n"')
        .replace('comprida"\nmsgstr ""\n""', 'comprida"\nmsgstr "UMA FRASE COMPRIDA"')
        .replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "UM"\nmsgstr[1] "MUITOS"')
        .replace('"Language: \\n"', '"Language: en\\n"')
    )
    assert through(PO, SOURCE, target="en").data.decode() == expected


def test_an_equal_translation_is_written_too() -> None:
    assert b'msgid "OK"\nmsgstr "OK"' in through(PO, 'msgid "OK"\nmsgstr ""\n', same).data


@given(st.text(st.sampled_from('ab é"\\\n\t\r'), min_size=1).filter(lambda text: any(map(str.isalpha, text))))
def test_any_message_is_read_as_it_was_written(text: str) -> None:
    first = PO.compose(read(PO, 'msgid "x"\nmsgstr ""\n'.replace("x", "aa")), [Translated(text)]).data
    again = first.replace(b"msgid", b"msgctxt").replace(b"msgstr", b"msgid") + b'msgstr ""\n'
    assert texts(PO, again) == [text]


def test_nothing_changes_without_translations() -> None:
    document = read(PO, SOURCE)
    assert PO.compose(document, [None] * 4).data == SOURCE.encode()
    assert_untouched(PO, b'msgid "feito"\nmsgstr "done"\n')


@pytest.mark.parametrize("source", ['msgid "a', 'msgid "a"\nrubbish\n', '"a"\n', 'msgid "a"\nmsgstr "b" c\n'])
def test_what_is_no_catalogue_is_damaged(source: str) -> None:
    with pytest.raises(DamagedDocument, match="line"):
        read(PO, source)


@pytest.mark.parametrize("unit", ["a", "\\n", 'a\\"', "a\\"])
def test_a_string_that_never_ends_takes_linear_time(unit: str) -> None:
    with linear(), pytest.raises(DamagedDocument):
        read(PO, 'msgid "' + unit * (200_000 // len(unit)))


@pytest.mark.parametrize("unit", ['"a"\n', "\\", 'msgid "a"\nmsgstr ""\n', "\n", "#"])
def test_hostile_catalogues_take_linear_time(unit: str) -> None:
    with linear():
        try:
            read(PO, 'msgid ""\n' + unit * (200_000 // len(unit)))
        except DamagedDocument:
            return
