"""Older data keys are destroyed once nothing is under them, for as long as a service runs."""

import asyncio
import logging

from app.errors import StorageError
from app.storage.blobs import Blobs
from app.storage.engine import Database
from app.vault.rotation import Rotation
from app.vault.vault import Vault

log = logging.getLogger("dragoman")

TENDING = 600.0
"""Seconds between two looks."""


async def tend(vault: Vault, database: Database, blobs: Blobs) -> None:
    if vault.keyring is None:
        return
    rotation = Rotation(database, vault.keyring, blobs=blobs)
    while True:
        try:
            await asyncio.to_thread(_retire, rotation)
        except StorageError as error:
            log.error("%s", error)
        await asyncio.sleep(TENDING)


def _retire(rotation: Rotation) -> None:
    for tenant in rotation.unfinished():
        destroyed, _ = rotation.retire(tenant)
        if destroyed:
            log.info("tenant %s: %d older data keys were destroyed", tenant, destroyed)
