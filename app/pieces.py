"""Texts of a request as they go back, one a text sent: plain, or markup that was taken apart into units."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.documents.format import Document, DocumentFormat, Options, Translated
from app.documents.inline import TranslatedSegment, place
from app.flags import FORMATTING_APPROXIMATE
from app.results import Failure, Status, TextResult

_MARK = "\ufeff"
"""Before the text: it is Unicode already, whatever encoding it says it is in."""
_ROOT, _ROOT_END = '<dragoman xml:space="preserve">', "</dragoman>"
"""Round a piece of XML, which need not be one element."""
UNDETERMINED = "und"


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    """As it was sent where nothing of it could be translated."""
    source: str
    confidence: float | None
    """Calibrated probability; None where the language was named."""
    billed: int
    """Characters."""
    flags: tuple[str, ...] = ()
    failure: Failure | None = None
    """Why nothing, or not everything, was translated."""
    failed: bool = False
    """Nothing was."""
    alternatives: tuple[str, ...] = ()


def plain(sent: str, result: TextResult, *, charge_cached: bool) -> Piece:
    return Piece(
        sent if result.text is None else result.text,
        result.source,
        result.confidence,
        _billed(result, charge_cached=charge_cached),
        result.flags,
        result.failure,
        result.status is Status.FAILED,
        result.alternatives,
    )


def take_apart(form: DocumentFormat, text: str, *, kept: tuple[str, ...] = ()) -> Document:
    """`kept`: XML elements that stand as they are. Blocking. Raises the errors of documents."""
    if form.name == "xml":
        text = f"{_ROOT}{text}{_ROOT_END}"
    return form.extract((_MARK + text).encode(), Options(kept=kept))


def put_together(
    form: DocumentFormat,
    document: Document,
    results: Sequence[TextResult],
    *,
    target: str,
    charge_cached: bool,
) -> Piece:
    """`results`: one a unit. Blocking."""
    units = [_placed(document, number, result) for number, result in enumerate(results)]
    composed = form.compose(document, [translated for translated, _ in units], target=target)
    flags = {flag for _, found in units for flag in found}
    main = _main(results)
    return Piece(
        composed.data.decode().removeprefix(_MARK).removeprefix(_ROOT).removesuffix(_ROOT_END),
        UNDETERMINED if main is None else main.source,
        None if main is None else main.confidence,
        sum(_billed(result, charge_cached=charge_cached) for result in results),
        tuple(sorted(flags)),
        next((result.failure for result in results if result.failure is not None), None),
        bool(results) and all(result.status is Status.FAILED for result in results),
    )


def _placed(document: Document, number: int, result: TextResult) -> tuple[Translated | None, set[str]]:
    if result.status is not Status.TRANSLATED:
        return None, set(result.flags)
    placed = place(
        document.units[number],
        [TranslatedSegment(part.start, part.end, part.text, part.links) for part in result.segments],
    )
    return placed.translated, {*result.flags, *([FORMATTING_APPROXIMATE] if placed.approximate else [])}


def _main(results: Sequence[TextResult]) -> TextResult | None:
    """The longest of those in the language of most characters."""
    sizes: Counter[str] = Counter()
    for result in results:
        if result.source != UNDETERMINED:
            sizes[result.source] += result.characters
    if not sizes:
        return results[0] if results else None
    language = sizes.most_common(1)[0][0]
    mine = [result for result in results if result.source == language]
    total = sum(result.characters for result in mine)
    certain = sum((result.confidence or 0.0) * result.characters for result in mine)
    longest = max(mine, key=lambda result: result.characters)
    return replace(longest, confidence=certain / total) if longest.detected and total else longest


def _billed(result: TextResult, *, charge_cached: bool) -> int:
    """As app.charging counts: without what failed and, where that is free, what was remembered."""
    if result.status is Status.FAILED:
        return 0
    free = sum(
        segment.end - segment.start
        for segment in result.segments
        if segment.failure is not None or (segment.cached and not charge_cached)
    )
    return result.characters - free
