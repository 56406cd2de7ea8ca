"""A page's route: whatever goes wrong on it is said on a page, in the status that the API would give."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from app.api.problems import STATUS, refusal
from app.errors import DragomanError
from app.web.rendering import page, redirect
from app.web.visitor import SignInNeeded, Visitor
from app.web.words import Words
from batching.errors import Overloaded, Stopped
from models.contracts import ModelError

Expected = (DragomanError, Overloaded, Stopped, ModelError)
"""Errors whose message is for the person who meets it."""


class PageRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInNeeded as needed:
                return _to_sign_in(request, expired=needed.expired)
            except RequestValidationError:
                return _told(request, HTTPStatus.UNPROCESSABLE_ENTITY, words_of(request)("refused"))
            except HTTPException as error:
                return _told(request, error.status_code, _why(words_of(request), error.status_code))
            except Expected as error:
                return failed(request, error)
            finally:
                if "dragoman.upload" in request.scope:
                    await request.scope["dragoman.upload"].close()

        return handle


def _to_sign_in(request: Request, *, expired: bool) -> Response:
    place = "/sign-in?expired=1" if expired else "/sign-in"
    answer = redirect(request, place)
    if "hx-request" in request.headers:
        # A part of a page would be replaced by the whole sign-in page.
        answer.status_code = HTTPStatus.OK
        answer.headers["HX-Redirect"] = place
    return answer


def failed(request: Request, error: Exception) -> Response:
    """A page that says what went wrong."""
    answer = refusal(request, error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR if answer is None else answer.status_code
    made = _told(request, status, sentence(words_of(request), error))
    if answer is not None and "retry-after" in answer.headers:
        made.headers["Retry-After"] = answer.headers["retry-after"]
    return made


def sentence(say: Words, error: Exception) -> str:
    """In the reader's language where the catalogue knows the error."""
    return say.errors.get(code_of(error)) or told(error)


def told(error: Exception) -> str:
    return error.told if isinstance(error, DragomanError) else str(error)


def code_of(error: Exception) -> str:
    match error:
        case Overloaded():
            return "overloaded"
        case Stopped():
            return "stopping"
        case ModelError():
            return "model_unavailable"
    return str(getattr(error, "code", "internal_error"))


def status_of(error: Exception) -> int:
    return STATUS.get(code_of(error), HTTPStatus.INTERNAL_SERVER_ERROR).value


def words_of(request: Request) -> Words:
    visitor: Visitor = request.scope["dragoman.visitor"]
    return visitor.words


def _told(request: Request, status: int, message: str) -> Response:
    return page(request, "error.html", status=status, message=message)


def _why(say: Words, status: int) -> str:
    return say.errors["too_large"] if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else say("refused")
