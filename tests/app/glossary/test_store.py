"""Glossaries in both databases: versions, tenants apart."""

import threading

import pytest

from app.errors import InvalidRequest, NotThere
from app.glossary.store import Glossaries
from app.glossary.terms import Dictionary, Term, Terms
from app.storage.engine import Database
from app.vault.vault import Vault
from tests.app.glossary.test_matching import terms

VAN, BUS = Term("van", "carrinha"), Term("bus", "autocarro")


def test_every_change_is_a_version(database: Database) -> None:
    kept = Glossaries(database, vault=Vault())
    made = kept.create(
        "north", " Statements ", terms({"van": "carrinha"}, protected=("ACME",)), key_id="key_1"
    )
    assert (made.name, made.version) == ("Statements", 1)
    changed = kept.change("north", made.id, lambda old: old.with_dictionary(Dictionary("en", "pt", (BUS,))))
    assert changed.version == 2
    assert kept.get("north", made.id) == changed
    assert kept.get("north", made.id, 1) == made
    assert [each.version for each in kept.history("north", made.id)] == [2, 1]
    assert [(each.version, each.size) for each in kept.all("north")] == [(2, 2)]


def test_what_changes_nothing_is_no_version(database: Database) -> None:
    kept = Glossaries(database, vault=Vault())
    made = kept.create("north", "A", terms({"van": "carrinha"}))
    assert kept.change("north", made.id, lambda old: old, name="A").version == 1


def test_tenants_see_nothing_of_each_other(database: Database) -> None:
    kept = Glossaries(database, vault=Vault())
    made = kept.create("north", "A", terms({"van": "carrinha"}))
    assert kept.all("south") == []
    for look in (
        lambda: kept.get("south", made.id),
        lambda: kept.get("south", made.id, 1),
        lambda: kept.history("south", made.id),
        lambda: kept.protection("south", made.id),
        lambda: kept.change("south", made.id, lambda _: Terms()),
        lambda: kept.delete("south", made.id),
    ):
        with pytest.raises(NotThere):
            look()
    # Also once its matchers are at hand.
    kept.protection("north", made.id)
    with pytest.raises(NotThere):
        kept.protection("south", made.id)
    assert kept.get("north", made.id) == made


def test_deleting_takes_every_version(database: Database) -> None:
    kept = Glossaries(database, vault=Vault())
    made = kept.create("north", "A", terms({"van": "carrinha"}))
    kept.protection("north", made.id)
    kept.delete("north", made.id)
    for version in (None, 1):
        with pytest.raises(NotThere):
            kept.get("north", made.id, version)
    with pytest.raises(NotThere):
        kept.protection("north", made.id)


def test_a_request_gets_the_newest_version_made_ready_once(database: Database) -> None:
    kept = Glossaries(database, vault=Vault())
    made = kept.create("north", "A", terms({"van": "carrinha"}))
    first = kept.protection("north", made.id)
    assert kept.protection("north", made.id) is first
    assert first.mark == f"{made.id}:1"
    kept.change("north", made.id, lambda old: old.with_dictionary(Dictionary("en", "pt", (BUS,))))
    assert kept.protection("north", made.id).terms.of("en", "pt") == (BUS,)


def test_changes_at_once_are_versions_one_after_the_other(database: Database) -> None:
    kept = Glossaries(database, vault=Vault())
    made = kept.create("north", "A", Terms())

    def add(language: str) -> None:
        kept.change("north", made.id, lambda old: old.with_dictionary(Dictionary(language, "pt", (VAN,))))

    threads = [threading.Thread(target=add, args=(language,)) for language in ("en", "fr", "de", "es")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    newest = kept.get("north", made.id)
    assert newest.version == 5
    assert {each.source for each in newest.terms.dictionaries} == {"en", "fr", "de", "es"}


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "x" * 1_025])
def test_names_that_cannot_be(sqlite: Database, name: str) -> None:
    with pytest.raises(InvalidRequest):
        Glossaries(sqlite, vault=Vault()).create("north", name, Terms())
