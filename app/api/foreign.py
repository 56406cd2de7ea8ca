"""The work behind other services' translate routes: texts or markup in, pieces out, charged as ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from typing import Annotated, Any, Literal

from fastapi import Depends, Request

from app import pieces
from app.api.access import Needs
from app.api.priority import priority_of
from app.documents.format import Document, DocumentFormat, Unit
from app.documents.registry import by_name
from app.errors import InvalidRequest, NoRoute
from app.jobs.job import Progress
from app.pieces import Piece
from app.replay import Turn
from app.results import Failure, TextResult, TranslationRequest, TranslationResult
from app.runtime import Runtime
from app.tenants.caller import Caller
from app.tenants.limiter import Unit as Measure
from app.tenants.tenant import Scope
from models.contracts import ModelUnavailable

Markup = Literal["html", "xml"]
TO_TRANSLATE_AT_ONCE = Needs(Scope.TRANSLATE)
"""Their clients cannot say that nobody waits."""
ImpatientTranslator = Annotated[Caller, Depends(TO_TRANSLATE_AT_ONCE.caller)]


@dataclass(frozen=True, slots=True)
class Wish:
    texts: Sequence[str]
    target: str
    source: str | None
    markup: Markup | None = None
    kept: tuple[str, ...] = ()
    """XML elements that stand as they are."""
    alternatives: int = 0
    """Of plain texts alone."""


async def pieces_of(
    wish: Wish, turn: Turn, *, request: Request, running: Runtime, caller: Caller
) -> list[Piece]:
    """One a text. Raises what the service raises, and why nothing could be translated where that is so of all."""
    charge_cached = running.settings.charge_cached
    if wish.markup is None:
        texts = await _translated([Unit(text) for text in wish.texts], wish, turn, request, running, caller)
        return _some(
            [
                pieces.plain(sent, text, charge_cached=charge_cached)
                for sent, text in zip(wish.texts, texts, strict=True)
            ]
        )
    loop = asyncio.get_running_loop()
    form = by_name(wish.markup)
    documents = await loop.run_in_executor(running.workers, _taken_apart, form, wish)
    units = [unit for document in documents for unit in document.units]
    texts = await _translated(units, wish, turn, request, running, caller) if units else ()
    work = partial(_put_together, form, documents, texts, target=wish.target, charge_cached=charge_cached)
    return _some(await loop.run_in_executor(running.workers, work))


def remark(piece: Piece) -> dict[str, Any]:
    """What our field `dragoman` says of it."""
    return {"flags": list(piece.flags), "error": None if piece.failure is None else piece.failure.message}


def remark_on_parts(progress: Progress) -> dict[str, Any] | None:
    """The same of a document; None where nothing is to be said."""
    failed = progress.chunks_failed
    if not progress.flags and not failed:
        return None
    said = f"{failed} of {progress.chunks} parts stand as they were sent." if failed else None
    return {"flags": list(progress.flags), "error": said}


async def _translated(
    units: Sequence[Unit], wish: Wish, turn: Turn, request: Request, running: Runtime, caller: Caller
) -> Sequence[TextResult]:
    texts = [unit.text for unit in units]
    await running.limiter.take(caller, Measure.CHARACTERS, sum(map(len, texts)))
    asked = TranslationRequest(
        texts=texts,
        target=wish.target,
        source=wish.source,
        tenant=caller.tenant.name,
        key_id=caller.key_id,
        priority=priority_of(None, len(await request.body())),
        idempotency_key=turn.key,
        implicit_key=turn.implicit_key,
        digest=turn.digest,
        timeout=running.settings.request_timeout,
        alternatives=0 if wish.markup else wish.alternatives,
        id=request.scope["dragoman.id"],
        linked=[number for number, unit in enumerate(units) if unit.tags],
    )
    result: TranslationResult = await running.translation.translate(asked)
    if not result.duplicate:
        running.telemetry.charged(result.entry)
    return result.texts


def _taken_apart(form: DocumentFormat, wish: Wish) -> list[Document]:
    return [pieces.take_apart(form, text, kept=wish.kept) for text in wish.texts]


def _put_together(
    form: DocumentFormat,
    documents: Sequence[Document],
    results: Sequence[TextResult],
    *,
    target: str,
    charge_cached: bool,
) -> list[Piece]:
    ends = accumulate((len(document.units) for document in documents), initial=0)
    return [
        pieces.put_together(form, document, results[start:end], target=target, charge_cached=charge_cached)
        for document, (start, end) in zip(documents, pairwise(ends), strict=True)
    ]


def _some(found: list[Piece]) -> list[Piece]:
    """Raises the first failure where there is nothing but failures: the other's answers have no place for it."""
    if found and all(piece.failed for piece in found):
        failure = found[0].failure
        raise _error(failure or Failure("language_undetermined", "Nothing could be translated."))
    return found


def _error(failure: Failure) -> Exception:
    match failure.code:
        case "no_route":
            return NoRoute(failure.message)
        case "engine_failed" | "model_unavailable":
            return ModelUnavailable(failure.message)
    return InvalidRequest(failure.message)
