"""scripts/audit.py: known vulnerabilities, found in a list on disk."""

import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def audit(
    folder: Path, *advisories: dict[str, Any], lock: str = "some-package==1.4.2 \\\n    --hash=sha256:0\n"
) -> Any:
    archive, locked = folder / "all.zip", folder / "requirements.lock"
    locked.write_text(lock)
    with zipfile.ZipFile(archive, "w") as made:
        for number, each in enumerate(advisories):
            made.writestr(f"{number}.json", json.dumps(each))
    return run(archive, locked)


def run(*args: Path) -> Any:
    called = [sys.executable, str(ROOT / "scripts" / "audit.py"), *map(str, args)]
    return subprocess.run(called, capture_output=True, text=True, check=False)


def advisory(*events: dict[str, str], name: str = "Some_Package", **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}]
    package = {"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}
    return {"id": "PYSEC-1", "summary": "It falls over.", "affected": [package], **more}


@pytest.mark.parametrize(
    ("events", "hit"),
    [
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"fixed": "1.4.2"}], False),
        ([{"introduced": "0"}, {"fixed": "1.10"}], True),
        ([{"introduced": "1.5"}], False),
        ([{"introduced": "1.0"}, {"last_affected": "1.4.2"}], True),
        ([{"introduced": "1.0"}, {"last_affected": "1.4.1"}], False),
        ([{"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "1.4"}, {"fixed": "1.5"}], True),
    ],
)
def test_versions_are_compared_as_versions(tmp_path: Path, events: list[dict[str, str]], hit: bool) -> None:
    done = audit(tmp_path, advisory(*events))
    assert done.returncode == int(hit), done.stderr
    assert ("some-package 1.4.2: PYSEC-1 It falls over." in done.stdout) is hit


def test_others_and_withdrawn_ones_do_not_count(tmp_path: Path) -> None:
    always = {"introduced": "0"}
    others = [advisory(always, name="other"), advisory(always, withdrawn="2026-01-01T00:00:00Z")]
    done = audit(tmp_path, *others)
    assert (done.returncode, done.stdout) == (
        0,
        "1 packages, 2 advisories, 0 found. The list does not say how old it is.\n",
    )


def test_an_old_list_says_so(tmp_path: Path) -> None:
    today = datetime.now(UTC)
    changed = [(today - timedelta(days=days)).isoformat().replace("+00:00", "Z") for days in (40, 15, 300)]
    done = audit(tmp_path, *(advisory({"introduced": "0"}, name="other", modified=each) for each in changed))
    assert (
        f"The list is of {(today - timedelta(days=15)).date()}. WARNING: that is 15 days ago" in done.stdout
    )
    fresh = audit(tmp_path, advisory({"introduced": "0"}, name="other", modified=today.isoformat()))
    assert fresh.stdout.endswith(f"The list is of {today.date()}.\n")


def test_a_list_that_cannot_be_read_is_no_good_news(tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(b"<html>")
    assert run(tmp_path / "all.zip", ROOT / "requirements.lock").returncode == 2


def test_it_reads_this_projects_lock(tmp_path: Path) -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    done = audit(tmp_path, advisory({"introduced": "0"}, name="uvicorn"), lock=lock)
    assert done.returncode == 1
    assert done.stdout.startswith("uvicorn ")
