"""Keep the data folder of this release, so that later ones can be tried on it (tests/test_releases.py).

    python scripts/make_release_fixture.py [NAME]

A real service is started on a free loopback port, with SQLite, a master key and a model without weights, and given
something of every kind; then it is stopped. What is kept in tests/fixtures/releases is `NAME/data.tar.gz`, its data
folder with the master key in it, and `NAME/expected.json`, what has to be found in it again. NAME is the version in
pyproject.toml unless one is given. All texts are made up. Run it for every release, from its tag; it overwrites
nothing.
"""

import argparse
import base64
import gzip
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from app.storage.migrate import newest

ROOT = Path(__file__).parents[1]
RELEASES = ROOT / "tests" / "fixtures" / "releases"
TEXT = "The kiln was lit on Monday.\n\nInvoice 4471 is still open.\n"
CORRECTION = "A fornalha foi acesa na segunda-feira."
TERMS = {"dictionaries": [{"source": "en", "target": "pt", "terms": [{"source": "kiln", "target": "forno"}]}]}
ENDURING = {"DRAGOMAN_JOB_RETENTION": "87600", "DRAGOMAN_REVIEW_DAYS": "36500", "DRAGOMAN_REPLAY": "stored"}
"""What is kept must be there in years."""
START = "from app.cli.main import run; run()"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("name", nargs="?", default=version())
    place: Path = RELEASES / arguments.parse_args().name
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = made(folder)
        place.mkdir(parents=True)
        packed(folder, place / "data.tar.gz")
    (place / "expected.json").write_text(json.dumps(expected, indent=2) + "\n", encoding="utf-8")
    print(place)
    return 0


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def made(folder: Path) -> dict[str, Any]:
    """What is to be found again in `folder`/data."""
    environment = prepared(folder)
    key, other = created(environment, "north"), created(environment, "south")
    with serving(environment) as url:
        with calling(url, other) as client:
            document(client, {"source": "en", "target": "pt"})
        with calling(url, key) as client:
            expected = filled(client)
    erased = folder / "data" / "erased.json"
    asked(environment, "privacy", "erase", "--tenant", "south", "--yes", "-o", str(erased))
    return {
        "schema": newest(),
        "tenant": "north",
        "key": key,
        **expected,
        "ledger": json.loads(asked(environment, "usage", "verify", "--json")),
        "audit": json.loads(asked(environment, "audit", "verify", "--json")),
        "blobs": sorted(file.name for file in (folder / "data" / "blobs").iterdir()),
        "erased": "south",
    }


def prepared(folder: Path) -> dict[str, str]:
    """Settings, and what they name."""
    (folder / "data").mkdir()
    key = folder / "data" / "master.key"
    key.write_text(base64.b64encode(os.urandom(32)).decode() + "\n", encoding="ascii")
    model = folder / "models" / "reverse-en-pt"
    model.mkdir(parents=True)
    card = {"id": model.name, "architecture": "reverse", "pairs": [{"source": "en", "target": "pt"}]}
    (model / "card.json").write_text(json.dumps(card), encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return {
        **plain,
        **ENDURING,
        "PYTHONPATH": str(ROOT),
        "DRAGOMAN_DATA_DIR": str(folder / "data"),
        "DRAGOMAN_MASTER_KEY_FILE": str(key),
        "DRAGOMAN_MODEL_DIR": str(folder / "models"),
        "DRAGOMAN_LOG_LEVEL": "error",
    }


def created(environment: Mapping[str, str], tenant: str) -> str:
    """A key of a tenant with a budget and a time of its own."""
    asked(environment, "tenants", "create", tenant, "--monthly-characters", "1000000")
    asked(environment, "privacy", "retention", "--tenant", tenant, "--set", "documents=36500d")
    scopes = "translate,documents,glossaries,review,usage"
    made = asked(environment, "keys", "create", "--tenant", tenant, "--scopes", scopes, "--json")
    return str(json.loads(made)["key"])


def calling(url: str, key: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60, trust_env=False, headers={"Authorization": f"Bearer {key}"})


def filled(client: httpx.Client) -> dict[str, Any]:
    """Something of every kind."""
    body = {"text": TEXT, "source": "en", "target": "pt"}
    once = {"Idempotency-Key": "fixture-1"}
    entry = right(client.post("/v1/translate", json=body, headers=once))["id"]
    glossary = right(client.post("/v1/glossaries", json={"name": "Pottery", **TERMS}), 201)["id"]
    job = document(client, {"source": "en", "target": "pt", "glossary": glossary})
    segment = right(client.get("/v1/review", params={"job": job}))["segments"][0]["id"]
    verdict = {"verdict": "corrected", "text": CORRECTION, "reason": "meaning"}
    right(client.post(f"/v1/review/{segment}", json=verdict))
    result = client.get(f"/v1/jobs/{job}/result").content
    return {
        "entry": entry,
        "glossary": {"id": glossary, "name": "Pottery", **TERMS},
        "job": job,
        "name": "kiln.txt",
        "result": result.decode(),
        "result_sha256": right(client.get(f"/v1/jobs/{job}/statement"))["statement"]["document"][
            "result_sha256"
        ],
        "memory": CORRECTION,
        "usage": right(client.get("/v1/usage"))["totals"],
    }


def document(client: httpx.Client, data: Mapping[str, str]) -> str:
    """The id of a job that has ended."""
    files = {"file": ("kiln.txt", TEXT.encode(), "text/plain")}
    job = right(client.post("/v1/documents", files=files, data=data), 202)["id"]
    client.get(f"/v1/jobs/{job}/events")  # ends with the job
    return str(job)


def right(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    if answer.status_code != status:
        raise SystemExit(f"{answer.request.url.path}: {answer.status_code} {answer.text}")
    body: dict[str, Any] = answer.json()
    return body


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    started = [sys.executable, "-c", START, "serve", "--port", "0"]
    with subprocess.Popen(started, env=environment, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            yield listening(process.stdout)
        finally:
            process.send_signal(signal.SIGTERM)


def listening(said: IO[bytes] | None) -> str:
    """The address that a service says at start."""
    line = "" if said is None else said.readline().decode()
    if "http://" not in line:
        raise SystemExit("The service did not start.")
    return line.split()[-1]


def asked(environment: Mapping[str, str], *words: str) -> str:
    """What a command printed."""
    called = [sys.executable, "-c", START, *words]
    return subprocess.run(
        called, env=environment, stdout=subprocess.PIPE, check=True, text=True, cwd=ROOT
    ).stdout


def packed(folder: Path, to: Path) -> None:
    """Without owners and times, which say nothing."""

    def bare(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return member

    with (
        to.open("xb") as raw,
        gzip.GzipFile("", "wb", 9, raw, 0) as out,
        tarfile.open(mode="w", fileobj=out) as tar,
    ):
        tar.add(folder / "data", "data", filter=bare)


if __name__ == "__main__":
    raise SystemExit(main())
