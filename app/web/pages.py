"""All pages of the web form."""

from fastapi import APIRouter

from app.web import assets, home, signing, usage

router = APIRouter(include_in_schema=False)
for part in (home, signing, usage, assets):
    router.include_router(part.router)
