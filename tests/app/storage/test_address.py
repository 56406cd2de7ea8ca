import traceback

import pytest

from app.errors import ConfigurationError, StorageError
from app.settings import load_settings
from app.storage.address import parse
from app.storage.engine import Database, open_database
from tests.postgres import PASSWORD, Cluster


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:secret@h/d", "mysql://u:secret@h/d", "sqlite:///secret", "secret", "host=h password=secret",
        "postgresql+psycopg://u:secret@h/d",
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_not_repeated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", url)
    with pytest.raises(ConfigurationError, match=r"DRAGOMAN_DATABASE_URL: .*postgresql://") as caught:
        load_settings()
    assert "secret" not in _told(caught.value)
    with pytest.raises(ConfigurationError, match="DRAGOMAN_DATABASE_URL") as caught:
        parse(url)
    assert "secret" not in _told(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql://u:sec%ret@h/d", "postgresql://u:p@[h/secret", "postgresql://h/d?secret=1"]
)
def test_a_malformed_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match="USER:PASSWORD@HOST") as caught:
        parse(url)
    assert "sec" not in _told(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://u:p@db.example:5433/books", "PostgreSQL database books at db.example:5433"),
        ("postgresql://u:p@a,b:7/d?sslmode=require", "PostgreSQL database d at a:5432, b:7"),
        ("postgresql:///d?host=/run/postgresql", "PostgreSQL database d at /run/postgresql:5432"),
        ("postgresql://u:p@h", "PostgreSQL database u at h:5432"),
    ],
)
def test_messages_name_the_database_and_where_it_is(url: str, name: str) -> None:
    assert parse(url).name == name


def test_what_the_address_says_goes_before_our_defaults() -> None:
    assert "connect_timeout=1 " in parse("postgresql://h/d?connect_timeout=1").conninfo + " "
    assert "connect_timeout=5" in parse("postgresql://h/d").conninfo


def test_nothing_shows_the_password(monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    url = f"postgresql://u:{PASSWORD}@h/d"
    monkeypatch.setenv("DRAGOMAN_DATABASE_URL", url)
    settings = load_settings()
    shown = (
        settings,
        settings.model_dump(),
        settings.model_dump_json(),
        parse(url),
        database,
        database.engine,
    )
    assert PASSWORD not in " ".join(f"{one} {one!r}" for one in (*shown, database.engine.url, database.name))


def test_a_wrong_password_a_missing_database_and_no_server(cluster: Cluster, tmp_path: object) -> None:
    wrong = cluster.url("postgres", password="canary-of-a-wrong-one")  # noqa: S106
    refused = f"postgresql://dragoman:{PASSWORD}@127.0.0.1:1/postgres"
    for url, reason in (
        (wrong, "password authentication failed"),
        (cluster.url("nowhere"), 'database "nowhere" does not exist'),
        (refused, "Connection refused"),
    ):
        with pytest.raises(StorageError, match=f"{reason}.*DRAGOMAN_DATABASE_URL") as caught:
            open_database(cluster.log.parent, url)
        assert "canary" not in _told(caught.value) + repr(caught.value.__context__)


def _told(error: BaseException) -> str:
    """What a traceback says of it and its causes. Its lines of code and their files, which may have any name, are not
    what the error says.
    """
    shown = traceback.TracebackException.from_exception(error)
    told = "".join(shown.format_exception_only())
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told if cause is None else told + _told(cause)
