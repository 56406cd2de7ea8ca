"""Files of jobs on their way, for the event loop."""

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs.files import kept
from app.storage.engine import Database
from app.storage.files import FileBlobs
from app.vault.blobs import SealedBlobs
from app.vault.place import Place
from app.vault.vault import Vault
from tests.app.serving import PATIENCE

if TYPE_CHECKING:
    from _typeshed import SupportsRead

HERE = Place("north", "job.source_blob", "job_1")


class Hanging(FileBlobs):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked, self.answers = threading.Event(), threading.Event()

    def keep(self, tenant: str, stream: "SupportsRead[bytes]") -> str:
        self.asked.set()
        assert self.answers.wait(PATIENCE)
        return super().keep(tenant, stream)


async def test_a_store_that_hangs_keeps_no_thread_from_others(tmp_path: Path, sqlite: Database) -> None:
    document, blobs = tmp_path / "a.txt", Hanging(tmp_path / "blobs")
    sealed = SealedBlobs(blobs, Vault(), sqlite)
    document.write_bytes(b"text")
    keeping = [asyncio.create_task(kept(sealed, HERE, document)) for _ in range(40)]
    async with asyncio.timeout(PATIENCE):
        assert await asyncio.to_thread(blobs.asked.wait, PATIENCE)
        assert not any(task.done() for task in keeping)
        blobs.answers.set()
        assert len(set(await asyncio.gather(*keeping))) == 40


async def test_what_is_cancelled_on_its_way_in_is_removed(tmp_path: Path, sqlite: Database) -> None:
    document, blobs = tmp_path / "a.txt", Hanging(tmp_path / "blobs")
    sealed = SealedBlobs(blobs, Vault(), sqlite)
    document.write_bytes(b"text")
    keeping = asyncio.create_task(kept(sealed, HERE, document))
    await asyncio.to_thread(blobs.asked.wait, PATIENCE)
    keeping.cancel()
    blobs.answers.set()
    await asyncio.wait({keeping})
    assert (keeping.cancelled(), blobs.empty()) == (True, True)
