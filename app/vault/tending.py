"""Older data keys are destroyed once nothing is under them, for as long as a service runs."""

import logging
from functools import partial

from app.chores import repeated
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
    await repeated(partial(_retire, rotation), every=TENDING)


def _retire(rotation: Rotation) -> None:
    for tenant in rotation.unfinished():
        destroyed, _ = rotation.retire(tenant)
        if destroyed:
            log.info("tenant %s: %d older data keys were destroyed", tenant, destroyed)
