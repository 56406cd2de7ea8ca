"""The OpenAPI description: FastAPI's, completed by what it cannot know."""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from app.api import access, measures
from app.api.schemas.operations import ProblemBody

_REFERENCE = "#/components/schemas/{model}"
_TRANSLATING = ("/translate", "/translate_file")
_HEADERS = {
    "X-Request-Id": "Names this request in the service's log and ledger.",
    measures.CHARACTERS: "Characters of the texts sent.",
    "X-Budget-Warning": "Where the tenant's month stands, from four fifths of its budget on.",
    "RateLimit-Remaining": "Of the nearest limit a minute, `RateLimit-Limit`, for `RateLimit-Reset` seconds.",
    measures.COMPUTE: "Engine thread time this request took.",
    measures.LOAD: "A cold start: how long it waited for models to be loaded. Absent where they were.",
}


def describe(app: FastAPI, *, bodies: Sequence[type[BaseModel]] = ()) -> None:
    """Makes `app.openapi` add the schemas of problems and of `bodies`, and the headers of translations."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app, bodies)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(app: FastAPI, bodies: Sequence[type[BaseModel]]) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        license_info=app.license_info,
        routes=app.routes,
    )
    problem = ProblemBody.model_json_schema(ref_template=_REFERENCE)
    schemas = schema["components"]["schemas"]
    schemas.update(problem.pop("$defs"))
    schemas["ProblemBody"] = problem
    for model in bodies:
        schemas[model.__name__] = model.model_json_schema(ref_template=_REFERENCE)
    headers = {name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()}
    for path, methods in schema["paths"].items():
        # Other services' surfaces may be off, or under a prefix.
        if path.endswith(_TRANSLATING) and "post" in methods:
            methods["post"]["responses"]["200"].setdefault("headers", {}).update(headers)
    schema["components"]["securitySchemes"] = access.SECURITY
    return schema
