"""Style, script and icon: small, ours, and kept by browsers for good under the name that says what is in them."""

from fastapi import APIRouter, Depends, Response

from app.errors import NotThere
from app.web.rendering import ASSETS, HEADERS, asset
from app.web.routing import PageRoute
from app.web.visitor import ANYONE

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/assets/{name}", dependencies=[Depends(ANYONE.visitor)])
async def assets(name: str) -> Response:
    if name not in ASSETS:
        raise NotThere("There is nothing at this address.")
    headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset(name), headers=headers, media_type=ASSETS[name])
