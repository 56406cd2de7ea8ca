"""dragoman audit, and what a service notes."""

import json
from pathlib import Path

from app.settings import Settings
from tests.app.cli.conftest import Call
from tests.app.serving import PATIENCE, serving, write_card


def test_what_commands_and_callers_did_is_listed_and_holds(dragoman: Call, tmp_path: Path) -> None:
    write_card(tmp_path / "cards", "reverse-en-pt", ("en", "pt"), architecture="reverse")
    data = tmp_path / "data"
    with serving(Settings(data_dir=data, model_dir=tmp_path / "cards", preload=False)) as service:
        key = json.loads(dragoman("keys", "create", "--tenant", "local", "--json").out)
        caller = {"Authorization": f"Bearer {key['key']}"}
        files = {"file": ("canary.txt", b"The canary sang.", "text/plain")}
        sent = service.client.post(
            "/v1/documents", files=files, data={"source": "en", "target": "pt"}, headers=caller
        )
        job = sent.json()["id"]
        service.client.get(f"/v1/jobs/{job}/events", headers=caller, timeout=PATIENCE)
        assert service.client.get(f"/v1/jobs/{job}/result", headers=caller).status_code == 200
        assert service.client.get("/v1/jobs/none/result", headers=caller).status_code == 404
        for read in ("report", "statement"):
            assert service.client.get(f"/v1/jobs/{job}/{read}", headers=caller).status_code == 200
            assert service.client.get(f"/v1/jobs/none/{read}", headers=caller).status_code == 404
        assert service.client.delete(f"/v1/jobs/{job}", headers=caller).status_code == 200
        assert service.client.delete("/v1/jobs/none", headers=caller).status_code == 404
    found = json.loads(dragoman("audit", "list", "--json").out)["events"]
    assert [(each["action"], each["subject"]) for each in found] == [
        *((f"job.{each}", job) for each in ("deleted", "stated", "reported", "downloaded")),
        ("key.created", key["id"]),
    ]
    assert {each["actor"] for each in found[:-1]} == {f"key:{key['id']}"}
    assert found[-1]["actor"].startswith("machine:")
    assert "canary" not in json.dumps(found)
    assert key["key"] not in json.dumps(found)
    assert "job.downloaded" in dragoman("audit", "list", "--tenant", "local").out
    told = dragoman("audit", "verify", "--json")
    verdict = json.loads(told.out)
    assert (told.code, verdict["holds"], verdict["hash"]) == (0, True, found[0]["hash"])
    assert dragoman("audit", "verify", "--hash", found[1]["hash"]).code == 0
    assert dragoman("audit", "verify", "--hash", "f" * 64).code == 1


def test_a_backup_is_an_event_on_both_sides(dragoman: Call, tmp_path: Path) -> None:
    file, elsewhere = str(tmp_path / "a.backup"), {"DRAGOMAN_DATA_DIR": str(tmp_path / "elsewhere")}
    assert dragoman("db", "migrate").code == 0
    assert dragoman("backup", "create", file).code == 0
    assert dragoman("backup", "create", file).code == 2
    assert dragoman("backup", "restore", file, **elsewhere).code == 0
    told = {}
    for name, place in (("here", {}), ("there", elsewhere)):
        events = json.loads(dragoman("audit", "list", "--json", **place).out)["events"]
        told[name] = [(each["action"], each["details"].get("sealed")) for each in events]
        assert dragoman("audit", "verify", **place).code == 0
    created = ("backup.created", False)
    assert told == {"here": [created], "there": [("backup.restored", None), created]}
