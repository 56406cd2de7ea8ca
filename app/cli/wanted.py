"""What a person wants of a bulk run: the options of `dragoman bulk run`, by what they are about."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from app.bulk import stores
from app.bulk.corpus import Shape
from app.bulk.encoding import codec
from app.bulk.engine import Enforced, KnownEngine, Order
from app.bulk.form import Format
from app.bulk.listing import STDIO, Listing, listing, of_name
from app.bulk.memory import shares
from app.bulk.target import Place
from app.cli import console, entered, terms
from app.cli.bulkoptions import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpora:
    """What is read and written."""

    named: Sequence[str]
    out: str
    chosen: Format | None
    limit: int | None
    sample: float

    def found(self) -> Listing:
        """Raises typer.BadParameter where OUT cannot take what IN holds."""
        own = () if stores.is_remote(self.out) else Place(Path(self.out)).names
        found = listing(self.named, chosen=self.chosen, out=self.out, own=own)
        _fit(found, self.out)
        if self.chosen is None:
            _alike(found, self.out)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How texts lie in what is read and written."""

    fields: Sequence[str]
    flat: bool | None
    encoding: str
    out_encoding: str | None
    delimiter: str | None
    scored: bool

    def shape(self) -> Shape:
        """Raises ConfigurationError."""
        read = codec(self.encoding)
        written = codec(self.out_encoding) if self.out_encoding else read
        fields = tuple(dict.fromkeys(self.fields))
        return Shape(fields, self.flat, read, written, self.delimiter, self.scored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for every text."""

    target: str
    source: str
    """A code, or auto."""
    candidates: str | None
    cost_centre: str | None
    glossary: str | None
    """A stored one's id or name, or a file."""
    protect: Sequence[str]
    scored: bool

    def order(self, job: str) -> Order:
        """Raises DragomanError."""
        from app.validation import cost_centre  # noqa: PLC0415

        source = console.declared(self.source)
        glossary = terms.asked(self.glossary, source=source, target=self.target)
        return Order(
            job,
            self.target,
            source,
            console.codes(self.candidates),
            cost_centre=cost_centre(self.cost_centre),
            enforced=Enforced(glossary, tuple(self.protect)),
            scored=self.scored,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Who translates, and what that may take of this machine."""

    server: str | None
    key: str | None
    engine: Where
    address: str | None
    threads: int | None
    max_memory: str | None

    def memory(self) -> int | None:
        """Bytes. Raises typer.BadParameter."""
        return None if self.max_memory is None else entered.size(self.max_memory)

    def opening(self, order: Order) -> AbstractAsyncContextManager[KnownEngine]:
        if self.server is not None:
            from app.bulk.remote import connected  # noqa: PLC0415

            return connected(self.server, order, key=self.key)
        return self._own(order)

    def _own(self, order: Order) -> AbstractAsyncContextManager[KnownEngine]:
        from app.settings import load_settings  # noqa: PLC0415

        console.quiet()
        memory = self.memory()
        own = {} if memory is None else shares(memory)
        settings = load_settings(**own, **({} if self.threads is None else {"threads": self.threads}))
        if self.engine is Where.RAY:
            from app.bulk.ray import clustered  # noqa: PLC0415

            return clustered(settings, order, address=self.address)
        from app.bulk.local import embedded  # noqa: PLC0415

        return embedded(settings, order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How it begins."""

    force: bool
    restart: bool
    dry_run: bool
    forecast: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is said of it."""

    page: Path | None
    quiet: bool
    json: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    corpora: Corpora
    layout: Layout
    wish: Wish
    means: Means
    manner: Manner
    telling: Telling

    def check(self) -> None:
        """Raises typer.BadParameter for options that exclude each other."""
        if self.telling.json and self.corpora.out == STDIO:
            raise typer.BadParameter(
                "--json prints the report where --out - prints the translations. Name a file."
            )
        page = self.telling.page
        if page is not None and not page.absolute().parent.is_dir():
            raise typer.BadParameter(f"--report {page} cannot be written: there is no such folder.")
        if self.means.engine is Where.RAY and self.means.server is not None:
            raise typer.BadParameter("--server is an engine of its own: leave --engine out.")

    def options(self, shape: Shape) -> dict[str, Any]:
        """By their names: a run can only be gone on with by the same."""
        wish, corpora = self.wish, self.corpora
        return {
            "--to": wish.target, "--from": wish.source, "--candidates": wish.candidates,
            "--field": shape.fields, "--format": corpora.chosen,
            "--struct": None if shape.flat is None else not shape.flat,
            "--encoding": shape.encoding, "--out-encoding": shape.out_encoding,
            "--delimiter": shape.delimiter, "--limit": corpora.limit, "--sample": corpora.sample,
            "--cost-centre": wish.cost_centre, "--protect": wish.protect or None,
            "--confidence": wish.scored or None,
        }  # fmt: skip


def _alike(found: Listing, out: str) -> None:
    """A corpus comes back in its own format: an OUT that names another would be taken for what it is not."""
    (first, *_) = found.items
    named = None if found.folder or stores.table(out) is not None else of_name(out)
    if named not in {None, first.format}:
        raise typer.BadParameter(
            f"{first.name} is {first.format} and comes back as such, where {out} says {named}. Name OUT alike, or say "
            f"--format {first.format}."
        )


def _fit(found: Listing, out: str) -> None:
    (first, *_) = found.items
    if (first.format is Format.SQL) != (stores.table(out) is not None):
        raise typer.BadParameter("A table is written to a table: both are named as …?table=NAME.")
    if stores.is_remote(out):
        return
    if found.folder and (out == STDIO or Path(out).is_file()):
        raise typer.BadParameter("Several files are written into a folder: name one as --out.")
    if not found.folder and out != STDIO and Path(out).is_dir():
        raise typer.BadParameter(f"{out} is a folder; the output of one file is a file.")
    if out == STDIO and first.format is Format.PARQUET:
        raise typer.BadParameter("Parquet is written to a file.")
