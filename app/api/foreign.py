"""The work behind other services' translate routes: texts or markup in, pieces out, charged as ever."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request

from app.api.access import Needs
from app.api.measures import measures
from app.api.priority import priority_of
from app.documents.format import Options
from app.edges import USUAL, Manner
from app.errors import InvalidRequest, NoRoute
from app.glossary.matching import PLAIN, Protection
from app.jobs.job import Progress
from app.marked import Marked, Markup
from app.pieces import Piece, piece
from app.replay import Turn
from app.results import Failure, TextResult, TranslationRequest, TranslationResult
from app.runtime import Runtime
from app.tenants.caller import Caller
from app.tenants.limiter import Unit
from app.tenants.tenant import Scope
from models.contracts import ModelUnavailable

TO_TRANSLATE_AT_ONCE = Needs(Scope.TRANSLATE)
"""Their clients cannot say that nobody waits."""
ImpatientTranslator = Annotated[Caller, Depends(TO_TRANSLATE_AT_ONCE.caller)]


@dataclass(frozen=True, slots=True)
class Wish:
    texts: Sequence[str]
    target: str
    source: str | None
    markup: Markup | None = None
    options: Options = field(default_factory=Options)
    """Of the markup."""
    alternatives: int = 0
    """Of plain texts alone."""
    protection: Protection = PLAIN
    manner: Manner = USUAL
    memory: bool = False
    """Whether the tenant's memory is applied."""


async def pieces_of(
    wish: Wish, turn: Turn, *, request: Request, running: Runtime, caller: Caller
) -> tuple[list[Piece], dict[str, str]]:
    """One a text, and the headers that say what they took. Raises what the service raises, and why nothing could be
    translated where that is so of all.
    """
    charge_cached = running.settings.charge_cached
    asked = await _request(wish, turn, request, running, caller)
    if wish.markup is None:
        result = await _translated(asked, running, caller)
        texts = result.texts
        parts: Sequence[Sequence[TextResult]] = [[text] for text in texts]
    else:
        loop = asyncio.get_running_loop()
        reading = partial(Marked.read, wish.texts, wish.markup, wish.options)
        marked = await loop.run_in_executor(running.workers, reading)
        result = await _translated(marked.asked(asked, counted=False), running, caller)
        parts = marked.by_text(result.texts)
        texts = (await loop.run_in_executor(running.workers, marked.answered, result)).texts
    found = [
        piece(sent, text, part, charge_cached=charge_cached)
        for sent, text, part in zip(wish.texts, texts, parts, strict=True)
    ]
    return _some(found), measures(result)


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


async def _request(
    wish: Wish, turn: Turn, request: Request, running: Runtime, caller: Caller
) -> TranslationRequest:
    return TranslationRequest(
        texts=wish.texts,
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
        protection=wish.protection,
        manner=wish.manner,
        memory=wish.memory,
    )


async def _translated(asked: TranslationRequest, running: Runtime, caller: Caller) -> TranslationResult:
    await running.limiter.take(caller, Unit.CHARACTERS, asked.characters)
    result = await running.translation.translate(asked)
    if not result.duplicate:
        running.telemetry.charged(result.entry, result.tallies)
    return result


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
