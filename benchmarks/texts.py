"""Text beside the checkout (../shared): FLORES, its references, and what the starter models were distilled on."""

import lzma
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.bench.corpus import MOST, digest, ordered, single
from app.bench.machine import ROOT


def shared() -> Path | None:
    """The folder of shared material beside the checkout, if there is one; DRAGOMAN_SHARED names another."""
    named = os.environ.get("DRAGOMAN_SHARED")
    places = [Path(named)] if named else [ROOT.parent / "shared", Path("/work/shared")]
    return next((place for place in places if place.is_dir()), None)


def evaluation() -> tuple[str, ...]:
    """English lines of FLORES that are one sentence; none without it."""
    folder = flores()
    return _ordered_lines(folder / "eng.txt") if folder else ()


def distilled() -> Iterator[str]:
    """Only what looks like a sentence: interface labels would make a corpus of another kind."""
    folder = shared()
    file = folder / "starter-train" / "en.tsv.xz" if folder else None
    if file is None or not file.exists():
        return
    with lzma.open(file, "rt", encoding="utf-8") as stream:
        for line in stream:
            text = line.rstrip("\n").partition("\t")[2].strip()
            if 40 <= len(text) <= MOST and text[0].isupper() and text[-1] == "." and single(text):
                yield text


def aligned(count: int) -> list[tuple[str, str]]:
    """English sentences and their Portuguese references; none without FLORES."""
    folder = flores()
    if folder is None:
        return []
    pairs = zip(_lines(folder / "eng.txt"), _lines(folder / "por.txt"), strict=True)
    return sorted(((a, b) for a, b in pairs if single(a)), key=lambda pair: digest(pair[0]))[:count]


@cache
def _ordered_lines(file: Path) -> tuple[str, ...]:
    return ordered(_lines(file))


def flores() -> Path | None:
    folder = shared()
    return (
        folder / "data" / "flores" if folder and (folder / "data" / "flores" / "eng.txt").exists() else None
    )


def _lines(file: Path) -> list[str]:
    return [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
