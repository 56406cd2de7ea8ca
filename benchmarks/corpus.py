"""Sentences to measure with: real, distinct, chosen by hash, the same in every run."""

import hashlib
import json
import lzma
import os
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from app.segmentation import split
from benchmarks.machine import ROOT

SEED = "dragoman-1"
MOST = 400
"""Characters: longer sentences may be cut to the model's limit, which raw calls would not do."""
MESSAGES = ROOT / "examples" / "messages.jsonl"


def shared() -> Path | None:
    """The folder of shared material beside the checkout, if there is one; DRAGOMAN_SHARED names another."""
    named = os.environ.get("DRAGOMAN_SHARED")
    places = [Path(named)] if named else [ROOT.parent / "shared", Path("/work/shared")]
    return next((place for place in places if place.is_dir()), None)


def sentences(count: int) -> list[str]:
    """Distinct English sentences, each one segment to the service.

    From FLORES and then, once that is used up, from the text the starter models were distilled on; without
    those from the bundled messages, and then from pairs of them. Fewer than `count` only if all that is too little.
    """
    chosen: dict[str, None] = {}
    for source in (_evaluation(), _plenty()):
        for sentence in source:
            if len(chosen) == count:
                return list(chosen)
            chosen[sentence] = None
    return list(chosen)


def aligned(count: int) -> list[tuple[str, str]]:
    """English sentences and their Portuguese references; none without FLORES."""
    folder = _flores()
    if folder is None:
        return []
    pairs = zip(_lines(folder / "eng.txt"), _lines(folder / "por.txt"), strict=True)
    return sorted(((a, b) for a, b in pairs if _single(a)), key=lambda pair: _digest(pair[0]))[:count]


@cache
def _evaluation() -> tuple[str, ...]:
    folder = _flores()
    return _ordered(_lines(folder / "eng.txt") if folder else _bundled())


def _plenty() -> Iterable[str]:
    folder = shared()
    trained = folder / "starter-train" / "en.tsv.xz" if folder else None
    if trained is None or not trained.exists():
        return _crossed(_ordered(_bundled()))
    return _distilled(trained)


def _distilled(file: Path) -> Iterator[str]:
    """Only what looks like a sentence: interface labels would make a corpus of another kind."""
    with lzma.open(file, "rt", encoding="utf-8") as stream:
        for line in stream:
            text = line.rstrip("\n").partition("\t")[2].strip()
            if 40 <= len(text) <= MOST and text[0].isupper() and text[-1] == "." and _single(text):
                yield text


def _crossed(parts: tuple[str, ...]) -> Iterator[str]:
    for step in range(1, len(parts)):
        for index, part in enumerate(parts):
            yield f"{part.rstrip('.!?')}, and {parts[(index + step) % len(parts)]}"


def _bundled() -> Iterator[str]:
    for line in MESSAGES.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = record["text"] if record["language"] == "en" else record.get("reference") or ""
        yield from (text[part.start : part.end] for part in split(text))


def _ordered(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({text for text in texts if _single(text)}, key=_digest))


def _single(text: str) -> bool:
    return 20 <= len(text) <= MOST and len(split(text)) == 1


def _flores() -> Path | None:
    folder = shared()
    return (
        folder / "data" / "flores" if folder and (folder / "data" / "flores" / "eng.txt").exists() else None
    )


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]


def _digest(text: str) -> bytes:
    return hashlib.sha256(f"{SEED}\0{text}".encode()).digest()
