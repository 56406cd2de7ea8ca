"""What is to be said of a model that was just converted: its pairs, its scores, where it came from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.card import DEFAULT_TOKEN_LIMIT, MARIAN_POSITIONS, Score, read_score
from models.catalogue import Release
from models.contracts import InstallError, LanguagePair
from models.discovery import named_languages, target_tokens
from models.install.checkpoint import read_json
from models.install.layout import Layout
from models.language import UnknownCode, is_family, normalise

_COLUMNS = {"testset": "testset", "bleu": "bleu", "chr-f": "chrf", "chrf": "chrf"}
_SIDES = re.compile(r"[.\-]([a-z]{2,3})[.\-]([a-z]{2,3})$")
_MOST_SCORES = 40
OPUS_MT_ATTRIBUTION = (
    "OPUS-MT, Language Technology Research Group, University of Helsinki (Tiedemann and Thottingal, 2020)."
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the files of a model came from."""

    id: str
    """What the model is to be called; its folder's name too."""
    source: str
    """Name in models.lock: a URL, `hub:` and a repository, or a path."""
    licence: str = ""
    attribution: str = ""
    revision: str = ""
    sha256: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    brought: tuple[str, ...] = ()
    """Names of all the files there are at the source, taken or not."""
    release: Release | None = None
    pairs: tuple[LanguagePair, ...] = ()
    """As the person who installs says; before everything else."""


def describe(files: Path, model: Path, origin: Origin, kind: Layout) -> dict[str, Any]:
    """A card's content, but for checksums and what the self-test finds. `files`: as they came; `model`: converted.

    Raises InstallError when the languages cannot be told.
    """
    given = read_json(files / "card.json") if (files / "card.json").exists() else {}
    tokens = target_tokens(model)
    pairs = _pairs(files, model, origin, kind) if origin.pairs or not given.get("pairs") else _given(given)
    page = _read(files / "README.md")
    card: dict[str, Any] = {
        **given,
        "id": origin.id,
        "pairs": [{"source": pair.source, "target": pair.target} for pair in pairs],
        "target_tokens": given.get("target_tokens")
        or {p.target: tokens[p.target] for p in pairs if p.target in tokens},
        "architecture": given.get("architecture", "marian"),
        "licence": origin.licence or given.get("licence") or licence_of(page) or "unknown",
        "attribution": origin.attribution or given.get("attribution", ""),
        "origin": given.get("origin") or origin.source,
        "token_limit": given.get("token_limit", DEFAULT_TOKEN_LIMIT),
        "positions": given.get("positions") or _positions(files, kind),
        "scores": given.get("scores") or [_score(each) for each in scores_of(page, pairs)],
    }
    if kind is Layout.ARGOS and not read_json(model / "config.json").get("add_source_eos"):
        card["append_end"] = False  # OpenNMT's models were trained without an end marker in the source
    return card


def licence_of(page: str) -> str:
    """The `license:` of a model page's front matter; empty if there is none."""
    found = re.match(r"---\n.*?^licen[sc]e: *['\"]?([\w.+-]+)", page, re.DOTALL | re.MULTILINE)
    return found[1] if found and found.start() == 0 else ""


def scores_of(page: str, pairs: Sequence[LanguagePair]) -> list[Score]:
    """The rows of the tables of test sets in OPUS-MT's pages that are of one of `pairs`."""
    columns: list[str] = []
    found: list[Score] = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if "|" in line else []
        names = [_COLUMNS.get(cell.lower(), "") for cell in cells]
        if "testset" in names and "chrf" in names:
            columns = names
        elif not cells:
            columns = []
        elif columns and len(cells) == len(columns):
            found += _row(dict(zip(columns, cells, strict=True)), pairs)
    return found[:_MOST_SCORES]


def _row(cells: Mapping[str, str], pairs: Sequence[LanguagePair]) -> Iterator[Score]:
    try:
        score = read_score(cells, pair) if (pair := _pair_of(cells["testset"], pairs)) else None
    except ValueError:
        return
    if score and score.chrf > 0:
        # OPUS-MT's tables have chr-F between 0 and 1.
        yield replace(score, chrf=round(100 * score.chrf, 1)) if score.chrf <= 1 else score


def _pair_of(testset: str, pairs: Sequence[LanguagePair]) -> LanguagePair | None:
    sides = _SIDES.search(testset)
    try:
        pair = LanguagePair(normalise(sides[1]), normalise(sides[2])) if sides else None
    except UnknownCode:
        pair = None
    if pair in pairs:
        return pair
    return pairs[0] if pair is None and len(pairs) == 1 else None


def _pairs(files: Path, model: Path, origin: Origin, kind: Layout) -> list[LanguagePair]:
    tokens = target_tokens(model)
    sources, targets = _sides(files, origin, kind, tokens)
    reached = [each for each in tokens if not targets or each in targets] if tokens else targets
    pairs = [LanguagePair(s, t) for s in sources for t in reached if s != t]
    if origin.pairs:
        missing = [str(pair) for pair in origin.pairs if tokens and pair.target not in tokens]
        if missing:
            raise InstallError(f"The model has no token for the target of {', '.join(missing)}.")
        return list(origin.pairs)
    if not tokens and len(set(targets)) > 1:
        raise InstallError(
            f"{origin.id} writes {len(set(targets))} languages, and its vocabulary has no token that asks for one. "
            f"If it writes but one, say so: --pairs hu-en."
        )
    if not pairs:
        raise InstallError(
            f"The languages of {origin.id} cannot be told from its name or files. Name them: --pairs hu-en."
        )
    return pairs


def _sides(
    files: Path, origin: Origin, kind: Layout, tokens: Mapping[str, str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Source and target languages; no target where the vocabulary's tokens name them."""
    if origin.release is not None:
        return sorted(origin.release.sources), sorted(origin.release.targets)
    if kind is Layout.ARGOS:
        metadata = read_json(files / "metadata.json")
        return _codes([metadata.get("from_code")]), _codes([metadata.get("to_code")])
    sources, targets = named_languages(origin.id)
    if not sources:
        # A family's name: its languages are those that the page lists, less those that are written.
        listed = _codes(origin.languages)
        sources = tuple(code for code in listed if code not in {*targets, *tokens}) or listed
    if not sources:
        stated = (
            read_json(files / "tokenizer_config.json") if (files / "tokenizer_config.json").exists() else {}
        )
        sources, targets = _codes([stated.get("source_lang")]), targets or _codes([stated.get("target_lang")])
    return sources, () if tokens else targets


def _codes(values: Sequence[object]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in values:
        try:
            if not is_family(str(value)):
                found[normalise(str(value))] = None
        except UnknownCode:
            continue
    return tuple(found)


def _given(card: Mapping[str, Any]) -> list[LanguagePair]:
    return [LanguagePair(normalise(each["source"]), normalise(each["target"])) for each in card["pairs"]]


def _positions(files: Path, kind: Layout) -> int:
    """Marian's own models have no limit of their own, and were trained on nothing longer."""
    if kind is not Layout.TRANSFORMERS:
        return MARIAN_POSITIONS
    return int(read_json(files / "config.json").get("max_position_embeddings", MARIAN_POSITIONS))


def _score(score: Score) -> dict[str, object]:
    row = {
        "testset": score.testset,
        "source": score.pair.source,
        "target": score.pair.target,
        "chrf": score.chrf,
    }
    return row if score.bleu is None else row | {"bleu": score.bleu}


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
