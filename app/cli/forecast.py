"""What a corpus would come to, worked out and put to a person."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from app.bulk.corpus import Corpus
from app.bulk.engine import Order
from app.cli import console
from app.errors import ConfigurationError

MOST_SENT = 100_000_000
"""Characters: the highest that DRAGOMAN_MAX_CHARACTERS goes."""
_MINUTE = 60


def made(records: Corpus, order: Order, *, server: str | None, key: str | None) -> Mapping[str, Any]:
    """The body of `POST /v1/estimate`. Raises also what is in the way of a run of this order: a glossary that is
    not there.
    """
    if server is None:
        return asyncio.run(_embedded(records, order))
    if order.enforced.glossary is not None:
        asyncio.run(_reached(server, key, order))
    return _by_server(server, key, records, order)


async def _reached(server: str, key: str | None, order: Order) -> None:
    from app.bulk.remote import connected  # noqa: PLC0415

    async with connected(server, order, key=key):
        pass


def _by_server(server: str, key: str | None, records: Corpus, order: Order) -> Mapping[str, Any]:
    """As one request, so that repeats are found among all: a corpus above the server's limits is refused."""
    from app.client import Dragoman  # noqa: PLC0415
    from app.validation import Limits, check_texts  # noqa: PLC0415

    texts: list[str] = []
    characters = 0
    for window in records.windows():
        texts += window.texts
        characters += window.characters
        if characters > MOST_SENT:
            raise ConfigurationError(
                f"A server estimates a corpus in one request, and this one has over {MOST_SENT:,} characters. "
                "Leave --server out: this machine does it in memory that does not grow."
            )
    check_texts(texts, Limits(None, None))
    with Dragoman(server, key=key) as client:
        return client.estimate(texts, target=order.target, source=order.source, candidates=order.candidates)


async def _embedded(records: Corpus, order: Order) -> dict[str, Any]:
    from app import bodies  # noqa: PLC0415
    from app.bulk.local import enforced  # noqa: PLC0415
    from app.runtime import open_runtime  # noqa: PLC0415
    from app.settings import load_settings  # noqa: PLC0415
    from app.tenants.tenant import LOCAL  # noqa: PLC0415
    from app.validation import listed_codes  # noqa: PLC0415

    console.quiet()
    settings = load_settings()
    async with open_runtime(settings, unlimited=True) as running:
        await enforced(running, order)
        begun = running.estimator.begin(
            target=order.target,
            source=order.source,
            candidates=order.candidates or listed_codes(settings.candidates),
            tenant=LOCAL,
            batched=True,
        )
        for window in records.windows():
            await asyncio.to_thread(begun.add, window.texts)
        return bodies.estimate(await asyncio.to_thread(begun.forecast))


def tell(body: Mapping[str, Any], *, stderr: bool = False) -> None:
    console.emit_table(("estimate", ""), list(_rows(body)), stderr=stderr)
    for each in body["missing"]:
        console.complain(
            f"{each['characters']:,} characters ({each['source']}) cannot be translated. {each['reason']}"
        )


def _rows(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("texts", "characters", "billed_characters", "unchanged_characters", "failed_characters"):
        yield name.replace("_", " "), f"{body[name]:,}"
    yield "segments", f"{body['segments']:,}, of them {body['repeats']:,} repeats"
    yield "languages", ", ".join(f"{name} {size:,}" for name, size in body["languages"].items()) or "none"
    for pair in body["pairs"]:
        if pair["models"]:
            done_by = " and ".join(pair["models"])
            yield f"{pair['source']}-{pair['target']}", f"{pair['characters']:,} characters by {done_by}"
    yield "pivot factor", f"{body['pivot_factor']:.2f}"
    yield "price", f"{body['price']} {body['currency']}"
    cost = body["cost"]
    yield "measured cost", f"{cost['value']} {body['currency']} ({cost['low']} to {cost['high']})"
    yield "engine time", _span(body["compute_seconds"])
    yield "time", f"{_span(body['seconds'])} if nothing else is to be done"
    for origin in dict.fromkeys(pair["speed"] for pair in body["pairs"] if pair["speed"]):
        yield "speed from", origin


def _span(found: Mapping[str, float]) -> str:
    value, low, high = (_duration(found[name]) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours:,} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
