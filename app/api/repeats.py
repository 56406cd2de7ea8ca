"""Around every POST that costs something: sent again, it is not worked on and not charged a second time."""

from typing import Annotated, Any

from fastapi import Header, Request, Response

from app.api.deps import while_connected
from app.replay import ask
from app.replay.replays import Work
from app.runtime import Runtime
from app.tenants.caller import Caller

LONGEST_KEY = 255
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=LONGEST_KEY,
        description="Names this piece of work. A repeat with the same key and body gets the same answer and is billed "
        "once. Without a key, an equal body within `DRAGOMAN_REPLAY_WINDOW` is a repeat.",
    ),
]
HEADER = "Idempotency-Replayed"
REPLAYED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            HEADER: {
                "description": "`true`: the answer that an equal request got; nothing was charged this time.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    }
}


async def once(
    request: Request,
    running: Runtime,
    caller: Caller,
    work: Work,
    *,
    key: str | None,
    apart: str | None = None,
) -> Response:
    """The answer of `work` or of an equal request. `apart`: what else than the body makes it another."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    headers = request.headers
    asked = ask(
        tenant=caller.tenant.name,
        # With the query: other services' clients may say all of it there.
        address=f"{path}?{query}" if query else path,
        body=await request.body(),
        key=key,
        # Behind a proxy that authenticates, the token is the proxy's and none of our keys.
        credential=running.authenticator.presented(headers)
        or headers.get("authorization")
        or headers.get("x-api-key"),
        apart=apart,
    )
    answer = await while_connected(
        request,
        running.replays.once(asked, work),
        leave=lambda task: running.replays.leave(asked, task),
    )
    told = {**answer.headers, HEADER: "true"} if answer.replayed else dict(answer.headers)
    return Response(answer.body, headers=told, media_type="application/json")
