"""What is asked of a server step by step, each step by what came of the one before. Pure: a client makes the calls.

One client waits for a call and the other awaits it; Python has no word for both, so the methods of the two, and the few
lines that make a call, are there twice. All that decides anything is here, and in calls, retries and windows.
"""

from collections.abc import Generator
from itertools import count
from typing import Any, TypeVar

import httpx

from app.client import calls
from app.client.answers import Job
from app.client.calls import Asked, Call
from app.client.retries import Outcome, answered, looks, parsed
from app.client.windows import Answered, Tried, Window, halving
from app.errors import Refused

T = TypeVar("T")
Step = Call[Any] | float
"""A call to be made, or seconds to wait."""
Conversation = Generator[Step, Outcome | None, T]
"""Is sent what came of each call; returns what it was about."""


def sent(call: Call[Any], url: httpx.URL) -> Conversation[httpx.Response]:
    """`url`: of the server, to be named where there is none. Raises Refused and Unreachable."""
    for attempt in count(1):
        outcome = yield call
        assert outcome is not None  # noqa: S101 - a call comes to something
        found = answered(outcome, attempt, url=url, reached=call.patient, again=call.again)
        if not isinstance(found, float):
            return found
        yield found
    raise AssertionError  # count() never ends


def asked_for(call: Call[T], url: httpx.URL) -> Conversation[T]:
    body: T = parsed((yield from sent(call, url)))
    return body


def finished(job: str, url: httpx.URL) -> Conversation[Job]:
    """Once it is over."""
    for wait in looks():
        found = yield from asked_for(calls.job(job), url)
        if found["finished_at"] is not None:
            return found
        yield wait
    raise AssertionError  # looks() never ends


def whole(window: Window, asked: Asked, url: httpx.URL, *, patient: bool) -> Conversation[Answered]:
    """Halved where the server refuses it for its size."""
    asking = halving(window, target=asked.target)
    part = next(asking)
    while True:
        tried = yield from _tried(part, asked, url, patient=patient)
        try:
            part = asking.send(tried)
        except StopIteration as stop:
            done: Answered = stop.value
            return done


def _tried(part: Window, asked: Asked, url: httpx.URL, *, patient: bool) -> Conversation[Tried]:
    try:
        return (yield from asked_for(calls.translate(part.texts, asked, key=part.key, patient=patient), url))
    except Refused as refused:
        return refused
