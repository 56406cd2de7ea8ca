"""Watch: models and routing rules that are put in place, changed or taken away while the service runs.

It looks at sizes and times, not into files. What it finds is taken over once it has lain still from one look to the
next, so that nobody serves half a copy. A newer revision of a model in memory is loaded and proven first; the requests
that began with the old one end with it.
"""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from batching.dispatcher import Dispatcher
from models.card import ModelCard
from models.catalogue import Catalogue, Problem, installed
from models.contracts import InvalidRoutes, ModelError
from models.fault import place
from models.pool import ModelPool
from models.preferences import Preferences, read_preferences
from models.revisions import marks
from models.router import Router

log = logging.getLogger("dragoman")

State = tuple[tuple[str, str], ...]


class Watch:
    def __init__(
        self,
        router: Router,
        dispatcher: Dispatcher,
        pool: ModelPool,
        *,
        model_dir: Path | None,
        routes_file: Path | None,
        seconds: float,
    ) -> None:
        """`seconds` between two looks; 0: never."""
        self._router = router
        self._dispatcher = dispatcher
        self._pool = pool
        self._model_dir = model_dir
        self._routes_file = routes_file
        self._seconds = seconds
        self._served = self._seen = self._state()

    async def keep(self) -> None:
        """For as long as the service runs."""
        while self._seconds:
            await asyncio.sleep(self._seconds)
            try:
                await self.look()
            except (ModelError, OSError) as error:
                log.error("%s", error)
            except Exception as error:  # noqa: BLE001  or no change would be seen until the service starts anew
                log.error("Models and routes could not be looked at and stay as they are: %s.", place(error))

    async def look(self) -> bool:
        """Whether something new was taken over. Raises InvalidCard or OSError for a folder that cannot be read."""
        state = await asyncio.to_thread(self._state)
        still, self._seen = state == self._seen, state
        new = still and state != self._served
        if new:
            await self._take_over()
            self._served = state
        await self._dispatcher.retire(self._router.catalogue.cards)
        return new

    def _folder(self, before: Catalogue) -> Path | None:
        """A folder that is yet to be made holds nothing; one that models came from and that is gone is an error."""
        folder = self._model_dir
        if folder is None or folder.is_dir() or any(card.path.parent == folder for card in before.cards):
            return folder
        return None

    def _state(self) -> State:
        return (*marks(self._model_dir), *marks(self._routes_file))

    async def _take_over(self) -> None:
        before = self._router.catalogue
        found = await asyncio.to_thread(installed, self._folder(before), known=before.cards)
        for problem in set(found.problems) - set(before.problems):
            log.warning("%s", problem.reason)
        preferences = await asyncio.to_thread(self._preferences)
        for card in found.cards:
            held = before.card(card.id)
            if held is not None and held.revision != card.revision:
                found = await self._renewed(found, held, card)
        self._router.replace(found, preferences)
        log.info("The model directory changed: %d models are installed.", len(found.cards))

    async def _renewed(self, found: Catalogue, held: ModelCard, card: ModelCard) -> Catalogue:
        """With the newer revision, or the one held, if that is in memory and the newer one does not work."""
        with self._pool.use_loaded(held) as backend:
            if backend is None:
                return found
            try:
                await self._dispatcher.warm(card)
            except ModelError as error:
                reason = f"{error} The revision before it goes on serving."
                log.error("%s", reason)
                cards = tuple(held if each is card else each for each in found.cards)
                return replace(found, cards=cards, problems=(*found.problems, Problem(card.path, reason)))
        log.info("Model %s was replaced by a newer revision.", card.id)
        return found

    def _preferences(self) -> Preferences:
        try:
            return read_preferences(self._routes_file)
        except InvalidRoutes as error:
            log.error("%s The rules read before stay.", error)
            return self._router.preferences
