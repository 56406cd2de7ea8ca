"""What a request wants enforced, as a body or a form says it."""

import asyncio

import orjson
from pydantic import ValidationError

from app.api.schemas.translate import ProtectBody
from app.errors import InvalidRequest
from app.glossary.asked import Asked
from app.glossary.matching import Protection
from app.runtime import Runtime
from app.tenants.caller import Caller

_NOTHING = ProtectBody()


def asked(glossary: str | dict[str, str] | None, protect: ProtectBody | None) -> Asked:
    wish = protect or _NOTHING
    return Asked(glossary, wish.names, wish.patterns, wish.identifiers)


async def protection(running: Runtime, caller: Caller, wish: Asked, *, target: str) -> Protection:
    """Raises NotThere, and InvalidRequest for terms or patterns that cannot be."""
    if not wish.stored:
        return wish.protection(running.glossaries, caller.tenant.name, target=target)
    return await asyncio.to_thread(wish.protection, running.glossaries, caller.tenant.name, target=target)


def asked_of_form(glossary: str | None, protect: str | None) -> Asked:
    """`glossary`: an id, or terms as a JSON object; `protect`: JSON, as in a body. Raises InvalidRequest."""
    try:
        wish = ProtectBody.model_validate_json(protect) if protect else None
    except ValidationError:
        raise InvalidRequest("`protect` is JSON with `names`, `patterns` and `identifiers`.") from None
    if not glossary or not glossary.lstrip().startswith("{"):
        return asked(glossary or None, wish)
    try:
        terms = orjson.loads(glossary)
    except orjson.JSONDecodeError:
        terms = {"": None}
    if not all(isinstance(wanted, str) for wanted in terms.values()):
        raise InvalidRequest("`glossary` is an id, or terms as a JSON object of strings.")
    return asked(dict(terms), wish)
