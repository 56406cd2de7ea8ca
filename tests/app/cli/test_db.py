"""dragoman db, on both databases."""

import json

import psycopg
import pytest
from sqlalchemy import text

from app.ledger.report import usage
from app.ledger.store import Ledger
from app.storage.engine import open_database
from app.storage.migrate import history
from tests.app.cli.conftest import Call
from tests.app.ledger.examples import entry, line, postings
from tests.databases import Place
from tests.postgres import PASSWORD, Cluster


def test_check_of_a_sound_database(dragoman: Call, place: Place) -> None:
    place.open().close()
    done = dragoman("db", "check", "--json", **place.environment)
    found = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert found["ok"] is found["writable"] is True
    assert found["schema"] == found["newest_schema"]
    assert found["kind"] == ("postgresql" if place.url else "sqlite")
    assert found["server"]
    assert PASSWORD not in done.out


def test_check_makes_nothing_and_migrate_does(dragoman: Call, cluster: Cluster, tmp_path: object) -> None:
    assert dragoman("db", "check").code == 1
    assert dragoman("db", "migrate").code == 0
    assert dragoman("db", "check").code == 0
    with cluster.fresh(template="template0") as url:
        empty = dragoman("db", "check", DRAGOMAN_DATABASE_URL=url)
        assert (empty.code, "dragoman db migrate" in empty.err) == (1, True)
        made = dragoman("db", "migrate", DRAGOMAN_DATABASE_URL=url)
        assert (made.code, PASSWORD in made.out + made.err) == (0, False)
        assert dragoman("db", "check", DRAGOMAN_DATABASE_URL=url).code == 0


def test_check_of_what_cannot_be_written_or_reached(
    dragoman: Call, postgres_url: str, cluster: Cluster
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as raw:
        raw.execute("CREATE ROLE reader LOGIN PASSWORD 'canary-reader' IN ROLE pg_read_all_data")
    reading = postgres_url.replace(f"dragoman:{PASSWORD}", "reader:canary-reader")
    refused = dragoman("db", "check", "--json", DRAGOMAN_DATABASE_URL=reading)
    cluster.run("DROP ROLE reader")
    assert (refused.code, json.loads(refused.out)["writable"]) == (1, False)
    assert "may not do what Dragoman needs" in refused.err
    assert "canary" not in refused.err
    for url in (cluster.url("nowhere"), cluster.url("postgres", password="canary-wrong")):  # noqa: S106
        gone = dragoman("db", "check", DRAGOMAN_DATABASE_URL=url)
        assert (gone.code, "canary" in gone.out + gone.err) == (1, False)
        assert "DRAGOMAN_DATABASE_URL" in gone.err


def test_copy_moves_everything_once(
    dragoman: Call, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("from")
    original = open_database(folder)
    lines = (line(), line("en", "pt", characters=5))
    Ledger(original).append_many(postings(*[entry(f"key-{n}", *lines) for n in range(1_200)]))
    original.close()

    done = dragoman("db", "copy", "--from", str(folder), "--json", DRAGOMAN_DATABASE_URL=postgres_url)
    assert done.code == 0, done.err
    rows = {table["name"]: table["rows"] for table in json.loads(done.out)["tables"]}
    assert (rows["ledger_entry"], rows["ledger_line"], rows["ledger_head"]) == (1_200, 2_400, 1)
    copy = open_database(folder, postgres_url)
    assert usage(copy, tenant="tenant", currency="GBP").totals.requests == 1_200
    assert Ledger(copy).append(entry("key-7", *lines)).duplicate
    assert not Ledger(copy).append(entry("after", *lines)).duplicate
    copy.close()

    again = dragoman("db", "copy", "--from", str(folder), "--to", postgres_url)
    assert (again.code, "not empty" in again.err) == (2, True)


def test_copy_keeps_nothing_where_the_copy_differs(
    dragoman: Call, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("from")
    original = open_database(folder)
    Ledger(original).append(entry())
    original.close()
    with psycopg.connect(postgres_url, autocommit=True) as raw:
        raw.execute(
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.digest := 'spoilt'; RETURN NEW; END $$"
        )
        raw.execute(
            "CREATE TRIGGER spoil BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION spoil()"
        )
    done = dragoman("db", "copy", "--from", str(folder), DRAGOMAN_DATABASE_URL=postgres_url)
    assert (done.code, "differs" in done.err) == (2, True)
    copy = open_database(folder, postgres_url)
    with copy.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger_line")).scalar_one() == 0
    copy.close()


def test_copy_needs_both_ends(
    dragoman: Call, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nothing = tmp_path_factory.mktemp("nothing")
    assert "DRAGOMAN_DATABASE_URL" in dragoman("db", "copy", "--from", str(nothing)).err
    missing = dragoman("db", "copy", "--from", str(nothing), DRAGOMAN_DATABASE_URL=postgres_url)
    assert (missing.code, list(nothing.iterdir())) == (2, [])


def test_the_schema_goes_back_and_forward_and_the_rows_stay(dragoman: Call, place: Place) -> None:
    *_, older, previous, newest = history()
    database = place.open()
    Ledger(database).append(entry("key", line()))
    database.close()

    back = dragoman("db", "migrate", "--to", older, "--json", **place.environment)
    assert back.code == 0, back.err
    told = json.loads(back.out)
    assert (told["schema"], told["went_back"], told["lost"]) == (older, True, [])
    stale = dragoman("db", "check", "--json", **place.environment)
    assert (stale.code, json.loads(stale.out)["schema"]) == (1, older)
    half = dragoman("db", "migrate", "--to", previous, **place.environment)
    assert (half.code, half.err, f"schema {previous}." in half.out) == (0, "", True)
    assert dragoman("db", "migrate", "--to", newest, **place.environment).code == 0
    assert dragoman("db", "check", **place.environment).code == 0
    again = place.open()
    assert usage(again, tenant="tenant", currency="GBP").totals.requests == 1
    again.close()


def test_going_back_loses_nothing_unless_told(dragoman: Call, place: Place) -> None:
    database = place.open()
    with database.transaction() as writing:
        writing.execute(text("UPDATE tenant SET memory = 'apply' WHERE name = 'local'"))
        writing.execute(text("INSERT INTO tenant_retention VALUES ('local', 'documents', 60)"))
    database.close()

    refused = dragoman("db", "migrate", "--to", "0018", **place.environment)
    assert refused.code == 2
    assert "no place for tenant.memory (1 rows), tenant_retention (1 rows); nothing" in refused.err
    assert dragoman("db", "check", **place.environment).code == 0  # as it was
    done = dragoman("db", "migrate", "--to", "0018", "--lose-data", "--json", **place.environment)
    assert done.code == 0, done.err
    assert json.loads(done.out)["lost"] == [
        {"table": "tenant", "column": "memory", "rows": 1},
        {"table": "tenant_retention", "column": None, "rows": 1},
    ]
    assert dragoman("db", "migrate", **place.environment).code == 0


def test_what_a_step_back_refuses_no_option_forces(dragoman: Call, place: Place) -> None:
    database = place.open()
    with database.transaction() as writing:
        key = "INSERT INTO data_key VALUES ('north', 1, 'key', 'master', :wrapped, 0, NULL)"
        writing.execute(text(key), {"wrapped": b"sealed"})
    database.close()

    refused = dragoman("db", "migrate", "--to", "0014", "--lose-data", **place.environment)
    assert (refused.code, "Texts are encrypted" in refused.err) == (2, True)
    unknown = dragoman("db", "migrate", "--to", "base", **place.environment)
    assert (unknown.code, "There is no schema 'base': this release has 0001 to" in unknown.err) == (2, True)
    assert dragoman("db", "check", **place.environment).code == 0


def test_nobody_migrates_while_another_does(dragoman: Call, place: Place) -> None:
    database = place.open()
    with database.migrating():
        refused = dragoman("db", "migrate", "--to", "0020", **place.environment)
    database.close()
    assert (refused.code, "Another process is opening or migrating" in refused.err) == (2, True)
    assert dragoman("db", "check", **place.environment).code == 0
