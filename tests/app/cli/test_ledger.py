"""`dragoman usage verify|correct|cost-model` and `dragoman prices`, as processes on a real data folder."""

import json
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from tests.app.cli.program import Program


def charged(identity: Program, **settings: str) -> str:
    """The entry of one translation."""
    done = identity("translate", "--from", "pt", "--to", "en", "--json", "Bom dia a todos", **settings)
    return str(json.loads(done.out)["id"])


@pytest.mark.sqlite
def test_verify_says_where_the_ledger_was_touched(identity: Program) -> None:
    entry = charged(identity)
    charged(identity)
    fine = identity("usage", "verify")
    assert (fine.code, fine.out.splitlines()[-1]) == (0, "The ledger holds.")
    noted = identity.folder / "heads.json"
    noted.write_text(identity("usage", "verify", "--json").out, encoding="utf-8")

    with closing(sqlite3.connect(identity.folder / "data" / "dragoman.db", isolation_level=None)) as raw:
        raw.execute("DROP TRIGGER ledger_entry_no_UPDATE")
        raw.execute("UPDATE ledger_entry SET price_nanos = price_nanos + 1 WHERE id = ?", (entry,))
    for extra in ([], ["--tenant", "local"], ["--heads", str(noted)]):
        found = identity("usage", "verify", *extra)
        assert found.code == 1
        assert found.out.startswith(f"local 1 ({entry}): It is not what was sealed")
    body = json.loads(identity("usage", "verify", "--json").out)
    assert (body["holds"], body["findings"][0]["sequence"], body["findings"][0]["entry"]) == (False, 1, entry)


def test_verify_refuses_a_file_that_holds_no_heads(identity: Program) -> None:
    (identity.folder / "heads.json").write_text("[]", encoding="utf-8")
    done = identity("usage", "verify", "--heads", "heads.json")
    assert (done.code, "is not what" in done.err) == (2, True)


def test_an_entry_is_corrected(identity: Program) -> None:
    entry = charged(identity, DRAGOMAN_PRICE_PER_MILLION="8.06")
    options = (
        "usage",
        "correct",
        "--tenant",
        "local",
        "--entry",
        entry,
        "--reason",
        "a test",
        "--characters",
    )
    body = json.loads(identity(*options, "5", "--json").out)
    assert (body["corrects"], body["billed_characters"], body["price"]) == (entry, -10, "-0.000080600")
    again = identity(*options, "5")
    assert (again.code, again.err) == (2, "dragoman: The entry stands at that already.\n")
    assert identity(*options, "15", "--price", "x").code == 2
    assert identity("usage", "verify").code == 0


@pytest.mark.sqlite
def test_a_price_list_is_what_is_charged(identity: Program) -> None:
    made = json.loads(identity("prices", "set", "100", "50@10", "--pair", "pt-en", "--json").out)
    assert made["tiers"] == [{"above": 0, "per_million": "100"}, {"above": 10, "per_million": "50"}]
    done = identity("translate", "--from", "pt", "--to", "en", "--json", "Bom dia a todos")
    assert json.loads(done.out)["usage"]["price"] == "0.001250000"
    assert json.loads(identity("prices", "show", "--pair", "pt-en", "--json").out)["id"] == made["id"]
    assert "No list applies: 0 GBP" in identity("prices", "show").out
    (only,) = json.loads(identity("prices", "list", "--json").out)["lists"]
    assert only == made
    with closing(sqlite3.connect(identity.folder / "data" / "dragoman.db")) as raw:
        assert raw.execute("SELECT price_list FROM ledger_line").fetchall() == [(made["id"],)]


def test_prices_that_say_nothing_are_refused(identity: Program) -> None:
    for arguments in (["x"], ["1@5"], ["1", "--pair", "pt"], ["1", "--pair", "pt-zzzz"]):
        assert identity("prices", "set", *arguments).code == 2


def test_the_cost_model_adds_up(identity: Program) -> None:
    charged(identity)
    body = json.loads(identity("usage", "cost-model", "--json").out)
    (machine,) = body["machines"]
    assert machine["threads"] * machine["up_hours"] > machine["busy_hours"] > 0
    assert Decimal(body["cost"]) == Decimal(body["busy_cost"]) + Decimal(body["idle_cost"])
    (mine,) = body["tenants"]
    parts = sum(Decimal(mine[name]) for name in ("cost", "unserved_cost", "idle_cost"))
    assert abs(parts - Decimal(body["cost"])) <= Decimal("0.000000002")
    told = identity("usage", "cost-model").out
    assert f"= {machine['cost']}" in told
    assert "local" in told


@pytest.mark.sqlite
def test_a_bulk_run_is_filed_under_its_cost_centre_and_job(identity: Program) -> None:
    corpus = identity.folder / "in.txt"
    corpus.write_text("Bom dia a todos\n", encoding="utf-8")
    command = (
        "bulk",
        "run",
        "in.txt",
        "--to",
        "en",
        "--from",
        "pt",
        "--out",
        "-",
        "--cost-centre",
        "Saúde 7",
    )
    assert identity(*command).code == 0
    with identity.serving() as served:
        assert identity(*command, "--server", served.url).code == 0
    with closing(sqlite3.connect(identity.folder / "data" / "dragoman.db")) as raw:
        found = raw.execute(
            "SELECT cost_centre, job IS NOT NULL, chunk FROM ledger_entry ORDER BY sequence"
        ).fetchall()
    assert found == [("Saúde 7", 1, 1), ("Saúde 7", 0, None)]
    refused = identity(*command[:-1], "x" * 65)
    assert (refused.code, "64 printable characters" in refused.err) == (2, True)
