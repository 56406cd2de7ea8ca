"""What IN names: files, in a fixed order, each with its format and its name below OUT."""

import glob
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.bulk import stores
from app.bulk.form import Format
from app.errors import ConfigurationError

STDIO = "-"
ENDINGS = {
    ".txt": Format.TXT,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".parquet": Format.PARQUET,
}
NAMED = [each for each in Format if each is not Format.SQL]
PACKED = (".gz", ".zst")
"""Endings before which the format's own stands."""


@dataclass(frozen=True, slots=True)
class Item:
    address: str
    """A path, an address with ://, or `-`."""
    name: str
    """Below the output folder; of a single file its own."""
    format: Format

    @property
    def streams(self) -> bool:
        """It can be read once only."""
        if self.address == STDIO:
            return True
        if stores.is_remote(self.address):
            return False
        try:
            return not stat.S_ISREG(Path(self.address).stat().st_mode)
        except OSError:
            return False  # opening it says why


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Item, ...]
    folder: bool
    """The output is a folder, because the input is one, a pattern, or several."""
    skipped: int
    """Files of folders whose ending is that of no corpus."""


def listing(named: Sequence[str], *, chosen: Format | None, out: str, own: Collection[Path] = ()) -> Listing:
    """`own`: files and folders of the run itself, which no folder or pattern means. Raises ConfigurationError."""
    if chosen is Format.SQL:
        raise ConfigurationError("A table is named by its address: …?table=NAME&key=COLUMN.")
    named = [stores.local(each) for each in named]
    if len(named) == 1 and not _several(named[0]):
        return Listing((_single(named[0], chosen, out),), folder=False, skipped=0)
    if STDIO in named or any(map(stores.table, named)):
        raise ConfigurationError("Standard input and tables stand alone: each is one corpus.")
    files, skipped = _files(named, chosen=chosen, own=own)
    if not files:
        raise ConfigurationError(f"There is no corpus in {', '.join(named)}.")
    return Listing(tuple(_items(files, chosen)), folder=True, skipped=skipped)


def _single(named: str, chosen: Format | None, out: str) -> Item:
    if (table := stores.table(named)) is not None:
        return Item(named, table, Format.SQL)
    found = chosen or of_name(named) or of_name(out)
    if found is None:
        raise _unknown(named)
    return Item(named, Path(named).name, found)


def _files(
    named: Sequence[str], *, chosen: Format | None, own: Collection[Path]
) -> tuple[dict[str, str], int]:
    """Name below OUT to address, and how many were skipped."""
    found: dict[str, str] = {}
    skipped = 0
    for name, address in (each for every in named for each in _expanded(every).items()):
        if not stores.is_remote(address) and _among(Path(address), own):
            continue
        if chosen is None and of_name(name) is None:
            skipped += 1
        elif found.setdefault(name, address) != address:
            raise ConfigurationError(f"Two files would both be written to {name}. Translate them apart.")
    return found, skipped


def of_name(name: str) -> Format | None:
    path = Path(name)
    return ENDINGS.get((path.with_suffix("") if path.suffix.lower() in PACKED else path).suffix.lower())


def _items(files: Mapping[str, str], chosen: Format | None) -> list[Item]:
    found = []
    for name in sorted(files):
        form = chosen or of_name(name)
        if form is not None:
            found.append(Item(files[name], name, form))
    return found


def _several(named: str) -> bool:
    if stores.is_remote(named):
        return stores.table(named) is None and stores.is_several(named)
    return named != STDIO and (Path(named).is_dir() or (_is_pattern(named) and not Path(named).exists()))


def _is_pattern(named: str) -> bool:
    return glob.has_magic(named)


def _expanded(named: str) -> dict[str, str]:
    """Name below OUT to path."""
    path = Path(named)
    if stores.is_remote(named):
        return stores.expanded(named) if stores.is_several(named) else {path.name: named}
    if path.is_dir():
        files = (each for each in path.rglob("*") if each.is_file() and not _hidden(each.relative_to(path)))
        return {each.relative_to(path).as_posix(): str(each) for each in files}
    if _is_pattern(named) and not path.exists():
        fixed = _fixed(path)
        found = (Path(each) for each in glob.glob(named, recursive=True))  # noqa: PTH207  absolute patterns too
        return {each.relative_to(fixed).as_posix(): str(each) for each in found if each.is_file()}
    return {path.name: named}


def _fixed(pattern: Path) -> Path:
    """The folder before the first part with a wildcard."""
    fixed = Path()
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            break
        fixed /= part
    return fixed


def _among(path: Path, own: Collection[Path]) -> bool:
    absolute = path.absolute()
    return any(absolute.is_relative_to(each.absolute()) for each in own)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _unknown(named: str) -> ConfigurationError:
    what = "standard input" if named == STDIO else named
    return ConfigurationError(
        f"What {what} holds is not plain from its name, nor from OUT's. Say --format {'|'.join(NAMED)}."
    )
