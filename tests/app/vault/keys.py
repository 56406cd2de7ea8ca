"""Master keys for tests, and a key service's program."""

import base64
import os
import stat
import sys
from pathlib import Path

from app.settings import Settings
from app.storage.engine import Database
from app.vault.opening import open_vault
from app.vault.vault import Vault

SERVICE = """#!{python}
import base64, json, sys
asked = json.load(sys.stdin)
mask = int.from_bytes(b"a key that never leaves", "big")
key = base64.b64decode(asked["key"])
turned = bytes(byte ^ (mask >> (number % 16) & 255) for number, byte in enumerate(key))
print(json.dumps({{"key": base64.b64encode(turned).decode()}}))
"""


def master_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def key_file(folder: Path, *keys: str) -> str:
    file = folder / "master.key"
    file.write_text("\n".join(keys) + "\n", encoding="ascii")
    return str(file)


def key_service(folder: Path, program: str = SERVICE) -> str:
    file = folder / "kms"
    file.write_text(program.format(python=sys.executable), encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def vault(database: Database, **settings: str) -> Vault:
    return open_vault(Settings.model_validate(settings), database)
