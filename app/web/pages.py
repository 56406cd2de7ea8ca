"""All pages of the web form."""

from fastapi import APIRouter

from app.web import assets, documents, home, rating, review, signing, usage

router = APIRouter(include_in_schema=False)
for part in (home, documents, review, rating, signing, usage, assets):
    router.include_router(part.router)

UPLOADS = "/documents"
"""Where a body may be as large as a document."""
