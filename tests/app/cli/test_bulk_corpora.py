"""bulk run over Parquet, tables of databases and stores: what was there stays, what is added comes after it."""

import datetime as dt
import gzip
import json
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy

from app.bulk.added import ADDED, Added
from tests.app.cli.conftest import Call
from tests.app.cli.objectstore import object_store
from tests.app.cli.program import Program

SCORED = "translation_confidence"
NAMES = Added(("text",), flat=True).names


@pytest.fixture
def own(model_dir: Path) -> dict[str, str]:
    return {"DRAGOMAN_MODEL_DIR": str(model_dir)}


@pytest.fixture
def store() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()


def asked(source: str, out: str, *more: str) -> tuple[str, ...]:
    return ("bulk", "run", source, "--from", "pt", "--to", "en", "--out", out, "--json", *more)


def parquet() -> pa.Table:
    return pa.table(
        {
            "id": pa.array(range(2_300), pa.int32()),
            "text": pa.array([None if n % 100 == 0 else f"Linha {n}." for n in range(2_300)]),
            "when": pa.array([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)] * 2_300),
            "kind": pa.array(["a", "b"] * 1_150).dictionary_encode(),
            "more": pa.array([{"x": [n]} for n in range(2_300)]),
        }
    )


@pytest.mark.parametrize("flat", [True, False])
def test_parquet_keeps_its_columns(dragoman: Call, own: dict[str, str], tmp_path: Path, flat: bool) -> None:
    before = parquet()
    pq.write_table(before, tmp_path / "in.parquet", compression="gzip", row_group_size=700)
    more = ("--confidence",) if flat else ("--struct",)
    done = dragoman(*asked("in.parquet", "out.parquet", *more), **own)
    assert done.code == 0
    after = pq.read_table(tmp_path / "out.parquet")
    assert after.select(before.column_names) == before
    assert after.column_names == before.column_names + ([*NAMES, SCORED] if flat else ["translation"])
    assert not flat or after.schema.field(SCORED).type == pa.float64()
    assert pq.ParquetFile(tmp_path / "out.parquet").metadata.row_group(0).column(0).compression == "GZIP"
    found = after["translation"].to_pylist()
    texts = found if flat else [each and each["text"] for each in found]
    assert texts == before["text"].to_pylist()
    assert flat or list(found[1]) == list(ADDED)
    assert json.loads(done.out)["records"] == 2_300
    again = pq.read_table(tmp_path / "out.parquet", columns=["id"]) if flat else None
    assert again is None or again.num_rows == 2_300


def test_parquet_of_other_columns_is_refused(dragoman: Call, own: dict[str, str], tmp_path: Path) -> None:
    pq.write_table(parquet(), tmp_path / "in.parquet")
    for field, said in (("body", "'body' is there 0 times"), ("id", "'id' holds int32, not text")):
        done = dragoman(*asked("in.parquet", "out.parquet", "--field", field), **own)
        assert (done.code, said in done.err) == (2, True)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 no")
    assert "is not Parquet" in dragoman(*asked("bad.parquet", "out.parquet"), **own).err


def test_a_table_becomes_a_new_table(dragoman: Call, own: dict[str, str], tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "c.db") as made:
        made.execute(
            "create table m (id integer primary key, body text not null, at timestamp, x blob, title text)"
        )
        rows = [(n * 3, f"Linha {n}.", "2026-01-01 10:00", b"\0\xff", None) for n in range(2_100)]
        made.executemany("insert into m values (?, ?, ?, ?, ?)", rows)
    order = asked(
        "sqlite:///c.db?table=m&key=id", "sqlite:///c.db?table=m_en", "--field", "title", "--field", "body"
    )
    done = dragoman(*order, **own)
    assert done.code == 0, done.err
    with sqlite3.connect(tmp_path / "c.db") as made:
        found = made.execute("select id, body, at, x, title from m_en order by id").fetchall()
        texts = made.execute("select title_translation, body_translation from m_en order by id").fetchall()
        tables = {name for (name,) in made.execute("select name from sqlite_master where type = 'table'")}
    assert found == rows
    assert texts == [(None, row[1]) for row in rows]
    assert tables == {"m", "m_en"}
    assert json.loads(dragoman(*order, **own).out) == json.loads(done.out)
    other = asked("sqlite:///c.db?table=m&key=id", "sqlite:///c.db?table=m", "--field", "body")
    assert "exists already" in dragoman(*other, **own).err
    with sqlite3.connect(tmp_path / "c.db") as made:
        made.execute("create table none (id text primary key, body text)")
    empty = asked("sqlite:///c.db?table=none&key=id", "sqlite:///c.db?table=none_en", "--field", "body")
    assert json.loads(dragoman(*empty, **own).out)["records"] == 0
    for wrong, said in (("m", "Say by which column"), ("m&key=at", "not different in every row")):
        order = asked(f"sqlite:///c.db?table={wrong}", "sqlite:///c.db?table=n", "--field", "body")
        assert said in dragoman(*order, **own).err


def test_a_table_of_postgresql(dragoman: Call, own: dict[str, str], postgres_url: str) -> None:
    url = postgres_url.replace("postgresql://", "postgresql+psycopg://")
    engine = sqlalchemy.create_engine(url)
    at = dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)
    with engine.begin() as made:
        made.exec_driver_sql(
            "create table m (id uuid primary key default gen_random_uuid(), text text, at timestamptz, "
            "n numeric, j jsonb)"
        )
        made.exec_driver_sql(
            "insert into m (text, at, n, j) select 'Linha ' || g, %s, 1.50, '[1]' from generate_series(1, 1500) g",
            (at,),
        )
    joint = "&" if "?" in postgres_url else "?"
    tables = (f"{postgres_url}{joint}table=m&key=id", f"{postgres_url}{joint}table=m_en")
    done = dragoman(*asked(*tables, "--confidence"), **own)
    assert done.code == 0, done.err
    with engine.connect() as made:
        columns = {each["name"]: each["type"] for each in sqlalchemy.inspect(made).get_columns("m_en")}
        found = made.execute(sqlalchemy.text("select text, at, n, j, translation, id::text from m_en")).all()
    engine.dispose()
    assert len(found) == 1_500
    assert isinstance(columns[SCORED], sqlalchemy.Double | sqlalchemy.Float)
    assert all(row[:5] == (row[0], at, Decimal("1.50"), [1], row[0]) for row in found)


def test_a_database_without_its_driver_is_said(dragoman: Call, own: dict[str, str]) -> None:
    done = dragoman(*asked("mysql://host/db?table=m&key=id", "sqlite:///c.db?table=m"), **own)
    assert (done.code, done.err) == (
        2,
        "dragoman: mysql needs the Python package MySQLdb, which is not installed.\n",
    )


def test_a_store_in_and_out(dragoman: Call, own: dict[str, str], store: Any, tmp_path: Path) -> None:
    store.pipe("/in/a.txt", b"um\n")
    store.pipe("/in/deep/b.jsonl", b'{"text": "dois"}\nnonsense\n')
    done = dragoman(*asked("memory://in/", "memory://out"), **own)
    assert done.code == 1, done.err
    assert store.cat("/out/a.txt") == b"um\n"
    assert json.loads(store.cat("/out/deep/b.jsonl").splitlines()[0])["translation"]["text"] == "dois"
    assert json.loads(store.cat("/out.failed.jsonl"))["line"] == 2
    assert {each.name for each in tmp_path.iterdir()} <= {"models", "data"}
    again = dragoman(*asked("memory://in/", "memory://out"), **own)
    assert json.loads(again.out) == json.loads(done.out)
    store.pipe("/in/a.txt", b"tres\n")
    assert "the content of a.txt changed" in dragoman(*asked("memory://in/", "memory://out"), **own).err
    assert dragoman(*asked("memory://in/*.txt", "memory://out", "--restart"), **own).code == 0
    assert store.cat("/out/a.txt") == b"tres\n"
    store.pipe("/there.txt", b"x")
    assert "exists already" in dragoman(*asked("memory://in/a.txt", "memory://there.txt"), **own).err
    assert "cannot be read" in dragoman(*asked("memory://none.txt", "memory://o.txt"), **own).err


def test_s3_by_its_own_protocol(identity: Program) -> None:
    """Against a small server of that protocol, not a store of a vendor's."""
    objects = {
        "data/in/a.txt": b"um\ndois\n",
        "data/in/deep/b.txt.gz": gzip.compress(b"tres\n"),
        "data/x.md": b"",
    }
    with object_store(objects) as url:
        own = {
            "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s",
            "AWS_DEFAULT_REGION": "us-east-1",
        }  # fmt: skip
        done = identity(*asked("s3://data/in/", "s3://data/out"), **own)
        assert done.code == 0, done.err
        assert objects["data/out/a.txt"] == b"um\ndois\n"
        assert gzip.decompress(objects["data/out/deep/b.txt.gz"]) == b"tres\n"
