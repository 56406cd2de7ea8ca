"""Every format there is, and which one a file is in: decided by its content, the name only tips the balance."""

from collections.abc import Sequence
from pathlib import PurePath

from app.documents.archive import is_cut
from app.documents.docx import Docx
from app.documents.eml import Eml
from app.documents.epub import Epub
from app.documents.format import DocumentFormat
from app.documents.html import Html
from app.documents.json import JSON, JSONL
from app.documents.limits import Limits
from app.documents.md import Markdown
from app.documents.msg import Msg
from app.documents.odf import ODP, ODS, ODT
from app.documents.pdf import Pdf
from app.documents.po import Po
from app.documents.pptx import Pptx
from app.documents.rtf import Rtf
from app.documents.sample import Sample
from app.documents.subtitles import SRT, VTT
from app.documents.table import CSV, TSV
from app.documents.tmx import Tmx
from app.documents.txt import PlainText
from app.documents.whatsapp import WhatsApp
from app.documents.xliff import Xliff
from app.documents.xlsx import Xlsx
from app.documents.xml import Xml
from app.documents.zip import Zip
from app.errors import DamagedDocument, EncryptedDocument, UnsupportedDocument

_NAMED = 0.25
"""What a suffix or a media type adds to a format that the content allows."""
_LEAST = 0.25
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (
    (_OLE, "an old Office file (.doc, .xls, .ppt); save it as .docx, .xlsx or .pptx"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK", "an archive of another kind"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"OggS", "a sound file"),
    (b"ID3", "a sound file"),
    (b"RIFF", "a sound or film file"),
)


def _within(data: bytes, name: str, limits: Limits) -> DocumentFormat:
    return find(data, name, limits=limits)


def by_name(name: str) -> DocumentFormat:
    """Raises UnsupportedDocument."""
    for form in FORMATS:
        if form.name == name:
            return form
    raise UnsupportedDocument(f"There is no format of that name. Supported: {supported()}.")


def find(
    data: bytes,
    name: str = "",
    *,
    media_type: str = "",
    limits: Limits | None = None,
    among: Sequence[DocumentFormat] | None = None,
) -> DocumentFormat:
    """The format of a file called `name`. Raises a DocumentError."""
    limits = limits or Limits()
    limits.check_bytes(len(data))
    sample = Sample.of(data, limits)
    suffix = PurePath(name).suffix.lower()
    media_type = media_type.partition(";")[0].strip().lower()
    best, found = _LEAST, None
    among = FORMATS if among is None else among
    for form in among:
        score = form.sniff(sample)
        if score > 0 and (suffix in form.suffixes or media_type in form.media_types):
            score += _NAMED
        if score > best:
            best, found = score, form
    if found is None:
        raise _refusal(data, among)
    return found


def supported(among: Sequence[DocumentFormat] | None = None) -> str:
    return ", ".join(form.name for form in (FORMATS if among is None else among))


def _refusal(data: bytes, among: Sequence[DocumentFormat]) -> Exception:
    if data.startswith(_OLE) and _ENCRYPTED_OFFICE in data:
        return EncryptedDocument("The document is password-protected. Remove the password and send it again.")
    if is_cut(data):
        return DamagedDocument(
            "The file is cut short or damaged: it begins as an archive does, and its end is missing."
        )
    looks = next((f" It looks like {what}." for magic, what in _FOREIGN if data.startswith(magic)), "")
    return UnsupportedDocument(
        f"The file is in no format that is known here.{looks} Supported: {supported(among)}."
    )


_EML = Eml(_within, by_name)
FORMATS: tuple[DocumentFormat, ...] = (
    PlainText(),
    Markdown(),
    Html(),
    SRT,
    VTT,
    CSV,
    TSV,
    JSON,
    JSONL,
    Xml(),
    Po(),
    Xliff(),
    Tmx(),
    WhatsApp(),
    Rtf(),
    Docx(),
    Pptx(),
    Xlsx(),
    ODT,
    ODS,
    ODP,
    Epub(),
    Pdf(),
    _EML,
    Msg(_EML),
    Zip(_within, by_name),
)


def suffixes() -> list[str]:
    return sorted({suffix for form in FORMATS for suffix in form.suffixes})


def takes(name: str) -> bool:
    """Whether a format has the extension of a file called so. Without an extension only its content can tell."""
    suffix = PurePath(name).suffix.lower()
    return not suffix or suffix in suffixes()
