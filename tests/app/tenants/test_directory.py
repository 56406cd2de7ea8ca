from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.errors import InvalidRequest, NotThere
from app.storage.engine import Database
from app.tenants.directory import Directory
from app.tenants.key import MARK, PREFIX, digest
from app.tenants.tables import keys
from app.tenants.tenant import OWN_WORK, Budget, Rates, Scope, Status


def test_the_tenant_of_callers_without_a_key_is_there(directory: Directory) -> None:
    assert [each.name for each in directory.tenants()] == ["local"]


def test_a_tenant_comes_back_as_it_was_made(directory: Directory) -> None:
    made = directory.create_tenant(
        "north", rates=Rates(60, 100_000), budget=Budget(5_000_000, 40_000_000_001, hard=False)
    )
    assert directory.tenant("north") == made
    assert directory.tenants()[1] == made
    suspended = directory.change_tenant("north", status=Status.SUSPENDED)
    assert suspended.status is Status.SUSPENDED
    assert (suspended.rates, suspended.budget) == (made.rates, made.budget)
    assert directory.tenant("north") == suspended


@pytest.mark.parametrize("name", ["", " ", "a b", "ã", "../x", "-x", "x" * 65, "a\n"])
def test_names_without_surprises(directory: Directory, name: str) -> None:
    with pytest.raises(InvalidRequest, match="is not a name"):
        directory.create_tenant(name)


def test_a_name_is_taken_once(directory: Directory) -> None:
    directory.create_tenant("north")
    with pytest.raises(InvalidRequest, match="already"):
        directory.create_tenant("north")


def test_a_key_is_kept_as_its_hash_alone(directory: Directory, database: Database) -> None:
    issued = directory.create_key("local", name="laptop")
    assert issued.secret.startswith(MARK)
    assert len(issued.secret) == len(MARK) + 43
    with database.read() as connection:
        (row,) = connection.execute(select(keys)).all()
    assert issued.secret not in str(row)
    assert issued.secret[: PREFIX + 1] not in str(row)
    found = directory.find_key(digest(issued.secret))
    assert found is not None
    assert found == (issued.key, directory.tenant("local"))
    assert found[0].scopes == OWN_WORK
    assert directory.find_key(digest(issued.secret + "x")) is None


def test_keys_are_random(directory: Directory) -> None:
    secrets = {directory.create_key("local").secret for _ in range(50)}
    assert len(secrets) == 50


def test_what_cannot_be_a_key(directory: Directory) -> None:
    with pytest.raises(NotThere, match="tenants create"):
        directory.create_key("nobody")
    with pytest.raises(InvalidRequest, match="could do nothing"):
        directory.create_key("local", scopes=frozenset())
    with pytest.raises(InvalidRequest, match="expired already"):
        directory.create_key("local", expires_at=datetime.now(UTC))


def test_rotation_gives_a_like_key_and_ends_the_old_one(directory: Directory) -> None:
    directory.create_tenant("north")
    old = directory.create_key("north", name="job", scopes=frozenset({Scope.BULK}), rates=Rates(5, 9)).key
    new = directory.rotate_key(old.id, grace=timedelta(hours=1)).key
    assert (new.tenant, new.name, new.scopes, new.rates) == (old.tenant, old.name, old.scopes, old.rates)
    assert new.id != old.id
    assert new.expires_at is None
    (ending,) = [each for each in directory.keys("north") if each.id == old.id]
    assert ending.expires_at is not None
    assert ending.state(datetime.now(UTC)) == "active"
    assert ending.state(datetime.now(UTC) + timedelta(hours=2)) == "expired"


def test_rotation_never_prolongs_a_key(directory: Directory) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    old = directory.create_key("local", expires_at=soon).key
    new = directory.rotate_key(old.id, grace=timedelta(days=7)).key
    assert {each.expires_at for each in directory.keys("local")} == {soon}
    assert new.expires_at == soon


def test_no_grace_ends_a_key_at_once(directory: Directory) -> None:
    old = directory.create_key("local").key
    directory.rotate_key(old.id, grace=timedelta())
    assert directory.keys("local")[0].state(datetime.now(UTC)) == "expired"
    with pytest.raises(InvalidRequest, match="expired and cannot be rotated"):
        directory.rotate_key(old.id, grace=timedelta())


def test_revoking_is_for_good_and_said_once(directory: Directory) -> None:
    key = directory.create_key("local").key
    first = directory.revoke_key(key.id)
    assert first.state(datetime.now(UTC)) == "revoked"
    assert directory.revoke_key(key.id).revoked_at == first.revoked_at
    with pytest.raises(InvalidRequest, match="revoked and cannot be rotated"):
        directory.rotate_key(key.id, grace=timedelta())
    with pytest.raises(NotThere):
        directory.revoke_key("key_000000000000")


def test_whether_a_key_could_be_used(directory: Directory) -> None:
    assert not directory.has_usable_key()
    key = directory.create_key("local", expires_at=datetime.now(UTC) + timedelta(hours=1)).key
    assert directory.has_usable_key()
    directory.revoke_key(key.id)
    assert not directory.has_usable_key()


def test_the_latest_use_counts(directory: Directory) -> None:
    key = directory.create_key("local").key
    now = datetime.now(UTC)
    directory.mark_used({key.id: now})
    directory.mark_used({key.id: now - timedelta(minutes=1)})
    assert directory.keys()[0].last_used_at == now
