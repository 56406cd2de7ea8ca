"""The record follows the configuration: change what is configured, and what it says changes."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from app.errors import ConfigurationError
from app.settings import Settings
from app.storage.engine import Database
from app.tenants.directory import Directory
from app.tenants.tenant import Scope
from app.transparency.bill import installed as bill_of
from app.transparency.facts import gather
from app.transparency.page import MOST_PAIRS, page
from app.transparency.record import body
from models.card import ModelCard
from models.contracts import Backend, EngineOptions, ModelUnavailable
from models.reverse import ReverseBackend
from tests.app.reports.test_page import Reader

NOW = datetime(2026, 11, 22, 21, tzinfo=UTC)


def made(database: Database, folder: Path, **settings: Any) -> dict[str, Any]:
    return body(gather(Settings(data_dir=folder, **settings), database, now=NOW, loading=weightless))


def weightless(card: ModelCard, options: EngineOptions) -> Backend:
    del card, options
    return ReverseBackend()


def field(record: dict[str, Any], key: str) -> str:
    return str(next(each["answer"] for each in record["fields"] if each["key"] == key))


def stored(record: dict[str, Any], begins: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in record["stored"] if each["what"].startswith(begins))
    return found


def test_every_table_is_described(database: Database, tmp_path: Path) -> None:
    """A new table belongs to a holding of app/transparency/holdings.py, which says what it keeps and for how long."""
    record = made(database, tmp_path)
    assert record["undescribed_tables"] == []
    assert record["tables"]["tenant"] == 1


def test_how_long_documents_are_kept_is_the_setting(sqlite: Database, tmp_path: Path) -> None:
    assert "at most 72 hours (3 days)" in stored(made(sqlite, tmp_path), "Documents")["kept"]
    shorter = made(sqlite, tmp_path, job_retention=5.0)
    assert "at most 5 hours after" in stored(shorter, "Documents")["kept"]
    assert "5 hours" in field(shorter, "data_storage")


def test_answers_are_kept_where_the_setting_says(sqlite: Database, tmp_path: Path) -> None:
    whats = {
        where: [each["what"] for each in made(sqlite, tmp_path, replay=where)["stored"]]
        for where in ("memory", "off")
    }
    assert set(whats["memory"]) - set(whats["off"]) == {"Answers to requests that may be sent again"}
    sealed = stored(made(sqlite, tmp_path, replay="stored", replay_keep=77), "Answers kept")
    assert (sealed["content"], sealed["kept"].split(",")[0]) == ("sealed", "77 seconds")
    assert "None are kept" in stored(made(sqlite, tmp_path), "Answers kept")["kept"]


def test_who_may_read_follows_keys_and_openness(sqlite: Database, tmp_path: Path) -> None:
    assert "anyone on this machine" in field(made(sqlite, tmp_path), "data_access")
    Directory(sqlite).create_tenant("north")
    Directory(sqlite).create_key("north", scopes=frozenset({Scope.DOCUMENTS}))
    closed = field(made(sqlite, tmp_path, auth="required"), "data_access")
    assert "anyone" not in closed
    assert "documents (keys that work: 1)" in closed
    assert "DRAGOMAN_AUTH=open" in field(made(sqlite, tmp_path, auth="open", host="0.0.0.0"), "data_access")  # noqa: S104


def test_whoever_reviews_may_read_what_is_reviewed(sqlite: Database, tmp_path: Path) -> None:
    record = made(sqlite, tmp_path)
    for what in ("Texts of documents", "What people wrote", "The translation memory"):
        assert "the scope documents (keys that work: 0) or review (" in stored(record, what)["readers"]
    assert "the scope review (" in stored(record, "Samples of segments")["readers"]
    assert "or review" not in stored(record, "Documents handed in")["readers"]


def test_it_names_neither_tenants_nor_secrets(sqlite: Database, tmp_path: Path) -> None:
    Directory(sqlite).create_tenant("north-clinic")
    url = SecretStr("postgresql://anna:geheim@db.example:5432/dragoman")
    told = json.dumps(made(sqlite, tmp_path, database_url=url))
    assert "north-clinic" not in told
    assert "geheim" not in told
    assert "anna" not in told
    assert "PostgreSQL database dragoman at db.example:5432" in told


def test_a_model_without_scores_is_said_to_be_unmeasured(sqlite: Database, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "fr"
    folder.mkdir(parents=True)
    card = {
        "id": "fr",
        "architecture": "identity",
        "licence": "CC-BY 4.0",
        "pairs": [{"source": "fr", "target": "en"}],
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    record = made(sqlite, tmp_path, model_dir=folder.parent)
    pairs = {(each["source"], each["target"]): each for each in record["pairs"]}
    assert (pairs["fr", "en"]["chrf"], pairs["fr", "en"]["measured"]) == (None, False)
    assert pairs["fr", "pt"]["by_way_of"] == ["en"]
    assert pairs["en", "pt"]["chrf"] == pytest.approx(67.9)
    assert "French to English" in record["limits"][0]
    assert "fr: CC-BY 4.0." in field(record, "third_parties")


def test_answers_of_the_organisation_take_their_place(sqlite: Database, tmp_path: Path) -> None:
    facts = gather(Settings(data_dir=tmp_path), sqlite, now=NOW, loading=weightless)
    record = body(facts, {"contact": "it@council.example"})
    assert field(record, "contact") == "it@council.example"
    assert "contact" not in record["open_fields"]
    assert "contact" in body(facts)["open_fields"]
    with pytest.raises(ConfigurationError, match="no field 'kontact'"):
        body(facts, {"kontact": "x"})


def test_it_is_the_same_at_the_same_moment(sqlite: Database, tmp_path: Path) -> None:
    assert made(sqlite, tmp_path) == made(sqlite, tmp_path)


def test_the_page_stands_alone_and_escapes(sqlite: Database, tmp_path: Path) -> None:
    facts = gather(Settings(data_dir=tmp_path), sqlite, now=NOW, loading=weightless)
    text = page(body(facts, {"contact": "<script>alert(1)</script>"}), bill_of("1", facts.catalogue.cards))
    reader = Reader(text)
    assert not reader.open
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert "&lt;script&gt;" in text
    assert all(value and value.startswith("#") for name, value in reader.attributes if name == "href")


def test_a_page_of_many_pairs_says_what_it_leaves_out(sqlite: Database, tmp_path: Path) -> None:
    facts = gather(Settings(data_dir=tmp_path), sqlite, now=NOW, loading=weightless)
    many = replace(facts, routes=list(facts.routes) * MOST_PAIRS)
    assert f"{MOST_PAIRS:,} more are in transparency.json" in page(body(many), bill_of("1", []))


def test_a_key_that_expired_is_not_counted(sqlite: Database, tmp_path: Path) -> None:
    Directory(sqlite).create_key("local", scopes=frozenset({Scope.USAGE}), expires_at=NOW + timedelta(days=1))
    keys = [
        body(gather(Settings(data_dir=tmp_path), sqlite, now=moment, loading=weightless))["keys"]["usage"]
        for moment in (NOW, NOW + timedelta(days=2))
    ]
    assert keys == [1, 0]


def test_mode_of_the_folder_is_told(sqlite: Database, tmp_path: Path) -> None:
    for mode in (0o700, 0o750):
        os.chmod(tmp_path, mode)  # noqa: PTH101
        assert f"mode {mode:04o}" in stored(made(sqlite, tmp_path), "Documents")["readers"]


def test_arithmetic_is_what_the_engine_resolved(sqlite: Database, tmp_path: Path) -> None:
    found = body(gather(Settings(data_dir=tmp_path), sqlite, now=NOW))
    computed = {card["id"]: card["compute_type"] for card in found["models"]}
    assert set(computed) == {"starter-en-pt", "starter-pt-en"}
    assert "default" not in computed.values()
    kinds = " and ".join(sorted(set(computed.values())))
    assert f"arithmetic {kinds} (set: default)" in field(found, "architecture")


def test_a_model_that_cannot_be_loaded_is_a_limit(sqlite: Database, tmp_path: Path) -> None:
    def failing(card: ModelCard, options: EngineOptions) -> Backend:
        del options
        raise ModelUnavailable(f"Model {card.id} cannot be loaded: spoilt.")

    found = body(gather(Settings(data_dir=tmp_path), sqlite, now=NOW, loading=failing))
    assert "Model starter-en-pt cannot be loaded: spoilt." in found["limits"]
    assert "arithmetic not known (set: default)" in field(found, "architecture")
