"""Documents as many programs write them (tests/files/proof, made by scripts/make_proof_files.py): each is found by its
content, comes back to the byte, says all that a reader sees, and is opened again by other programs.
"""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import openpyxl
import pptx
import pypdfium2
import pytest
import webvtt
from babel.messages.pofile import read_po
from markdown_it import MarkdownIt

from app.documents import registry
from app.documents.archive import Archive
from app.documents.format import Composed, DocumentFormat, Options
from app.documents.limits import Limits
from scripts import proof_texts as said
from tests.app.documents.backends import assert_untouched, texts, through

FOLDER = Path(__file__).parents[2] / "files" / "proof"
FILES = sorted(FOLDER.iterdir())
SOFFICE = shutil.which("soffice")
NAMES = {".xlf": "xliff", ".xliff": "xliff"}
WRITTEN_OTHERWISE = {"pdf": "docx", "msg": "eml"}
FILLED_IN = frozenset({"po", "xliff", "tmx"})
"""A translation is added even where it is the same as the source."""
PRINTABLE = frozenset(
    {".docx", ".odt", ".rtf", ".html", ".txt", ".csv", ".xlsx", ".ods", ".pptx", ".odp", ".pdf"}
)
TEXTS = frozenset({".txt", ".md", ".csv", ".tsv"})
_PATIENCE = 600
_WRITER = (
    said.TITLE,
    said.LINK,
    said.INSERTED,
    said.LIST[0],
    said.TABLE[2][2],
    said.CAPTION,
    said.FOOTNOTE,
    said.ENDNOTE,
)
_PAGES = (said.HEADER, said.FOOTER, said.BOX, said.COMMENT)
_LETTER = (said.TITLE, said.PARAGRAPHS[4], said.LIST[1], said.TABLE[1][2], said.CAPTION)
_MINUTES = (said.COMMENT, said.LINK, said.INSERTED)
_TALK = (said.SLIDES[0][0], said.SLIDES[2][1][1], *said.NOTES, said.TABLE[3][2])
_PLAN = (said.CHART, said.AXIS, said.TABLE[1][0], said.ALT, *said.LIST)
_LOANS = (
    said.ROWS[0][2],
    said.ROWS[2][2],
    said.COMMENT,
    said.BOX,
    said.HEADER,
    said.CHART,
    said.AXIS,
    "quatro meses",
)
_SMALL = re.compile(r"[a-zà-ÿ]{2,}")
_KEPT = frozenset(
    {
        *said.DELETED.split(), *("ódigo", "ítulo", "reço", "olumn"), *("make", "livros", "ragoman"),
    }
)  # fmt: skip
"""Small letters that are right: what was deleted, names of a table's columns, LibreOffice's own in charts, code."""
SEEN: Mapping[str, tuple[object, ...]] = {
    "libreoffice-writer.odt": (*_WRITER, *_PAGES),
    "libreoffice-writer.docx": (*_WRITER, *_PAGES),
    "libreoffice-writer.rtf": (*_WRITER, *_PAGES),
    "libreoffice-writer.html": (*_WRITER, said.BOX),
    "libreoffice-writer.epub": _WRITER,
    "letter.docx": (*_LETTER, said.HEADER, said.FOOTER, said.ALT),
    "libreoffice-letter.docx": (*_LETTER, said.HEADER, said.FOOTER, said.ALT),
    "libreoffice-letter.odt": (*_LETTER, said.HEADER, said.FOOTER, said.ALT),
    "libreoffice-letter.rtf": (*_LETTER, said.HEADER, said.FOOTER),
    "libreoffice-letter.html": _LETTER,
    "minutes.docx": _MINUTES,
    "libreoffice-minutes.docx": _MINUTES,
    "libreoffice-minutes.odt": _MINUTES,
    "libreoffice-minutes.rtf": _MINUTES,
    "talk.pptx": _TALK,
    "libreoffice-talk.pptx": _TALK,
    "libreoffice-talk.odp": _TALK,
    "plan.pptx": _PLAN,
    "libreoffice-plan.pptx": _PLAN,
    "libreoffice-plan.odp": _PLAN,
    "loans.xlsx": _LOANS,
    "libreoffice-loans.xlsx": _LOANS,
    "libreoffice-loans.ods": _LOANS,
    "stock.xlsx": (*said.LIST, said.BOX, said.COMMENT, said.CHART),
    "libreoffice-stock.xlsx": (*said.LIST, said.BOX, said.COMMENT, said.CHART),
    "libreoffice-stock.ods": (*said.LIST, said.BOX, said.COMMENT, said.CHART),
}


def form_of(file: Path) -> DocumentFormat:
    """Its name tips the balance between kinds of text alone."""
    return registry.find(file.read_bytes(), file.name if file.suffix in TEXTS else "unnamed.bin")


def translated(file: Path) -> Composed:
    return through(form_of(file), file.read_bytes(), target="en")


def test_there_are_enough_of_every_kind() -> None:
    found = {form_of(file).name for file in FILES}
    assert found == {form.name for form in registry.FORMATS}
    assert len(FILES) >= 60
    assert sum(file.stat().st_size for file in FILES) < 3_000_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_not_translated_comes_back_to_the_byte(file: Path) -> None:
    data, form = file.read_bytes(), form_of(file)
    wanted = "whatsapp" if file.name.startswith("chat-") else NAMES.get(file.suffix, file.suffix[1:])
    assert form.name == wanted
    if form.name in WRITTEN_OTHERWISE:
        made = through(form, data, lambda _: None).data
        other = registry.find(made)
        assert other.name == WRITTEN_OTHERWISE[form.name]
        assert [*texts(other, made)] == [*texts(form, data)]
    elif form.name in FILLED_IN:
        assert through(form, data, lambda _: None).data == data
    else:
        assert_untouched(form, data, Options(attachments=True, sheet_names=True))


@pytest.mark.parametrize("name", SEEN)
def test_all_that_a_reader_sees_is_read(name: str) -> None:
    file = FOLDER / name
    found = "\n".join(texts(form_of(file), file.read_bytes()))
    assert [text for text in SEEN[name] if str(text) not in found] == []
    # LibreOffice shows it, struck through, in pages for the web.
    assert said.DELETED not in found or name.endswith((".html", ".epub"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_its_parts_stay_and_another_program_opens_it(file: Path) -> None:
    made = translated(file)
    data = file.read_bytes()
    if zipfile.is_zipfile(file) and made.suffix == file.suffix:
        before, after = (Archive.read(each, Limits()).entries for each in (data, made.data))
        assert [entry.name for entry in before] == [entry.name for entry in after]
        pictures = (".png", ".css", ".ttf", ".bin", ".rdf")
        kept = [(one, two) for one, two in zip(before, after, strict=True) if one.name.endswith(pictures)]
        assert all(one.data == two.data for one, two in kept)
    opened(made)


def _table(data: bytes) -> None:
    rows = csv.reader(io.StringIO(data.decode("latin-1"), newline=""), delimiter=";" if b";" in data else ",")
    assert len({len(row) for row in rows}) == 1


def _tabs(data: bytes) -> None:
    rows = csv.reader(io.StringIO(data.decode(), newline=""), delimiter="\t")
    assert len({len(row) for row in rows}) == 1


def _markdown(data: bytes) -> None:
    assert any(token.type == "heading_open" for token in MarkdownIt().parse(data.decode()))


def _catalogue(data: bytes) -> None:
    assert read_po(io.BytesIO(data), abort_invalid=True)


def _captions(data: bytes, form: str) -> None:
    cues = webvtt.WebVTT.from_buffer(io.StringIO(data.decode()), form).captions
    assert cues
    assert all(cue.end > cue.start and cue.text for cue in cues)


def _mail(data: bytes) -> None:
    assert message_from_bytes(data, policy=default).defects == []


def _packed(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith((".xml", ".xhtml", ".opf", ".ncx")):
                ET.fromstring(archive.read(name))  # noqa: S314 - ours


READERS: Mapping[str, Callable[[bytes], object]] = {
    ".docx": lambda data: docx.Document(io.BytesIO(data)),
    ".pptx": lambda data: pptx.Presentation(io.BytesIO(data)),
    ".xlsx": lambda data: openpyxl.load_workbook(io.BytesIO(data)),
    ".json": json.loads,
    ".jsonl": lambda data: [json.loads(line) for line in data.splitlines()],
    ".eml": _mail,
    ".csv": _table,
    ".tsv": _tabs,
    ".md": _markdown,
    ".po": _catalogue,
    ".srt": partial(_captions, form="srt"),
    ".vtt": partial(_captions, form="vtt"),
    **dict.fromkeys((".xml", ".xlf", ".tmx"), ET.fromstring),
    **dict.fromkeys((".odt", ".ods", ".odp", ".epub", ".zip"), _packed),
}
"""Programs that are not ours; each raises what it raises."""


def opened(made: Composed) -> None:
    READERS.get(made.suffix, bytes)(made.data)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[int, str]]:
    """Pages and text of every file, `before-…` and `after-…`, as LibreOffice prints it; all in one call."""
    if SOFFICE is None:
        pytest.skip(
            "needs LibreOffice: apt-get install --no-install-recommends "
            "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"
        )
    folder = tmp_path_factory.mktemp("printed")
    sources = []
    for file in FILES:
        made = translated(file)
        if made.suffix in PRINTABLE:
            sources.append(folder / f"after-{file.name.replace('.', '-')}{made.suffix}")
            sources[-1].write_bytes(made.data)
            if file.suffix != ".pdf":
                sources.append(folder / f"before-{file.name.replace('.', '-')}{file.suffix}")
                shutil.copy(file, sources[-1])
    command = [SOFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf"]
    command += ["--outdir", str(folder), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE)
    found: dict[str, tuple[int, str]] = {}
    for source in sources:
        with pypdfium2.PdfDocument(source.with_suffix(".pdf")) as pages:
            text = " ".join(page.get_textpage().get_text_range() for page in pages)
            found[source.stem] = (len(pages), text)
    return found


@pytest.mark.slow
def test_libreoffice_prints_every_result_on_as_many_pages(printed: Mapping[str, tuple[int, str]]) -> None:
    """And what it prints is translated, but for what is to be kept."""
    after = {
        name.removeprefix("after-"): found for name, found in printed.items() if name.startswith("after-")
    }
    assert len(after) >= 45
    pages = {name: (before_pages(name, printed), found[0]) for name, found in after.items()}
    assert {name: found for name, found in pages.items() if abs(found[0] - found[1]) > 1} == {}
    kept = {
        name: words
        for name, (_, text) in after.items()
        if not name.endswith(("-csv", "-txt")) and (words := set(_SMALL.findall(text)) - _KEPT)
    }
    assert kept == {}


def before_pages(name: str, printed: Mapping[str, tuple[int, str]]) -> int:
    if f"before-{name}" in printed:
        return printed[f"before-{name}"][0]
    with pypdfium2.PdfDocument(FOLDER / f"{name.removesuffix('-pdf')}.pdf") as opened_pdf:
        return len(opened_pdf)
