"""How well and how fast a pair is translated here: a test set through the whole service, with a ledger of its own that
is thrown away.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import psutil

from app.errors import ConfigurationError, InvalidRequest
from app.results import TranslationRequest, TranslationResult
from app.runtime import Runtime, open_runtime
from app.settings import Settings
from batching.work import Priority
from models.card import Score
from models.contracts import LanguagePair
from models.preferences import Preferences, Rule
from models.route import Route

_WINDOW = 500
"""Lines in one request."""
_JSON_LINES = (".jsonl", ".ndjson")
_TOKENIZERS = {"zh": "zh", "ja": "char", "ko": "char", "th": "char", "lo": "char", "km": "char", "my": "char"}
"""BLEU counts words; where none are parted by spaces, signs."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A test set."""

    name: str
    sources: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    pair: LanguagePair
    route: Route
    sample: Sample
    chrf: float
    bleu: float
    signatures: tuple[str, str]
    """Of chrF and BLEU, as sacrebleu writes them: what exactly was computed."""
    failed: int
    """Lines without a translation; they count as empty ones."""
    seconds: float
    compute_seconds: float
    memory: int
    """Bytes that the process grew by, from before the models were loaded."""

    @property
    def score(self) -> Score:
        return Score(self.sample.name, self.pair, round(self.chrf, 2), round(self.bleu, 2))

    def body(self) -> dict[str, Any]:
        characters = sum(map(len, self.sample.sources))
        return {
            "source": self.pair.source,
            "target": self.pair.target,
            "route": list(self.route.languages),
            "models": list(self.route.models),
            "fingerprints": [card.fingerprint for card in self.route.cards],
            "testset": self.sample.name,
            "lines": len(self.sample.sources),
            "failed": self.failed,
            "characters": characters,
            "chrf": round(self.chrf, 2),
            "bleu": round(self.bleu, 2),
            "chrf_signature": self.signatures[0],
            "bleu_signature": self.signatures[1],
            "seconds": round(self.seconds, 3),
            "compute_seconds": round(self.compute_seconds, 3),
            "characters_per_second": round(characters / self.seconds, 1),
            "memory_bytes": self.memory,
        }


def scorer() -> ModuleType:
    """Raises ConfigurationError where it is not installed."""
    try:
        import sacrebleu  # noqa: PLC0415  an extra
    except ImportError:
        raise ConfigurationError(
            "Scores are computed by sacrebleu, which is not installed. Install it: pip install 'dragoman[eval]'."
        ) from None
    found: ModuleType = sacrebleu
    return found


def read_sample(file: Path, references: Path | None, *, name: str | None = None) -> Sample:
    """Lines of `file` beside those of `references`; without, `file` holds both: JSON Lines with `source` and
    `reference` where its name says so or its first line is such, else source, tab, reference a line.

    Raises InvalidRequest and OSError.
    """
    if references is not None:
        sources, wanted = _lines(file), _lines(references)
        if len(sources) != len(wanted):
            raise InvalidRequest(f"{file} has {len(sources)} lines and {references} {len(wanted)}.")
    else:
        lines = _lines(file)
        read = _record if _is_json(file, lines) else _row
        rows = [read(line, file, number) for number, line in enumerate(lines, 1)]
        sources, wanted = [source for source, _ in rows], [reference for _, reference in rows]
    if not sources:
        raise InvalidRequest(f"{file} is empty.")
    return Sample(name or file.stem, tuple(sources), tuple(wanted))


async def evaluate(
    settings: Settings, pair: LanguagePair, sample: Sample, *, models: tuple[str, ...] = ()
) -> Evaluation:
    """`models`: a route by these and no others. Raises ConfigurationError, NoRouteError or StorageError."""
    metrics = scorer()
    with tempfile.TemporaryDirectory(prefix="dragoman-eval-") as folder:
        # Nothing is remembered, charged, or looked at anew while it runs.
        own: dict[str, object] = {
            "data_dir": Path(folder),
            "database_url": "",
            "blobs": "",
            "cache": "off",
            "model_rescan": 0.0,
        }
        async with open_runtime(Settings(**settings.model_dump() | own), unlimited=True) as running:
            running.router.replace(running.catalogue, _rules(running, pair, models))
            route = running.router.route(pair.source, pair.target)
            before = psutil.Process().memory_info().rss
            for card in route.cards:
                await running.dispatcher.warm(card)
            started = time.perf_counter()
            results = [await _translated(running, window, pair) for window in _windows(sample.sources)]
            seconds = time.perf_counter() - started
            memory = psutil.Process().memory_info().rss - before
    texts = [text.text for result in results for text in result.texts]
    compute_ns = sum(result.entry.compute_ns for result in results)
    return _scored(metrics, pair, route, sample, texts, seconds, compute_ns * 1e-9, max(memory, 0))


def _rules(running: Runtime, pair: LanguagePair, models: tuple[str, ...]) -> Preferences:
    """The operator's, but for what tenants may use: it is no tenant's work that is measured."""
    if models:
        return Preferences(rules={pair: Rule(models)})
    return replace(running.router.preferences, tenants={})


async def _translated(running: Runtime, texts: Sequence[str], pair: LanguagePair) -> TranslationResult:
    return await running.translation.translate(
        TranslationRequest(texts, pair.target, source=pair.source, priority=Priority.BULK)
    )


def _scored(
    metrics: ModuleType,
    pair: LanguagePair,
    route: Route,
    sample: Sample,
    texts: Sequence[str | None],
    seconds: float,
    compute_seconds: float,
    memory: int,
) -> Evaluation:
    answers, references = [text or "" for text in texts], [list(sample.references)]
    chrf = metrics.CHRF()
    bleu = metrics.BLEU(tokenize=_TOKENIZERS.get(pair.target, "13a"))
    return Evaluation(
        pair,
        route,
        sample,
        float(chrf.corpus_score(answers, references).score),
        float(bleu.corpus_score(answers, references).score),
        (str(chrf.get_signature()), str(bleu.get_signature())),
        sum(text is None for text in texts),
        seconds,
        compute_seconds,
        memory,
    )


def _windows(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[first : first + _WINDOW] for first in range(0, len(texts), _WINDOW)]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").rstrip("\n").split("\n") if file.stat().st_size else []
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{file} is not in UTF-8.") from error


def _is_json(file: Path, lines: Sequence[str]) -> bool:
    return file.suffix.lower() in _JSON_LINES or bool(lines and _parsed(lines[0]))


def _record(line: str, file: Path, number: int) -> tuple[str, str]:
    match _parsed(line):
        case {"source": str(source), "reference": str(reference)}:
            return source, reference
    raise InvalidRequest(f"Line {number} of {file} is no JSON object with source and reference, both texts.")


def _parsed(line: str) -> dict[str, object]:
    """Empty for what is no JSON object."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _row(line: str, file: Path, number: int) -> tuple[str, str]:
    source, tab, reference = line.partition("\t")
    if not tab:
        raise InvalidRequest(
            f"Line {number} of {file} holds no tab. Write source, tab, reference; or name the file with the "
            f"references: --references."
        )
    if "\t" in reference:
        raise InvalidRequest(
            f"Line {number} of {file} holds more than one tab. Write source, tab, reference and nothing else."
        )
    return source, reference
