"""A ZIP archive of documents: each is translated in its place, folders and all other files stay."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from app.documents.archive import Archive, Entry, is_archive, write
from app.documents.container import ByName, Find, Gathering, Inner, composed, inside, notes
from app.documents.format import Composed, Document, Note, Options, Translated
from app.documents.limits import Limits
from app.documents.sample import Sample
from app.errors import DamagedDocument, EncryptedDocument, UnsupportedDocument

_MARKS = (
    "[Content_Types].xml",
    "mimetype",
    "META-INF/MANIFEST.MF",
    "META-INF/manifest.xml",
    "AndroidManifest.xml",
)
"""Of formats that are ZIP archives, and are no archive to whoever sends them."""


@dataclass(frozen=True, slots=True)
class _Zip:
    data: bytes
    archive: Archive
    inner: tuple[Inner, ...]


class Zip:
    name = "zip"
    title = "ZIP archive of documents"
    media_types = ("application/zip", "application/x-zip-compressed")
    suffixes = (".zip",)

    def __init__(self, find: Find, by_name: ByName) -> None:
        self._find = find
        self._by_name = by_name

    def sniff(self, sample: Sample) -> float:
        return 0.5 if sample.members and not set(_MARKS) & set(sample.members) else 0.0

    def extract(self, data: bytes, options: Options) -> Document:
        archive = Archive.read(data, options.limits)
        gathering = Gathering(options.limits)
        left: list[str] = []
        room = options.limits.max_expanded_bytes - sum(len(entry.data) for entry in archive.entries)
        found: list[Note] = []
        for entry in archive.entries:
            if entry.info.is_dir() or not entry.data or _hidden(entry.name):
                continue
            room -= _unpacked(entry, replace(options.limits, max_expanded_bytes=room))
            document = self._document(entry, options, left)
            if document is not None:
                found += notes(gathering.add(entry.name, document), document.notes)
        if left:
            found.append(Note("files_left", f"Not translated: {', '.join(left)}."))
        return Document(
            self.name, tuple(gathering.units), _Zip(data, archive, tuple(gathering.inner)), tuple(found)
        )

    def compose(
        self, document: Document, translations: Sequence[Translated | None], *, target: str | None = None
    ) -> Composed:
        skeleton: _Zip = document.skeleton
        changed: dict[str, bytes] = {}
        renamed: dict[str, str] = {}
        found: list[Note] = []
        for inner in skeleton.inner:
            form = self._by_name(inner.document.format)
            made = composed(inner, form, translations, target)
            if made is None or made.data == skeleton.archive.data(inner.name):
                continue
            changed[inner.name] = made.data
            found += notes(inner, made.notes)
            if made.suffix not in form.suffixes:
                renamed[inner.name] = str(PurePosixPath(inner.name).with_suffix(made.suffix))
        data = write(skeleton.archive, changed, renamed) if changed else skeleton.data
        return Composed(data, self.media_types[0], self.suffixes[0], tuple(found))

    def _document(self, entry: Entry, options: Options, left: list[str]) -> Document | None:
        try:
            form = self._find(entry.data, entry.name, options.limits)
            if form.name != self.name:
                return form.extract(entry.data, inside(options))
            left.append(f"{entry.name} (an archive in the archive)")
        except UnsupportedDocument:
            left.append(f"{entry.name} (no format that is known here)")
        except EncryptedDocument:
            left.append(f"{entry.name} (password-protected)")
        except DamagedDocument:
            left.append(f"{entry.name} (damaged)")
        return None


def _hidden(name: str) -> bool:
    """What systems put into archives for themselves."""
    return name.startswith("__MACOSX/") or PurePosixPath(name).name in (
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
    )


def _unpacked(entry: Entry, limits: Limits) -> int:
    """Bytes in an archive within; damaged ones are told later, by the format."""
    if not is_archive(entry.data):
        return 0
    try:
        return sum(len(each.data) for each in Archive.read(entry.data, limits).entries)
    except (DamagedDocument, EncryptedDocument):
        return 0
