"""Everything that is held about a tenant, opened, in one zip of JSON lines and files. Blocking."""

import base64
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Connection, RowMapping, select

from app import __version__
from app.audit.log import Action, record
from app.errors import ConfigurationError, FileMissing
from app.jobs.texts import result_of, source_of
from app.privacy.held import HELD, KEPT, Held, files
from app.storage.blobs import PIECE
from app.storage.engine import Database
from app.storage.files import durable
from app.tenants.directory import Directory
from app.vault.blobs import SealedBlobs
from app.vault.columns import COLUMNS
from app.vault.vault import Vault

_ROWS = 500
_LEFT_OUT = {"api_key": {"digest"}, "web_session": {"digest"}}
"""What would help to guess a secret and says nothing of anybody."""
_PACKED = {
    ("job_chunk", "units"),
    ("job_chunk", "result"),
    ("job_protection", "body"),
    ("glossary_version", "terms"),
}
"""Compressed JSON."""


def export(
    file: Path, database: Database, *, blobs: SealedBlobs, vault: Vault, tenant: str
) -> dict[str, Any]:
    """What is in it: rows by table, and the number of files.

    Raises NotThere, ConfigurationError where `file` is there already, Unreadable.
    """
    Directory(database).tenant(tenant)
    with _new(file) as sink, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        with database.read() as connection:
            rows = {
                str(each.table.name): _table(archive, connection, vault, each, tenant)
                for each in (*HELD, *KEPT)
            }
            named = files(connection, tenant)
        written = sum(_file(archive, blobs, tenant, each) for each in named)
        about = {
            "dragoman": __version__,
            "tenant": tenant,
            "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "rows": rows,
            "files": written,
        }
        archive.writestr("about.json", orjson.dumps(about, option=orjson.OPT_INDENT_2))
    told = {"rows": sum(rows.values()), "files": written}
    database.attempt(
        lambda connection: record(connection, Action.TENANT_EXPORTED, tenant=tenant, details=told)
    )
    return about


@contextmanager
def _new(file: Path) -> Iterator[IO[bytes]]:
    """There under its name only when it is whole, readable by its owner alone."""
    if file.exists():
        raise ConfigurationError(f"{file} is there already. An export overwrites nothing: give a new name.")
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as sink:
            yield sink
        durable(part)
        os.link(part, file)
    except FileExistsError:
        raise ConfigurationError(f"{file} is there already. An export overwrites nothing.") from None
    finally:
        part.unlink(missing_ok=True)


def _table(archive: zipfile.ZipFile, connection: Connection, vault: Vault, held: Held, tenant: str) -> int:
    query = select(held.table).where(held.mine(tenant)).order_by(*held.table.primary_key.columns)
    number, opened = 0, _opening(held.table.name, vault, connection, tenant)
    with archive.open(f"tables/{held.table.name}.jsonl", "w", force_zip64=True) as out:
        for row in connection.execute(query.execution_options(yield_per=_ROWS)).mappings():
            out.write(orjson.dumps(opened(row), default=_plain, option=orjson.OPT_APPEND_NEWLINE))
            number += 1
    return number


def _opening(
    table: str, vault: Vault, connection: Connection, tenant: str
) -> Callable[[RowMapping], Mapping[str, Any]]:
    sealed = {each.name: each for each in COLUMNS if each.table.name == table}
    hidden = _LEFT_OUT.get(table, set())

    def opened(row: RowMapping) -> Mapping[str, Any]:
        found = {str(name): value for name, value in row.items() if name not in hidden}
        for name, column in sealed.items():
            if found[name] is not None:
                place = column.place(tenant, tuple(row[key] for key in column.keys))
                found[name] = column.opened(vault, connection, place, found[name])
        for name, value in found.items():
            if value is not None and (table, name) in _PACKED:
                found[name] = orjson.loads(zlib.decompress(bytes(value)))
        return found

    return opened


def _file(
    archive: zipfile.ZipFile, blobs: SealedBlobs, tenant: str, file: tuple[str, str, str]
) -> int:  # fmt: skip
    job, what, name = file
    place = source_of(tenant, job) if what == "source" else result_of(tenant, job)
    try:
        with (
            blobs.open(place, name) as blob,
            archive.open(f"files/{job}/{what}", "w", force_zip64=True) as out,
        ):
            shutil.copyfileobj(blob, out, PIECE)
    except FileMissing:
        return 0  # deleted since the rows were read
    return 1


def _plain(value: object) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError
