"""Sentences to measure with: real, distinct, chosen by hash, the same in every run."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from app.bench.machine import ROOT
from app.segmentation import split

SEED = "dragoman-1"
MOST = 400
"""Characters: longer sentences may be cut to the model's limit, which raw calls would not do."""
MESSAGES = ROOT / "examples" / "messages.jsonl"
"""Part of the checkout; an installed Dragoman has the sentences below."""
SENTENCES = Path(__file__).parents[1] / "cli" / "sentences.json"

Source = Callable[[], Iterable[str]]
_preferred: list[Source] = []


def prefer(*sources: Source) -> None:
    """Takes sentences from these, in this order, before the bundled ones."""
    _preferred[:] = sources


def sentences(count: int) -> list[str]:
    """Distinct English sentences, each one segment to the service.

    From what is preferred, then from the bundled text, then from pairs of its sentences. Fewer than `count` only if
    all that is too little.
    """
    chosen: dict[str, None] = {}
    bundled = ordered(messages())
    for text in chain(*(source() for source in _preferred), bundled, _crossed(bundled)):
        if len(chosen) == count:
            break
        chosen[text] = None
    return list(chosen)


def messages() -> Iterator[str]:
    """The bundled English text, sentence by sentence."""
    if not MESSAGES.exists():
        yield from json.loads(SENTENCES.read_text(encoding="utf-8"))["en"]
        return
    for line in MESSAGES.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        text = record["text"] if record["language"] == "en" else record.get("reference") or ""
        yield from (text[part.start : part.end] for part in split(text))


def ordered(texts: Iterable[str]) -> tuple[str, ...]:
    """Those that can be measured with, by hash."""
    return tuple(sorted({text for text in texts if single(text)}, key=digest))


def single(text: str) -> bool:
    return 20 <= len(text) <= MOST and len(split(text)) == 1


def digest(text: str) -> bytes:
    return hashlib.sha256(f"{SEED}\0{text}".encode()).digest()


def _crossed(parts: tuple[str, ...]) -> Iterator[str]:
    for step in range(1, len(parts)):
        for index, part in enumerate(parts):
            yield f"{part.rstrip('.!?')}, and {parts[(index + step) % len(parts)]}"
