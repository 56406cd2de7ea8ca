"""Work that others may join. It goes on as long as somebody waits for it."""

import asyncio

from app.replay.answer import Answer


class Running:
    """Lives in the task of the request that came first: a task of its own would cost every request, joined or not."""

    def __init__(self, task: asyncio.Task[object] | None, *, digest: str) -> None:
        self.digest = digest
        self.error: Exception | None = None
        """What stopped it; None while it runs, where it went well, and where it was cancelled."""
        self._task = task
        self._followers = 0
        self._abandoned = False
        self._over: asyncio.Future[Answer | None] | None = None

    async def joined(self) -> Answer | None:
        """The answer; None if there will be none."""
        if self._over is None:
            self._over = asyncio.get_running_loop().create_future()
        self._followers += 1
        try:
            return await asyncio.shield(self._over)
        finally:
            self._followers -= 1
            self._end_if_nobody_waits()

    def led_by(self, task: asyncio.Task[object]) -> bool:
        return self._task is task

    def abandon(self) -> None:
        """The first caller has gone."""
        self._abandoned = True
        self._end_if_nobody_waits()

    def end(self, answer: Answer | None = None, *, error: BaseException | None = None) -> None:
        self._task = None
        self.error = error if isinstance(error, Exception) else None
        if self._over is not None:
            self._over.set_result(answer)

    def _end_if_nobody_waits(self) -> None:
        if self._abandoned and not self._followers and self._task is not None:
            self._task.cancel()
