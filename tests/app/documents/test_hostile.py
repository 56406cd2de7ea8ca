"""What holds for every format, whatever it is given: a document, or an error that says what is wrong."""

import pickle
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents import registry
from app.documents.format import Document, DocumentFormat, Options
from app.documents.limits import Limits
from app.documents.nesting import faults
from app.errors import DragomanError, TooLarge
from tests.app.documents import (
    test_eml,
    test_po,
    test_rtf,
    test_subtitles,
    test_table,
    test_xml,
    test_zip,
)
from tests.app.documents.backends import linear, same, shout

SAMPLES: dict[str, bytes] = {
    "txt": "Olá Ana.\n\nAté já.\n".encode(),
    "md": "# Olá\n\num **dois** [três](x)\n\n- `a` b\n".encode(),
    "html": "<!doctype html><html lang=pt><p title=x>Olá <b>Ana</b><br>um &amp; dois</p></html>".encode(),
    "srt": test_subtitles.CUES.encode(),
    "vtt": test_subtitles.FILM.encode(),
    "csv": test_table.SOURCE.encode(),
    "tsv": test_table.SOURCE.replace(";", "\t").encode(),
    "json": '{"a": ["Olá mundo", 1], "b": {"c": "bom dia"}}'.encode(),
    "jsonl": '{"a": "Olá mundo"}\n{"a": "bom dia"}\n'.encode(),
    "xml": "<?xml version='1.0'?><a><b>Olá <i>Ana</i></b><![CDATA[um]]></a>".encode(),
    "po": test_po.SOURCE.encode(),
    "xliff": test_xml.V12.encode(),
    "tmx": test_xml.MEMORY.encode(),
    "whatsapp": "[31/12/20, 21:01:02] Ana: olá\n[31/12/20, 21:02:02] Bob: sim\n".encode(),
    "rtf": test_rtf.SOURCE.encode(),
    "eml": test_eml.message().as_bytes(),
    "zip": test_zip.SOURCE,
}
TEXTS = [form for form in registry.FORMATS if form.name in SAMPLES]


def opened(form: DocumentFormat, data: bytes, limits: Limits | None = None) -> Document | None:
    """None where it was refused in words; everything that was read can be written again."""
    try:
        document = form.extract(data, Options(limits=limits or Limits()))
    except DragomanError as refused:
        error: DragomanError | None = refused
    else:
        error = None
    if error is not None:
        assert str(error).endswith(".")
        return None
    for unit in document.units:
        assert any(map(str.isalpha, unit.text))
        assert not any("\ud800" <= character <= "\udfff" for character in unit.text)
        assert not list(faults(unit.text, unit.tags))
    assert form.compose(document, [None] * len(document.units), target="en").data == data
    form.compose(document, [shout(unit) for unit in document.units], target="en")
    return document


def cuts(data: bytes) -> Iterator[bytes]:
    for place in range(0, len(data), max(1, len(data) // 60)):
        yield data[:place]
        yield data[place:]
        yield data[:place] + b"\x00\xff" + data[place:]


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
def test_the_sample_is_found_read_and_survives_a_pickle(form: DocumentFormat) -> None:
    data = SAMPLES[form.name]
    assert registry.find(data).name == form.name
    document = opened(form, data)
    assert document
    assert document.units
    again = pickle.loads(pickle.dumps(document))  # noqa: S301 - ours: a document goes to another process
    assert again == document or form.name == "zip"
    assert form.compose(again, [None] * len(again.units)).data == data


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
def test_cut_and_broken_files(form: DocumentFormat) -> None:
    for data in cuts(SAMPLES[form.name]):
        opened(form, data)


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
def test_files_of_another_format(form: DocumentFormat) -> None:
    for data in SAMPLES.values():
        opened(form, data)


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
@given(data=st.binary(max_size=200))
def test_any_bytes(form: DocumentFormat, data: bytes) -> None:
    opened(form, data)


@given(st.binary(max_size=400), st.sampled_from(sorted(SAMPLES)))
def test_whatever_follows_a_good_beginning(rubbish: bytes, name: str) -> None:
    data = SAMPLES[name][:200] + rubbish
    try:
        form = registry.find(data, "file.bin")
    except DragomanError:
        return
    opened(form, data)


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
def test_limits_are_kept(form: DocumentFormat) -> None:
    data = SAMPLES[form.name]
    with pytest.raises(TooLarge, match="bytes"):
        form.extract(data, Options(limits=Limits(max_bytes=len(data) - 1)))
    with pytest.raises(TooLarge, match="pieces"):
        form.extract(data, Options(limits=Limits(max_units=0)))


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\x00" * 300_000, b"a" * 300_000, b"\xff" * 300_000, b"\xed\xa0\x80 x"]
)
def test_nothing_much_and_much_of_nothing(form: DocumentFormat, data: bytes) -> None:
    with linear():
        opened(form, data)


@pytest.mark.parametrize("form", TEXTS, ids=lambda form: form.name)
def test_equal_translations_change_nothing_but_what_says_so(form: DocumentFormat) -> None:
    document = form.extract(SAMPLES[form.name], Options())
    composed = form.compose(document, [same(unit) for unit in document.units], target="pt").data
    assert composed == SAMPLES[form.name] or form.name in ("po", "xliff", "tmx")
