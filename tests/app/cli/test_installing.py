"""models search, available, pull, export and import, by a hub on this machine."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from models.catalogue import STARTER, installed
from models.contracts import EngineOptions
from models.footprint import footprint
from tests.app.cli.conftest import Call
from tests.app.cli.program import Program, Served
from tests.models.install.checkpoints import RECIPES, write, write_starter
from tests.models.install.server import Store, served

NAME = "Helsinki-NLP/opus-mt-en-pt"
PATIENCE = 60.0
"""Seconds."""


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with served() as found:
        monkeypatch.setenv("HF_ENDPOINT", found.url)
        monkeypatch.setenv("HF_TOKEN", "")
        yield found


def seen_by(server: Served) -> None:
    """Returns once the running service says that it has taken the pulled model over."""
    assert server.process.stderr is not None
    overdue = threading.Timer(PATIENCE, server.process.kill)
    overdue.start()
    try:
        for line in server.process.stderr:
            if b"The model directory changed" in line and "opus-mt-en-pt" in _installed(server):
                return
    finally:
        overdue.cancel()
    pytest.fail("the running service did not see the model")


def _installed(server: Served) -> set[str]:
    return {model["id"] for model in httpx.get(f"{server.url}/v1/models").json()["models"]}


def test_a_model_is_pulled_served_exported_and_imported_elsewhere(
    dragoman: Call, program: Program, store: Store, tmp_path: Path
) -> None:
    write_starter(tmp_path / "hub", STARTER / "en-pt")
    store.repositories[NAME] = tmp_path / "hub"

    with program.serving(DRAGOMAN_MODEL_RESCAN="0.1", DRAGOMAN_LOG_LEVEL="info") as server:
        pulled = dragoman("models", "pull", NAME)
        assert pulled.code == 0, pulled.err
        assert "Installed opus-mt-en-pt (en-pt), cc-by-4.0" in pulled.out
        assert "tried en-pt: resemblance" in pulled.out
        seen_by(server)
        body = {"text": ["Good morning, everybody."], "source": "en", "target": "pt"}
        answer = httpx.post(f"{server.url}/v1/translate", json=body).json()
    assert "opus-mt-en-pt" in json.dumps(answer)
    assert "Bom dia" in json.dumps(answer)

    info = json.loads(dragoman("models", "info", "opus-mt-en-pt", "--json").out)
    assert info["verified"] is True
    assert info["size"] == sum(each.stat().st_size for each in Path(info["path"]).iterdir())
    assert "Fetching model.safetensors, 69 MB" in pulled.err
    assert info["provenance"]["revision"] == store.commit(NAME)
    assert dragoman("models", "export", "opus-mt-en-pt", "-o", "m.tar.zst").code == 0
    apart = dragoman("models", "import", "m.tar.zst", "--json", DRAGOMAN_MODEL_DIR=str(tmp_path / "apart"))
    assert apart.code == 0, apart.err
    assert "not signed" in apart.err
    (copy,) = json.loads(apart.out)["installed"]
    assert copy["fingerprint"] == info["fingerprint"]
    assert copy["path"] == str(tmp_path / "apart" / "opus-mt-en-pt")
    for home in (Path(info["path"]).parent, tmp_path / "apart"):
        card = installed(home).card("opus-mt-en-pt")
        assert card is not None
        assert 18e6 < card.footprint < 150e6, "the self-test measured its memory"
        threads = [footprint(card, EngineOptions(threads=each)) for each in (1, 4)]
        assert threads[0] == card.footprint < threads[1]
        assert card.footprint > 40e6, "and not what two sentences leave, 36 MB"

    # As a container does that runs it at every start of a pod.
    for command in (("pull", NAME), ("import", "m.tar.zst", "--json")):
        assert dragoman("models", *command).code == 2
        again = dragoman("models", *command, "--if-missing")
        assert (again.code, "opus-mt-en-pt is installed already; nothing was done." in again.err) == (0, True)
    assert json.loads(again.out) == {"installed": []}


def test_what_is_refused_exits_2_with_a_sentence_and_installs_nothing(
    dragoman: Call, store: Store, tmp_path: Path
) -> None:
    write(tmp_path / "hub", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "hub"
    refused = dragoman("models", "pull", NAME)
    assert refused.code == 2
    assert "was tried on en-pt and is refused" in refused.err
    assert "opus-mt-en-pt" not in dragoman("models", "list").out

    allowed = dragoman(
        "models", "pull", NAME, "--skip-self-test", "--id", "mine", "--pairs", "en-pt", "--json"
    )
    assert allowed.code == 0
    (installed,) = json.loads(allowed.out)["installed"]
    assert installed["id"] == "mine"
    assert "was installed without being tried." in installed["remarks"]
    assert dragoman("models", "pull", "none-such").code == 2
    assert dragoman("models", "pull", NAME, "--type", "int3").code == 2
    assert dragoman("models", "pull", NAME, "--pairs", "nonsense").code == 2
    assert dragoman("models", "import", "missing.tar.zst").code == 2
    assert dragoman("models", "import", str(tmp_path / "hub"), "--trusted-keys", "k").code == 2
    assert "Choose of" in dragoman("models", "export", "none", "-o", "x.tar.zst").err
    assert dragoman("models", "export", "starter-en-pt", "-o", "x.zip").code == 2


def test_search_by_codes_and_names_in_the_readers_language(
    dragoman: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    found = dragoman("models", "search", "--from", "Ungarisch", "--to", "en")
    assert found.code == 0
    assert "hu-en" in found.out
    assert "Englisch" in found.out
    assert "CC-BY-4.0" in found.out
    body = json.loads(
        dragoman("models", "search", "--from", "hu", "--to", "English", "--in", "pt", "--json").out
    )
    first = body["releases"][0]
    assert first["name"] == "hu-en"
    assert first["from"] == [{"code": "hu", "name": "húngaro"}]
    assert first["installed"] is False
    assert first["url"].endswith(".zip")
    chinese = dragoman("models", "search", "--from", "zh-TW", "--to", "sv")
    assert "zh-sv" in chinese.out
    assert "zh-TW is filed under zh" in chinese.err
    for form in ((), ("--json",)):
        nothing = dragoman("models", "search", "--from", "xh", "--to", "cy", *form)
        assert nothing.code == 1
        assert "no such model" in nothing.err
    assert json.loads(nothing.out) == {"releases": []}
    cut = dragoman("models", "search", "--from", "ta", "--to", "en")
    assert cut.code == 1
    assert "by BPE codes, which is not done here: ta-en." in cut.err
    unknown = dragoman("models", "search", "--from", "Klingonish")
    assert unknown.code == 2
    assert "Klingonish" in unknown.err
    assert "--all lists them" in dragoman("models", "search", "--from", "en").err


def test_sizes_are_asked_of_the_server(dragoman: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    unasked = dragoman("models", "search", "--from", "hu", "--to", "en")
    assert "unknown" in unasked.out
    assert "--sizes asks the server" in unasked.err
    monkeypatch.setattr("models.install.download.size_of", lambda _client, _url: 298_000_000)
    assert "298 MB" in dragoman("models", "search", "--from", "hu", "--to", "en", "--sizes").out
    many = dragoman("models", "search", "--from", "en", "--sizes", "--json")
    sizes = [each["size"] for each in json.loads(many.out)["releases"]]
    assert sizes[:40] == [298_000_000] * 40
    assert set(sizes[40:]) == {None}
    assert "for the first 40 only" in many.err


def test_sizes_that_cannot_be_asked_are_said_to_be_unknown(
    dragoman: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # where nobody listens
    alone = dragoman("models", "search", "--from", "hu", "--to", "en", "--sizes", "--json")
    assert alone.code == 0
    assert json.loads(alone.out)["releases"][0]["size"] is None
    assert "could not be asked: ConnectError." in alone.err
    assert "sizes are unknown" in alone.err


def test_what_could_be_installed_is_told_before_there_is_a_folder_for_it(
    dragoman: Call, tmp_path: Path
) -> None:
    missing = str(tmp_path / "models")
    for asked in (("search", "--from", "hu", "--to", "en"), ("available",)):
        assert dragoman("models", *asked, DRAGOMAN_MODEL_DIR=missing).code == 0
    refused = dragoman("models", "list", DRAGOMAN_MODEL_DIR=missing)
    assert refused.code == 2
    assert "made by the first `dragoman models pull`" in refused.err


def test_available_counts_models_by_language(dragoman: Call) -> None:
    rows = json.loads(dragoman("models", "available", "--in", "pt", "--json").out)["languages"]
    portuguese = next(row for row in rows if row["language"] == "pt")
    assert portuguese["name"] == "português"
    assert portuguese["installed_from"] == portuguese["installed_into"] == 1
    assert len(rows) > 150
    assert "Hungarian" in dragoman("models", "available", "--in", "en").out


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (openssh-client)")
def test_a_signed_bundle_says_whose_it_is(dragoman: Call, tmp_path: Path) -> None:
    keygen = str(shutil.which("ssh-keygen"))
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    written = dragoman("models", "export", "starter-en-pt", "-o", "s.tar.zst", "--sign-with", "key")
    fingerprint = written.out.rpartition("signed by ")[2].removesuffix(")\n")
    assert fingerprint.startswith("SHA256:")
    untried = ("models", "import", "s.tar.zst", "--skip-self-test", "--replace")

    trusted = dragoman(*untried, "--trusted-keys", "key.pub")
    assert f"Signed by {fingerprint}, a key that you trust." in trusted.out
    assert f"says it is signed by {fingerprint}" in dragoman(*untried).err
    (tmp_path / "other.pub").write_text("ssh-ed25519 AAAA nobody\n", encoding="utf-8")
    refused = dragoman(*untried, "--trusted-keys", "other.pub")
    assert refused.code == 2
    assert "which is not in other.pub" in refused.err
