"""The vault as Settings say, held against what the database has encrypted already."""

import logging

from sqlalchemy import select

from app.settings import Settings
from app.storage.engine import Database
from app.vault.keyring import Keyring
from app.vault.masters import masters_of
from app.vault.tables import data_keys
from app.vault.vault import Vault

log = logging.getLogger("dragoman")


def open_vault(settings: Settings, database: Database) -> Vault:
    """Raises ConfigurationError where a key is wrapped by a master key that is not configured, or not with this one."""
    masters = masters_of(settings)
    keyring = Keyring(masters)
    with database.read() as connection:
        live = select(data_keys).where(data_keys.c.wrapped.is_not(None))
        wrapped_by = connection.execute(live.distinct().with_only_columns(data_keys.c.master)).scalars().all()
        for master in wrapped_by:
            masters.named(master)
            one = connection.execute(live.where(data_keys.c.master == master).limit(1)).mappings().one()
            keyring.opened(one)
    return Vault(keyring if masters.known else None)


def remark(vault: Vault) -> str:
    """What is said at start."""
    if vault.keyring is not None:
        master = vault.keyring.masters.current.id
        return f"Texts at rest are encrypted, each tenant's under a key of its own (master key {master})."
    return (
        "Texts at rest are not encrypted: no master key is configured (DRAGOMAN_MASTER_KEY_FILE, DRAGOMAN_MASTER_KEY "
        "or DRAGOMAN_KMS_COMMAND; docs/privacy.md)."
    )
