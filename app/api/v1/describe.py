"""GET /v1/languages and /v1/models: what this server can do."""

import asyncio

from fastapi import APIRouter, Depends, Response

from app import bodies
from app.api.access import TO_LOOK_AROUND, GuardedRoute, LookingAround
from app.api.deps import Running, reply
from app.api.schemas.models import LanguagesReply, ModelsReply
from app.decisive import terms

router = APIRouter(
    prefix="/v1", tags=["models"], route_class=GuardedRoute, dependencies=[Depends(TO_LOOK_AROUND.caller)]
)


@router.get("/languages", response_model=LanguagesReply, summary="Pairs that can be translated")
async def languages(running: Running, caller: LookingAround) -> Response:
    """Every pair that the caller's tenant may use, with its route, and every language that detection can name."""
    return reply(
        {
            "pairs": [bodies.route(each) for each in running.router.routes(tenant=caller.tenant.name)],
            "detectable": list(running.detector.languages),
        }
    )


@router.get("/models", response_model=ModelsReply, summary="Installed models with their cards")
async def models(running: Running, caller: LookingAround) -> Response:
    """Origin, licence, checksums and scores of every model that the caller's tenant may use; folders that cannot be
    served, with the reason.
    """
    pool = running.pool
    found = await asyncio.to_thread(terms, running.settings)
    known = running.router.installed(tenant=caller.tenant.name)
    return reply(bodies.models(known, found, loaded=pool.resident, quarantined=pool.quarantined))
