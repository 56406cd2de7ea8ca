"""A bulk run as a command runs it: from IN to OUT, through whatever stops it."""

import asyncio
import sys
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import typer

from app.bulk import stores
from app.bulk.corpus import LineSource, Shape, corpus
from app.bulk.drain import draining
from app.bulk.engine import KnownEngine, Order
from app.bulk.joining import Joiner
from app.bulk.keeping import PartKeeper, StreamKeeper, left
from app.bulk.listing import STDIO, Listing
from app.bulk.memory import Memory
from app.bulk.output import StreamWriter
from app.bulk.report import Report
from app.bulk.run import run
from app.bulk.session import Session
from app.bulk.target import target
from app.cli import console, forecast
from app.cli.progress import Tally, watching
from app.cli.summary import Told

Opening = AbstractAsyncContextManager[KnownEngine]
_INTERRUPTED = 130


class Errand:
    def __init__(
        self,
        found: Listing,
        shape: Shape,
        options: Mapping[str, Any],
        out: str,
        memory: Memory,
        *,
        shown: bool,
    ) -> None:
        """`options` by the names of the command's; what of them is not the same cannot be gone on with."""
        self._found = found
        self._fields = shape.fields
        self._options = options
        self._shown = shown
        self._streamed = out == STDIO
        self._memory = memory
        self._target = target(out, folder=found.folder, work=_work(out))
        self._corpus = corpus(
            found,
            shape,
            spool=None if self._streamed else self._target.place.spool,
            limit=options["--limit"],
            sample=options["--sample"],
        )

    def session(self, *, force: bool, restart: bool) -> Session:
        """Raises ConfigurationError where OUT may not be written."""
        session = Session(self._target, self._corpus, fields=self._fields)
        if not self._streamed:
            session.check([item.address for item in self._found.items], force=force, restart=restart)
        return session

    def forecast(self, order: Order, *, server: str | None, key: str | None) -> Mapping[str, Any]:
        if any(item.streams for item in self._found.items):
            raise typer.BadParameter("Standard input is read once: there is no forecast before it.")
        body = forecast.made(self._corpus, order, server=server, key=key)
        if self._shown:
            forecast.tell(body, stderr=True)
        return body

    def run(
        self,
        engine: Opening,
        session: Session,
        *,
        restart: bool,
        forecast: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """The report. Raises typer.Exit where it was stopped."""
        going = (
            self._stream(engine, Report(session.job))
            if self._streamed
            else self._resumable(engine, session, restart=restart, forecast=forecast)
        )
        ended = self._until_stopped(going)
        if ended is None:
            console.complain(self._stopped())
            raise typer.Exit(_INTERRUPTED)
        return ended

    def _until_stopped(self, going: Coroutine[Any, Any, dict[str, Any] | None]) -> dict[str, Any] | None:
        failed = True
        try:
            ended = asyncio.run(going)
            failed = False
        except (KeyboardInterrupt, asyncio.CancelledError):
            failed = False
            return None
        finally:
            if failed and not self._streamed and self._target.place.parts.exists():
                console.complain(self._stopped())
        return ended

    async def _resumable(
        self, opening: Opening, session: Session, *, restart: bool, forecast: Mapping[str, Any] | None
    ) -> dict[str, Any] | None:
        """The report; None where it was told to stop before the end."""
        with session:
            async with opening as engine:
                receipts = await asyncio.to_thread(
                    session.begin, self._options, engine, restart=restart, forecast=forecast
                )
                if session.translated:
                    self._say("There is nothing left to translate.")
                else:
                    keeper = PartKeeper(session.parts, engine.models)
                    tally = Tally()
                    windows = left(self._corpus.windows(), receipts, passed=tally.passed)
                    shown = watching(self._found, shown=self._shown, tally=tally)
                    with shown as progress, draining(_draining) as drain:
                        whole = await run(
                            windows,
                            engine=engine,
                            keeper=keeper,
                            progress=progress,
                            drain=drain,
                            memory=self._memory,
                        )
                    if not whole:
                        return None
            return await asyncio.to_thread(session.finish)

    async def _stream(self, opening: Opening, report: Report) -> dict[str, Any] | None:
        (source,) = self._corpus.sources
        assert isinstance(source, LineSource)  # noqa: S101  the command refuses others
        writer = StreamWriter(source.form(), encoding=source.shape.out_encoding)
        joiner = Joiner(source.name, self._fields, writer=writer, report=report, failures=Told())
        async with opening as engine:
            report.glossary = engine.terms.get("--glossary")
            keeper = StreamKeeper(joiner, report, engine.models)
            with watching(self._found, shown=self._shown) as progress, draining(_draining) as drain:
                whole = await run(
                    self._corpus.windows(),
                    engine=engine,
                    keeper=keeper,
                    progress=progress,
                    drain=drain,
                    memory=self._memory,
                )
        sys.stdout.buffer.flush()
        return report.body() if whole else None

    def _say(self, sentence: str) -> None:
        if self._shown:
            console.complain(sentence)

    def _stopped(self) -> str:
        if self._streamed:
            return "Stopped. The output ends there."
        return f"Stopped. What is done is in {self._target.place.parts}: the same command goes on from there."


def _draining() -> None:
    console.complain("Finishing what is in the engine; Ctrl-C again stops at once.")


def _work(out: str) -> Path:
    """For what is done of a run whose output is not on a disk of this machine."""
    if not stores.is_remote(stores.local(out)):
        return Path()
    from app.settings import load_settings  # noqa: PLC0415

    return load_settings().data_dir / "bulk"
