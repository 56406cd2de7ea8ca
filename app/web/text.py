"""A text pasted into the form: translated and charged like any other request."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from app.api.deps import while_connected
from app.api.priority import priority_of
from app.api.protection import protection
from app.api.recall import recalling
from app.glossary.asked import Asked
from app.glossary.matching import Protection
from app.results import TextResult, TranslationRequest
from app.tenants.limiter import Unit
from app.tenants.tenant import Scope
from app.web.visitor import Visitor
from batching.work import Priority

AUTO = "auto"
NONCE_FIELD = "once"
LONGEST_CODE = 35
LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Pasted:
    text: str
    source: str
    target: str
    nonce: str
    """Of the page: the same text from it is the same request, so that a reload is not charged again."""
    glossary: str = ""
    """Its id, or nothing."""

    @property
    def digest(self) -> str:
        parts = (self.nonce, self.source, self.target, self.text, *([self.glossary] if self.glossary else []))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def pasted(form: Mapping[str, str]) -> Pasted:
    return Pasted(
        form.get("text", ""),
        form.get("source", AUTO)[:LONGEST_CODE] or AUTO,
        form.get("target", "")[:LONGEST_CODE],
        form.get(NONCE_FIELD, "")[:64],
        form.get("glossary", "")[:LONGEST_ID],
    )


async def translated(request: Request, visitor: Visitor, wanted: Pasted) -> tuple[TextResult, int]:
    """And the characters billed. Raises what TranslationService.translate raises, RateLimited ClientGone, and NotThere
    for a glossary that was deleted meanwhile.
    """
    running, caller = visitor.running, visitor.who
    enforced = await enforced_by(visitor, wanted.glossary, target=wanted.target)
    priority = priority_of(None, len(wanted.text.encode()))
    if priority is Priority.INTERACTIVE:
        caller.require(Scope.TRANSLATE)
    await running.limiter.take(caller, Unit.CHARACTERS, len(wanted.text))
    asked = TranslationRequest(
        texts=[wanted.text],
        target=wanted.target,
        source=None if wanted.source == AUTO else wanted.source,
        tenant=caller.tenant.name,
        key_id=caller.key_id,
        priority=priority,
        idempotency_key=f"web:{wanted.digest}",
        digest=wanted.digest,
        timeout=running.settings.request_timeout,
        id=request.scope["dragoman.id"],
        protection=enforced,
        memory=(await recalling(running, caller)).on,
    )
    result = await while_connected(request, running.translation.translate(asked))
    if not result.duplicate:
        running.telemetry.charged(result.entry, result.tallies)
    return result.texts[0], 0 if result.duplicate else result.entry.billed_characters


async def enforced_by(visitor: Visitor, glossary: str, *, target: str) -> Protection:
    """Raises NotThere."""
    return await protection(visitor.running, visitor.who, Asked(glossary or None), target=target)
