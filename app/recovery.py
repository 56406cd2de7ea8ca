"""Recovery: models that were set aside are tried again when their time is over, whether or not anybody asks for them.

Without it a service whose models all failed would never be ready: nobody sends requests to what is not ready.
"""

import asyncio
import logging

from batching.dispatcher import Dispatcher
from models.contracts import ModelError
from models.fault import place
from models.pool import ModelPool
from models.router import Router

log = logging.getLogger("dragoman")

EVERY = 1.0
"""Seconds between two looks at what is due; a look costs next to nothing."""


class Recovery:
    def __init__(self, router: Router, dispatcher: Dispatcher, pool: ModelPool) -> None:
        self._router = router
        self._dispatcher = dispatcher
        self._pool = pool

    async def keep(self) -> None:
        """For as long as the service runs."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> list[str]:
        """Ids of the models that work again. The others are set aside for longer by the pool, which logs why."""
        back: list[str] = []
        for card in self._pool.due(self._router.catalogue.cards):
            try:
                await self._dispatcher.warm(card)
            except ModelError:
                continue
            except Exception as error:  # noqa: BLE001  recorded as what it is set aside for
                self._pool.set_aside(card, f"It does not translate: {place(error)}.")
                continue
            log.info("Model %s works again.", card.id)
            back.append(card.id)
        return back
