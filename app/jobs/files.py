"""Files of jobs on their way between the store and where they are worked on; for the event loop."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.storage.blobs import PIECE, Blob
from app.storage.scratch import copy
from app.storage.threads import in_store_thread
from app.vault.blobs import SealedBlobs, Wanted
from app.vault.place import Place

if TYPE_CHECKING:
    from _typeshed import SupportsRead


@dataclass(frozen=True, slots=True)
class Download:
    size: int
    """Bytes of `parts`."""
    parts: AsyncGenerator[bytes, None]
    start: int = 0
    whole: int | None = None
    """Bytes of the file that this is a part of, from `start` on; None: this is all of it."""


async def fetched(blobs: SealedBlobs, place: Place, name: str, *, to: Path) -> Path:
    """Raises FileMissing, FileDamaged, Unreadable and StorageError."""

    def fetch() -> None:
        with blobs.open(place, name) as blob:
            copy(blob, to)

    await in_store_thread(fetch)
    return to


async def kept(blobs: SealedBlobs, place: Place, file: Path) -> str:
    """Its name in the store; nothing is there if this is cancelled."""
    task = asyncio.ensure_future(in_store_thread(_keep, blobs, place, file))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        name = await task
        await in_store_thread(blobs.remove, place.tenant, name)
        raise


async def download(blobs: SealedBlobs, place: Place, name: str, wanted: Wanted | None = None) -> Download:
    """Raises FileMissing, and FileDamaged for a damaged file of one piece; of a longer one the parts raise it before
    the last of it has left. `wanted`: a part of it, and what this raises.
    """
    if wanted is None:
        opened = blobs.open(place, name)
        blob = await in_store_thread(opened.__enter__)
        return Download(blob.size, await _begun(blob, opened))
    some = blobs.part(place, name, wanted)
    part = await in_store_thread(some.__enter__)
    return Download(part.blob.size, await _begun(part.blob, some), part.start, part.whole)


async def _begun(blob: Blob, opened: AbstractContextManager[object]) -> AsyncGenerator[bytes, None]:
    parts = _parts(blob, close=partial(opened.__exit__, None, None, None))
    try:
        await anext(parts)
    except BaseException:
        await parts.aclose()
        raise
    return parts


async def handed(file: Path) -> Download:
    """Of a file that may lose its name before the last of it has left."""
    stream = await in_store_thread(file.open, "rb")
    parts = _parts(stream, close=stream.close)
    await anext(parts)
    return Download(os.fstat(stream.fileno()).st_size, parts)


async def received(found: Download) -> bytes:
    async with aclosing(found.parts) as parts:
        return b"".join([part async for part in parts])


async def _parts(blob: "SupportsRead[bytes]", *, close: Callable[[], object]) -> AsyncGenerator[bytes, None]:
    """An empty one first: a generator that has begun is ended by the loop, whoever forgets it."""
    try:
        part = await in_store_thread(blob.read, PIECE)
        yield b""
        while part:
            yield part
            part = await in_store_thread(blob.read, PIECE)
    finally:
        # Whoever has the last byte may hang up, and so cancel this; a close that still waits would never be run.
        await asyncio.shield(in_store_thread(close))


def _keep(blobs: SealedBlobs, place: Place, file: Path) -> str:
    with file.open("rb") as stream:
        return blobs.keep(place, stream)
