"""tenants and keys: on the database, a server running or not."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.cli.conftest import Call
from tests.app.cli.program import Program, Served


def out(done: Any) -> dict[str, Any]:
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.fixture
def guarded(identity: Program) -> Iterator[Served]:
    with identity.serving(DRAGOMAN_AUTH="required") as served:
        yield served


def test_a_tenant_and_its_key(dragoman: Call) -> None:
    made = out(dragoman("tenants", "create", "north", "--json"))
    assert (made["tenant"], made["status"]) == ("north", "active")
    key = out(dragoman("keys", "create", "--tenant", "north", "--name", "laptop", "--json"))
    assert key["tenant"] == "north"
    assert key["key"].startswith(key["prefix"])
    assert key["scopes"] == ["bulk", "documents", "glossaries", "review", "translate", "usage"]
    (listed,) = out(dragoman("keys", "list", "--json"))["keys"]
    assert listed == {name: value for name, value in key.items() if name != "key"}
    shown = out(dragoman("tenants", "show", "north", "--json"))
    assert shown == {**made, "keys": [listed]}
    assert [each["tenant"] for each in out(dragoman("tenants", "list", "--json"))["tenants"]] == [
        "local",
        "north",
    ]
    assert out(dragoman("keys", "list", "--tenant", "local", "--json")) == {"keys": []}


def test_the_key_stands_alone_on_standard_output(dragoman: Call) -> None:
    done = dragoman("keys", "create", "--tenant", "local")
    assert done.out.startswith("dgm_")
    assert done.out.count("\n") == 1
    assert "not shown again" in done.err
    for command in (("keys", "list"), ("tenants", "show", "local"), ("tenants", "list")):
        shown = dragoman(*command)
        assert shown.code == 0
        assert done.out.strip() not in shown.out + shown.err


def test_when_a_key_expires(dragoman: Call) -> None:
    def expiry(when: str) -> datetime:
        made = out(dragoman("keys", "create", "--tenant", "local", "--expires", when, "--json"))
        return datetime.fromisoformat(made["expires_at"])

    assert timedelta(days=89) < expiry("90d") - datetime.now(UTC) < timedelta(days=91)
    assert expiry("2999-01-31") == datetime(2999, 1, 31, tzinfo=UTC)
    assert expiry("2999-01-31T18:00+02:00") == datetime(2999, 1, 31, 16, tzinfo=UTC)
    for wrong in ("soon", "2001-01-01", "-1d"):
        done = dragoman("keys", "create", "--tenant", "local", f"--expires={wrong}")
        assert done.code == 2


def test_rotating_and_revoking(dragoman: Call) -> None:
    old = out(dragoman("keys", "create", "--tenant", "local", "--scopes", "usage", "--json"))
    new = out(dragoman("keys", "rotate", old["id"], "--grace", "7d", "--json"))
    assert new["scopes"] == ["usage"]
    assert new["key"] != old["key"]
    revoked = out(dragoman("keys", "revoke", old["id"], "--json"))
    assert (revoked["id"], revoked["status"]) == (old["id"], "revoked")
    assert "is revoked" in dragoman("keys", "revoke", new["id"]).out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("tenants", "create", "a b"), "is not a name for a tenant"),
        (("tenants", "create", "local"), "already"),
        (("tenants", "show", "nobody"), "There is no tenant 'nobody'"),
        (("keys", "create", "--tenant", "nobody"), "dragoman tenants create"),
        (("keys", "create", "--tenant", "local", "--scopes", "root"), "There are translate, documents"),
        (("keys", "create", "--tenant", "local", "--scopes", ","), "could do nothing"),
        (("keys", "revoke", "key_0"), "no key with this id"),
        (("keys", "rotate", "key_0", "--grace", "a while"), "no span of time"),
    ],
)
def test_what_cannot_be(dragoman: Call, command: tuple[str, ...], said: str) -> None:
    done = dragoman(*command)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_key_pasted_for_its_id_is_not_repeated(dragoman: Call) -> None:
    secret = dragoman("keys", "create", "--tenant", "local").out.strip()
    for command in ("revoke", "rotate"):
        done = dragoman("keys", command, secret)
        assert done.code == 2
        assert secret not in done.err


def test_the_commands_work_while_a_server_runs(guarded: Served, dragoman: Call) -> None:
    def status(secret: str) -> int:
        return httpx.get(f"{guarded.url}/v1/languages", headers={"X-API-Key": secret}).status_code

    assert httpx.get(f"{guarded.url}/v1/languages").status_code == 401
    assert dragoman("tenants", "create", "north").code == 0
    made = out(dragoman("keys", "create", "--tenant", "north", "--json"))
    assert status(made["key"]) == 200
    assert dragoman("tenants", "suspend", "north").code == 0
    while status(made["key"]) == 200:
        pass
    assert status(made["key"]) == 403
    assert dragoman("tenants", "resume", "north").code == 0
    while status(made["key"]) == 403:
        pass
    assert status(made["key"]) == 200


def test_the_clients_send_the_key(guarded: Served, dragoman: Call, tmp_path: Path) -> None:
    secret = dragoman("keys", "create", "--tenant", "local").out.strip()
    (tmp_path / "in.txt").write_text("Bom dia.\n", encoding="utf-8")
    commands = [
        ("translate", "--from", "pt", "--to", "en", "Bom dia."),
        ("detect", "Bom dia, onde fica a estação?"),
        ("models", "list"),
        ("bulk", "run", "in.txt", "--from", "pt", "--to", "en", "--out", "out.txt", "--force"),
        ("usage",),
    ]
    for command in commands:
        there = (*command, "--server", guarded.url)
        refused = dragoman(*there)
        assert (refused.code, "needs a key" in refused.err) == (2, True)
        assert dragoman(*there, DRAGOMAN_API_KEY=secret).code == 0
        assert dragoman(*there, "--key", secret).code == 0
        for wrong in (secret[:-1], f"{secret} "):
            done = dragoman(*there, "--key", wrong)
            assert done.code == 2
            assert secret[10:-1] not in done.err + done.out


def test_budgets_and_limits(dragoman: Call) -> None:
    asked = ("--monthly-characters", "100", "--monthly-budget", "4.5", "--requests-per-minute", "60")
    made = out(dragoman("tenants", "create", "north", *asked, "--json"))
    assert (made["monthly_characters"], made["monthly_budget"]) == (100, "4.500000000")
    assert (made["enforcement"], made["used_characters"], made["over_budget"]) == ("hard", 0, False)
    changed = out(dragoman("tenants", "update", "north", "--soft", "--monthly-characters", "7", "--json"))
    assert changed == {**made, "enforcement": "soft", "monthly_characters": 7}
    again = out(dragoman("tenants", "update", "north", "--characters-per-minute", "9", "--json"))
    assert again == {**changed, "characters_per_minute": 9}
    bare = out(dragoman("tenants", "update", "north", "--no-budget", "--no-limits", "--json"))
    assert [bare[name] for name in ("monthly_characters", "monthly_budget", "requests_per_minute")] == [
        None
    ] * 3
    for wrong in ("x", "-1", "nan", "0.0000000001"):
        assert dragoman("tenants", "update", "north", f"--monthly-budget={wrong}").code == 2


def test_the_embedded_engine_keeps_to_the_budget_of_local(dragoman: Call, model_dir: Path) -> None:
    assert dragoman("tenants", "update", "local", "--monthly-characters", "8").code == 0
    words = ("translate", "--from", "pt", "--to", "en")
    assert dragoman(*words, "Bom dia.", DRAGOMAN_MODEL_DIR=str(model_dir)).code == 0
    done = dragoman(*words, "Olá.", DRAGOMAN_MODEL_DIR=str(model_dir))
    assert (done.code, done.out) == (2, "")
    assert "8 of 8 characters are used" in done.err
    (listed,) = out(dragoman("tenants", "list", "--json"))["tenants"]
    assert (listed["used_characters"], listed["over_budget"]) == (8, False)
    assert dragoman("tenants", "list").code == 0


def test_usage_of_a_tenant(dragoman: Call, server: Served) -> None:
    assert out(dragoman("usage", "--tenant", "local", "--json"))["tenant"] == "local"
    assert "scope admin" in dragoman("usage", "--tenant", "nobody", "--server", server.url).err


def test_the_policy_of_a_memory(dragoman: Call) -> None:
    assert out(dragoman("tenants", "create", "north", "--memory", "exact", "--json"))["memory"] == "exact"
    assert out(dragoman("tenants", "update", "north", "--no-limits", "--json"))["memory"] == "exact"
    assert out(dragoman("tenants", "update", "north", "--memory", "default", "--json"))["memory"] == "show"
    assert out(dragoman("tenants", "show", "local", "--json"))["memory"] == "show"
    assert dragoman("tenants", "update", "north", "--memory", "always").code == 2
