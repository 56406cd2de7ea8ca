"""A service that dies by SIGKILL at named points of a request, and comes back on the same port.

`python -m tests.app.replay.mortal ORDERS`, settings from the environment. ORDERS is a file that says what is to happen
to whom: a line `point count` kills the process when it comes to that point for that time; the line is gone before
the process is, so that the next one lives on. What listens is the product's own `serve_on`; the points are put
around its functions here, so that nothing in the product could be told to die.

The parent has everything imported, holds the socket, and forks a child for each life: a start costs a fraction of
what a new interpreter would.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import main, runtime, server
from app.detection import Detector
from app.journey import Journey
from app.ledger import store
from app.ledger.committer import Committer
from app.settings import Settings, load_settings
from app.translation import TranslationService
from batching.dispatcher import Dispatcher

POINTS = (
    "before_admit",
    "after_plan",
    "after_engine",
    "before_commit",
    "in_transaction",
    "after_commit",
    "during_reply",
)


class Orders:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def at(self, point: str) -> None:
        with self._lock:
            first, *others = [*self._path.read_text().splitlines(), ""]
            name, _, count = first.partition(" ")
            if name != point:
                return
            left = int(count) - 1
            kept = [f"{point} {left}", *others] if left else others
            self._path.write_text("\n".join(filter(None, kept)))
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, reached: Callable[[], None]) -> None:
    whole = getattr(owner, name)

    def mortal(*args: Any, **kwargs: Any) -> Any:
        reached()
        return whole(*args, **kwargs)

    setattr(owner, name, mortal)


def after(owner: Any, name: str, reached: Callable[[], None]) -> None:
    whole = getattr(owner, name)

    def mortal(*args: Any, **kwargs: Any) -> Any:
        result = whole(*args, **kwargs)
        reached()
        return result

    setattr(owner, name, mortal)


def after_awaiting(owner: Any, name: str, reached: Callable[[], None]) -> None:
    whole = getattr(owner, name)

    async def mortal(*args: Any, **kwargs: Any) -> Any:
        result = await whole(*args, **kwargs)
        reached()
        return result

    setattr(owner, name, mortal)


class HalfReply:
    """Sends half the body of a translation before it is told that it came to the point."""

    def __init__(self, app: ASGIApp, reached: Callable[[], None]) -> None:
        self._app = app
        self._reached = reached

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def halved(message: Message) -> None:
            body = message.get("body", b"")
            if scope["type"] != "http" or scope["path"] != "/v1/translate" or not body:
                await send(message)
                return
            half = len(body) // 2
            await send({**message, "body": body[:half], "more_body": True})
            self._reached()
            await send({**message, "body": body[half:]})

        await self._app(scope, receive, halved)


def arm(orders: Orders) -> None:
    def at(point: str) -> Callable[[], None]:
        return lambda: orders.at(point)

    before(Dispatcher, "admit", at("before_admit"))
    after_awaiting(TranslationService, "_planned", at("after_plan"))
    after_awaiting(Journey, "made", at("after_engine"))
    before(Committer, "append", at("before_commit"))
    after(store, "record_many", at("in_transaction"))
    after(store.Ledger, "append_many", at("after_commit"))
    made = main.create_app
    setattr(server, "create_app", lambda settings: HalfReply(made(settings), at("during_reply")))  # noqa: B010


def live(settings: Settings) -> None:
    """Lives in children, until the parent is told to end."""
    detector = Detector(threshold=settings.detection_threshold, engine=settings.detector)
    setattr(runtime, "_detector", lambda *_, **__: detector)  # noqa: B010  loaded once, for all children
    sock = server.bind(settings)
    print(sock.getsockname()[1], flush=True)  # noqa: T201
    child = 0

    def end(_signal: int, _frame: FrameType | None) -> None:
        os.kill(child, signal.SIGKILL)
        os._exit(0)

    while True:
        child = os.fork()
        if not child:
            server.serve_on(sock, settings, ready=lambda: None)
            os._exit(0)
        signal.signal(signal.SIGTERM, end)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit("a child ended of itself")


if __name__ == "__main__":
    arm(Orders(Path(sys.argv[1])))
    live(load_settings())
