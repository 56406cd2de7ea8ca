"""What a record is made of: settings, models, routes and the database as they are at one moment. Blocking."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, inspect, select, table

from app.engineroom import engine_options
from app.jobs.job import ChunkState, Kind
from app.jobs.tables import chunks
from app.ledger.report import UsageReport, usage
from app.settings import Settings
from app.storage.engine import Database
from app.storage.examination import Examination, examine
from app.tenants.directory import Directory
from app.tenants.openness import is_open
from app.tenants.tenant import Scope
from models.card import ModelCard
from models.catalogue import Catalogue, installed
from models.contracts import Backend, EngineOptions, ModelError
from models.loader import load
from models.preferences import read_preferences
from models.route import Route
from models.router import Router

PERIOD = timedelta(days=365)
"""Over which use is summed."""
_NOT_OURS = "alembic_version"


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of segments in documents whose jobs are still listed."""

    segments: int
    flagged: Mapping[str, int]
    """Segments by flag."""


@dataclass(frozen=True, slots=True)
class Facts:
    made: datetime
    settings: Settings
    catalogue: Catalogue
    routes: Sequence[Route]
    computed: Mapping[str, str]
    """What the engine of this machine computes a model in, by id; of those that can be loaded."""
    unloadable: Mapping[str, str]
    """Why, by id."""
    database: Examination
    folder_mode: int | None
    """Permission bits of the data folder; None: it is not there."""
    rows: Mapping[str, int]
    """By table."""
    tenants: int
    keys: Mapping[Scope, int]
    """Keys that work, by what they may do."""
    open_to_all: bool
    used: UsageReport
    doubts: Doubts


def gather(
    settings: Settings,
    database: Database,
    *,
    now: datetime | None = None,
    loading: Callable[[ModelCard, EngineOptions], Backend] = load,
) -> Facts:
    """Loads every model once, for what only its engine can say. Raises StorageError, InvalidCard, InvalidRoutes."""
    moment = now or datetime.now(UTC)
    catalogue = installed(settings.model_dir)
    routes_file = Path(settings.routes_file) if settings.routes_file else None
    directory = Directory(database)
    computed, unloadable = _loaded(settings, catalogue, loading)
    with database.read() as connection:
        rows, doubts = _rows(connection), _doubts(connection)
    return Facts(
        made=moment,
        settings=settings,
        catalogue=catalogue,
        routes=Router(catalogue, read_preferences(routes_file)).routes(),
        computed=computed,
        unloadable=unloadable,
        database=examine(database),
        folder_mode=_mode(settings.data_dir),
        rows=rows,
        tenants=len(directory.tenants()),
        keys=_keys(directory, moment),
        open_to_all=is_open(settings),
        used=usage(
            database,
            tenant=None,
            currency=settings.currency,
            since=(moment - PERIOD).date(),
            groups=("pair", "model"),
        ),
        doubts=doubts,
    )


def _loaded(
    settings: Settings, catalogue: Catalogue, loading: Callable[[ModelCard, EngineOptions], Backend]
) -> tuple[dict[str, str], dict[str, str]]:
    """One after the other, so that one is in memory at a time."""
    computed: dict[str, str] = {}
    failed: dict[str, str] = {}
    for card in catalogue.cards:
        try:
            backend = loading(card, replace(engine_options(settings), threads=1))
        except ModelError as error:
            failed[card.id] = str(error)
            continue
        computed[card.id] = backend.compute_type
        backend.close()
    return computed, failed


def _mode(folder: Path) -> int | None:
    return folder.stat().st_mode & 0o777 if folder.is_dir() else None


def _keys(directory: Directory, now: datetime) -> Mapping[Scope, int]:
    listed = directory.keys()
    found = Counter(scope for key in listed if key.state(now) == "active" for scope in key.scopes)
    return {scope: found[scope] for scope in Scope}


def _rows(connection: Connection) -> dict[str, int]:
    """Of every table that is there, whether this module has heard of it or not."""
    names = sorted(name for name in inspect(connection).get_table_names() if name != _NOT_OURS)
    return {
        name: int(connection.execute(select(func.count()).select_from(table(name))).scalar_one())
        for name in names
    }


def _doubts(connection: Connection) -> Doubts:
    done: list[Any] = [chunks.c.kind == Kind.TRANSLATE, chunks.c.state == ChunkState.DONE]
    segments = connection.execute(select(func.coalesce(func.sum(chunks.c.segments), 0)).where(*done)).scalar()
    flagged: Counter[str] = Counter()
    for stored in connection.execute(select(chunks.c.flags).where(*done, chunks.c.flags != "{}")).scalars():
        flagged.update(orjson.loads(stored))
    return Doubts(int(segments or 0), dict(sorted(flagged.items())))
