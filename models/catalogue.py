"""What is installed, and what could be.

Installed: the embedded starter models and every folder of the model directory. Installable: the packaged list
of OPUS-MT releases (opus-mt.tsv; its first lines state origin and licence).
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path

from models.card import CARD_NAME, SUFFIXES, ModelCard, read_card
from models.contracts import InvalidCard, LanguagePair
from models.discovery import discover, target_tokens
from models.fault import place
from models.language import UnknownCode, normalise
from models.measured import MEASURED, with_measured
from models.revisions import stamp

STARTER = Path(__file__).parent / "starter"
WEIGHTS = "model.bin"


@dataclass(frozen=True, slots=True)
class Problem:
    """A folder of the model directory that cannot be served, and why."""

    folder: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    cards: tuple[ModelCard, ...]
    problems: tuple[Problem, ...] = ()

    def card(self, model_id: str) -> ModelCard | None:
        return next((card for card in self.cards if card.id == model_id), None)

    @property
    def pairs(self) -> tuple[LanguagePair, ...]:
        return tuple(sorted({pair for card in self.cards for pair in card.pairs}))


@dataclass(frozen=True, slots=True)
class Release:
    """One published OPUS-MT model."""

    name: str
    sources: frozenset[str]
    targets: frozenset[str]
    date: str
    architecture: str
    tokenizer: str
    """`sentencepiece`, or `bpe`, which is not served here."""
    chrf: float | None
    """Best of its published test sets, 0 to 100."""
    zip: str

    @property
    def convertible(self) -> bool:
        return self.tokenizer == "sentencepiece"

    @property
    def short(self) -> str:
        """`zh-sv` for a release named after every way to write Chinese; its own name where it is for several."""
        if len(self.sources) == len(self.targets) == 1:
            return f"{min(self.sources)}-{min(self.targets)}"
        return self.name


def installed(model_dir: Path | None, *, known: Sequence[ModelCard] = ()) -> Catalogue:
    """The starter models and those in `model_dir`, which may replace a starter by using its id.

    `known`: cards read before; those of folders that have not changed since are taken over.

    A folder that cannot be served becomes a Problem. Raises InvalidCard when `model_dir` itself cannot be read.
    """
    found: dict[str, ModelCard] = {}
    problems: list[Problem] = []
    before = {(card.path, card.stamp): card for card in known}
    for folder in (*_folders(STARTER), *_folders(model_dir)):
        try:
            card = _stamped(folder, before)
        except (InvalidCard, OSError, ValueError) as error:
            problems.append(Problem(folder, str(error)))
            continue
        except Exception as error:  # noqa: BLE001  whatever is in one folder, the others are served
            problems.append(Problem(folder, f"{folder.name} cannot be read: {place(error)}."))
            continue
        if card is None:
            continue
        namesake = found.get(card.id)
        if namesake is not None and namesake.path.parent == folder.parent:
            problems.append(
                Problem(folder, f"{folder.name}: {namesake.path.name} has the same id, {card.id}.")
            )
            continue
        found[card.id] = card
    return Catalogue(tuple(found.values()), tuple(problems))


def installable(pair: LanguagePair) -> Sequence[Release]:
    """Published releases that translate `pair` directly, those for fewest languages first, then by score."""
    return find(source=pair.source, target=pair.target)


def find(*, source: str | None = None, target: str | None = None) -> Sequence[Release]:
    """Releases from and into these languages (None: any) that can be installed, in `installable`'s order."""
    return [release for release in _matching(source, target) if release.convertible]


def refused(*, source: str | None = None, target: str | None = None) -> Sequence[Release]:
    """Those that cannot."""
    return [release for release in _matching(source, target) if not release.convertible]


def _matching(source: str | None, target: str | None) -> Sequence[Release]:
    matching = [
        release
        for release in releases()
        if (source is None or source in release.sources) and (target is None or target in release.targets)
    ]
    return sorted(
        matching, key=lambda release: (len(release.sources) * len(release.targets), -(release.chrf or 0))
    )


@cache
def languages() -> tuple[str, ...]:
    """Every language that a release is from or into, in order."""
    return tuple(sorted({code for each in releases() for code in (*each.sources, *each.targets)}))


def release(name: str) -> Release | None:
    """By its name, such as `hu-en`, or its short one."""
    named = (each for each in releases() if each.name == name)
    return next(named, None) or next((each for each in find() if each.short == name), None)


def _stamped(folder: Path, before: Mapping[tuple[Path, str], ModelCard]) -> ModelCard | None:
    # The stamp first: a file that changes while the card is read makes another stamp the next time.
    mark = stamp(folder)
    card = before.get((folder, mark)) or _summed(_card(folder))
    return None if card is None else with_measured(replace(card, stamp=mark))


def _card(folder: Path) -> ModelCard | None:
    """The folder's card, written or discovered; None when no model is in it."""
    if not (folder / CARD_NAME).exists():
        return discover(folder) if (folder / WEIGHTS).exists() else None
    card = read_card(folder)
    if card.target_tokens:
        return card
    # A card need not repeat what the vocabulary says; without its token a model would choose the language.
    tokens = target_tokens(folder)
    if all(pair.target in tokens for pair in card.pairs):
        return replace(card, target_tokens=tokens)
    return card


def _summed(card: ModelCard | None) -> ModelCard | None:
    """With checksums of its files where it has none, so that the ledger can name what answered."""
    if card is None or card.sha256:
        return card
    return replace(card, found={file.name: _sha256(file) for file in _own(card.path)})


def _own(folder: Path) -> list[Path]:
    strange = (CARD_NAME, MEASURED)
    return [file for file in sorted(folder.iterdir()) if file.suffix in SUFFIXES and file.name not in strange]


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _folders(parent: Path | None) -> list[Path]:
    if parent is None:
        return []
    try:
        # A hidden folder is an installation under way, or the model that one replaced.
        return sorted(folder for folder in parent.iterdir() if not folder.name.startswith("."))
    except OSError as error:
        raise InvalidCard(
            f"The model directory {parent} cannot be read: {error.strerror}. Make it, or have it made by the first "
            f"`dragoman models pull` or `import`; or set DRAGOMAN_MODEL_DIR to a readable folder, or leave it unset "
            f"for the embedded models."
        ) from error


@cache
def releases() -> tuple[Release, ...]:
    text = resources.files("models").joinpath("opus-mt.tsv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(_release(row) for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _release(row: dict[str, str]) -> Release:
    return Release(
        name=row["name"],
        sources=frozenset(_codes(row["source"])),
        targets=frozenset(_codes(row["target"])),
        date=row["date"],
        architecture=row["architecture"],
        tokenizer=row["tokenizer"],
        chrf=float(row["chrf"]) if row["chrf"] else None,
        zip=row["zip"],
    )


def _codes(text: str) -> Iterator[str]:
    for code in text.split():
        try:
            yield normalise(code)
        except UnknownCode:
            continue
