"""Questions to a server that may be busy, refuse, or answer more than anybody asked for."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx

from models.contracts import InstallError
from models.install.addresses import bare
from models.install.room import megabytes

T = TypeVar("T")

PLAIN = {"Accept-Encoding": "identity"}
_TRIES = 5
_PAUSE = 0.5
"""Seconds before the second try; doubled before every further one."""
_LONGEST_PAUSE = 60
"""Seconds: what a server may ask for before a further try."""
_MOST_ANSWER = 8 << 20
"""Bytes; a hub's page of a thousand files has 200,000."""


class Busy(Exception):
    """The server asks to come again later."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause
        """Seconds that it asks for, as far as anybody would wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    content: bytes
    following: str
    """Address of the next page; empty on the last."""


def get(client: httpx.Client, url: str) -> Answer:
    """A small answer, asked for again where the server is busy. Raises InstallError, also for one that is not small."""

    def once() -> Answer:
        content = bytearray()
        with client.stream("GET", url, headers=PLAIN) as response:
            admit(url, response)
            # What is packed tighter than by gzip may become a thousand times a chunk; it was not asked for.
            if response.headers.get("Content-Encoding", "identity") not in ("identity", "gzip"):
                raise InstallError(f"{bare(url)} answers in an encoding that was not asked for.")
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > _MOST_ANSWER:
                    raise InstallError(
                        f"{bare(url)} answers with more than {megabytes(_MOST_ANSWER)}; no hub does. It is not read."
                    )
            return Answer(bytes(content), response.links.get("next", {}).get("url", ""))

    return persist(once, url)


def persist(action: Callable[[], T], url: str) -> T:
    """What `action` returns, tried again where the connection breaks or the server is busy. Raises InstallError."""
    for attempt in range(_TRIES):
        pause = _PAUSE * 2**attempt
        try:
            return action()
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise InstallError(
                f"{bare(url)[:200]!a} is no address that anything can be fetched from."
            ) from None
        except (httpx.TooManyRedirects, httpx.DecodingError) as error:
            raise InstallError(f"{bare(url)} cannot be fetched: {type(error).__name__}.") from None
        except Busy as error:
            reason, pause = str(error), max(pause, error.pause)
        except httpx.TransportError as error:
            reason = type(error).__name__
        if attempt < _TRIES - 1:
            time.sleep(pause)
    raise InstallError(
        f"{bare(url)} could not be fetched: {reason}. What has arrived is kept; the same command goes on from there."
    )


def number(value: str) -> int | None:
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value) else None


def admit(url: str, response: httpx.Response) -> None:
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        raise Busy(f"status {response.status_code}", _asked(response))
    if not response.is_success:
        raise InstallError(_refusal(bare(url), response.status_code))


def _asked(response: httpx.Response) -> float:
    """Seconds for which the server wants to be left alone, a minute at most. Where it names an hour, its own clock
    counts if it tells that.
    """
    value = response.headers.get("Retry-After", "")
    seconds = number(value)
    if seconds is None and (then := _date(value)):
        now = _date(response.headers.get("Date", "")) or datetime.now(UTC)
        seconds = max(0, round((then - now).total_seconds()))
    return min(seconds or 0, _LONGEST_PAUSE)


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _refusal(url: str, status: int) -> str:
    if status in (401, 403):
        return (
            f"{url} is not there, or not open to you (status {status}). If it needs a token, set HF_TOKEN; if it has "
            f"terms, accept them on its page."
        )
    if status == 404:
        return f"There is nothing at {url}."
    return f"{url} answered with status {status}."
