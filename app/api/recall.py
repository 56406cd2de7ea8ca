"""Whether the tenant's memory answers a request: the tenant's policy, which a request may only narrow."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from app.errors import InvalidRequest
from app.runtime import Runtime
from app.tenants.caller import Caller
from app.tenants.tenant import Recall

Wish = Literal["off", "exact"]
WishField = Annotated[
    Wish | None,
    Field(
        description="`off`: no segment is answered by the translation memory. `exact`: those that are the very text of "
        "an entry are, refused where the tenant's policy does not let it be applied. Left out: as the policy says."
    ),
]


@dataclass(frozen=True, slots=True)
class Recalling:
    on: bool
    mark: str = ""
    """Tells apart requests whose bodies are equal: a line with the memory's version, or nothing."""


async def recalling(running: Runtime, caller: Caller, wish: Wish | None = None) -> Recalling:
    """Raises InvalidRequest for what the policy does not allow."""
    allowed = running.reviews.policy(caller.tenant) is Recall.EXACT
    if wish == "exact" and not allowed:
        raise InvalidRequest(
            "The tenant's translation memory is not applied. "
            f"`dragoman tenants update {caller.tenant.name} --memory exact` lets it be."
        )
    if wish == "off" or not allowed:
        return Recalling(on=False)
    version = await asyncio.to_thread(running.reviews.memory.version, caller.tenant.name)
    return Recalling(on=True, mark=f"\nmemory {version}")
