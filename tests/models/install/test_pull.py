"""Models from a hub and from OPUS-MT's store, by way of a server on this machine that speaks as they do."""

import json
import os
import shutil
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import httpx
import pytest
from safetensors.numpy import load_file, save_file

from models import catalogue
from models.card import read_card
from models.catalogue import STARTER, installed
from models.contracts import EngineOptions, InstallError, LanguagePair, Untrusted
from models.install.asking import get
from models.install.download import Expected, fetch, open_client
from models.install.hub import Hub
from models.install.installer import Choices
from models.install.pins import Pin, read_pins
from models.install.pull import Naming, pull
from models.loader import load
from tests.models.install import torch_pickles
from tests.models.install.checkpoints import RECIPES, write
from tests.models.install.conftest import Zipped
from tests.models.install.server import Store
from tests.models.small_marian import Recipe as Release

UNTRIED = Choices(self_test=False)
"""Random weights say nothing that a self-test would let pass."""
NAME = "Helsinki-NLP/opus-mt-en-pt"


def listed(monkeypatch: pytest.MonkeyPatch, store: Store, name: str, zip_file: Path) -> None:
    """The packaged list has this release alone, at this server."""
    store.files[zip_file.name] = zip_file
    source, _, target = name.partition("-")
    release = catalogue.Release(
        name, frozenset({source}), frozenset({target}), "2020-02-02", "transformer", "sentencepiece", 64.3,
        f"{store.elsewhere}/{zip_file.name}",
    )  # fmt: skip
    monkeypatch.setattr(catalogue, "releases", lambda: (release,))


def card_file(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    return found


def test_a_model_from_the_hub_is_installed_tried_and_described(
    store: Store, starter_checkpoint: Path, tmp_path: Path
) -> None:
    store.repositories[NAME] = starter_checkpoint

    done = pull(NAME, tmp_path / "models")

    assert [line.split(":")[0] for line in done.tried] == ["en-pt"]
    card = installed(tmp_path / "models").card("opus-mt-en-pt")
    assert card is not None
    card.verify()
    assert card.pairs == (LanguagePair("en", "pt"),)
    assert card.licence == "cc-by-4.0"
    assert "Helsinki" in card.attribution
    assert card.chrf(card.pairs[0]) == 64.3
    assert card.provenance["revision"] == store.commit(NAME)
    assert card.provenance["files"].keys() >= {"model.safetensors", "vocab.json", "source.spm"}
    assert card.provenance["self_test"] == list(done.tried)
    backend = load(card, EngineOptions())
    answer = backend.translate(backend.tokenize(["Good morning, everybody."], card.pairs[0]))[0].text
    assert "Bom dia" in answer
    backend.close()
    assert sorted(each.name for each in (tmp_path / "models").iterdir()) == [
        ".downloads", ".lock", "models.lock", "opus-mt-en-pt"
    ]  # fmt: skip
    assert list((tmp_path / "models" / ".downloads").iterdir()) == []


def test_a_release_of_the_list_comes_as_a_zip(
    store: Store, zipped: Zipped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(monkeypatch, store, "en-pt", zipped("en-pt"))
    seen: list[tuple[str, int, int | None]] = []

    done = pull("en-pt", tmp_path / "models", choices=UNTRIED, progress=lambda *told: seen.append(told))

    assert done.card.id == "opus-mt-en-pt"
    assert done.card.pairs == (LanguagePair("en", "pt"),)
    assert done.card.licence == "CC-BY-4.0"
    assert done.card.chrf(done.card.pairs[0]) == 64.3
    assert done.card.provenance["self_test"] == "skipped"
    assert seen[-1][1] == seen[-1][2] == (tmp_path / "en-pt.zip").stat().st_size
    pin = read_pins(tmp_path / "models").of(f"{store.elsewhere}/en-pt.zip")
    assert pin == Pin({"zip": done.card.provenance["files"]["zip"]})


def test_a_repository_that_is_converted_already_is_taken_as_it_is(store: Store, tmp_path: Path) -> None:
    shutil.copytree(STARTER / "pt-en", tmp_path / "files", ignore=shutil.ignore_patterns("card.json"))
    store.repositories["someone/opus-mt-pt-en-ct2"] = tmp_path / "files"

    done = pull(
        "someone/opus-mt-pt-en-ct2", tmp_path / "models", naming=Naming(pairs=(LanguagePair("pt", "en"),))
    )

    assert done.card.sha256["model.bin"] == read_card(STARTER / "pt-en").sha256["model.bin"]
    assert "someone/opus-mt-pt-en-ct2" in done.card.attribution
    assert done.tried


def test_weights_in_several_files_are_all_fetched(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    whole = tmp_path / "files" / "model.safetensors"
    weights = load_file(whole)
    index: dict[str, str] = {}
    whole.unlink()
    for number, names in enumerate((sorted(weights)[:9], sorted(weights)[9:]), start=1):
        part = f"model-0000{number}-of-00002.safetensors"
        save_file({name: weights[name] for name in names}, tmp_path / "files" / part)
        index |= dict.fromkeys(names, part)
    body = json.dumps({"weight_map": index})
    (tmp_path / "files" / "model.safetensors.index.json").write_text(body, encoding="utf-8")
    store.repositories[NAME] = tmp_path / "files"

    done = pull(NAME, tmp_path / "models", choices=UNTRIED)

    assert {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"} <= set(
        done.card.provenance["files"]
    )


def test_several_targets_are_read_from_the_vocabulary(store: Store, zipped: Zipped, tmp_path: Path) -> None:
    file = zipped("en-roa", Release(targets=(">>fra<<", ">>por<<")))
    store.files["en-roa.zip"] = file
    write(tmp_path / "multi", RECIPES["multi"])
    store.repositories["Helsinki-NLP/opus-mt-en-roa"] = tmp_path / "multi"

    by_zip = pull(f"{store.elsewhere}/en-roa.zip", tmp_path / "zip", choices=UNTRIED)
    by_hub = pull("Helsinki-NLP/opus-mt-en-roa", tmp_path / "hub", choices=UNTRIED)

    for done in (by_zip, by_hub):
        assert set(done.card.pairs) == {LanguagePair("en", "fr"), LanguagePair("en", "pt")}
        assert done.card.target_tokens == {"fr": ">>fra<<", "pt": ">>por<<"}


def test_a_family_of_sources_is_read_from_the_page(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    name = "Helsinki-NLP/opus-mt-ROMANCE-en"
    store.repositories[name] = tmp_path / "files"
    store.languages = ("it", "pt_br", "ro", "roa", "en")

    done = pull(name, tmp_path / "models", choices=UNTRIED)

    assert {str(pair) for pair in done.card.pairs} == {"it-en", "pt-en", "ro-en"}
    told = pull(name, tmp_path / "told", choices=UNTRIED, naming=Naming(pairs=(LanguagePair("it", "en"),)))
    assert told.card.pairs == (LanguagePair("it", "en"),)


@pytest.mark.parametrize(
    ("name", "languages", "pairs"),
    [
        ("gmq-itc", ("da", "sv", "fr", "pt"), {"da-fr", "da-pt", "sv-fr", "sv-pt"}),
        ("itc-itc", ("fr", "pt"), {"fr-pt", "pt-fr"}),
    ],
)
def test_families_on_both_sides(
    store: Store, tmp_path: Path, name: str, languages: tuple[str, ...], pairs: set[str]
) -> None:
    write(tmp_path / "files", RECIPES["multi"])
    store.repositories[f"Helsinki-NLP/opus-mt-tc-big-{name}"] = tmp_path / "files"
    store.languages = languages

    done = pull(f"Helsinki-NLP/opus-mt-tc-big-{name}", tmp_path / "models", choices=UNTRIED)

    assert {str(pair) for pair in done.card.pairs} == pairs


def test_a_transfer_that_breaks_off_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    content = os.urandom(700_000)
    (tmp_path / "large").write_bytes(content)
    store.files["large"] = tmp_path / "large"
    store.break_after = 300_000

    with open_client() as client:
        fetch(client, f"{store.elsewhere}/large", tmp_path / "got")

    assert (tmp_path / "got").read_bytes() == content
    ranges = [headers.get("Range") for headers in store.sent("/large")]
    assert ranges == [None, "bytes=300000-", "bytes=600000-"]


def test_what_arrived_is_kept_for_the_next_command_but_not_mixed_with_another_version(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(b"old" * 100_000)
    store.files["large"] = tmp_path / "large"
    store.break_after = 1_000
    with open_client() as client:
        with pytest.raises(InstallError, match="goes on from there"):
            fetch(client, f"{store.elsewhere}/large", tmp_path / "got")
        assert (tmp_path / "got.part").stat().st_size == 5_000
        (tmp_path / "large").write_bytes(b"new" * 100_000)
        store.break_after = 0

        fetch(client, f"{store.elsewhere}/large", tmp_path / "got")

    assert (tmp_path / "got").read_bytes() == b"new" * 100_000
    assert not (tmp_path / "got.part").exists()


def test_a_proxy_of_the_environment_is_asked(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"content")
    store.files["file"] = tmp_path / "file"
    monkeypatch.setenv("HTTP_PROXY", store.elsewhere)
    with open_client() as client:
        fetch(client, "http://models.invalid/file", tmp_path / "got")

    assert (tmp_path / "got").read_bytes() == b"content"
    assert store.asked[-1][1] == "http://models.invalid/file"


def test_encryption_is_not_given_up_on_the_way(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "https":
            return httpx.Response(302, headers={"Location": "http://models.invalid/file"})
        return httpx.Response(200, content=b"content")

    with (
        httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True) as client,
        pytest.raises(Untrusted, match="without encryption"),
    ):
        fetch(client, "https://models.invalid/file", tmp_path / "got")
    assert not (tmp_path / "got").exists()


def test_a_hub_that_may_not_be_asked_is_not(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InstallError, match="HF_HUB_OFFLINE"):
        pull(NAME, tmp_path / "models")
    assert store.asked == []


def test_a_model_that_cannot_be_told_its_target_is_refused(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["en-fr+pt.zip"] = zipped("en-fr+pt")

    with pytest.raises(InstallError, match="no token that asks for one"):
        pull(f"{store.elsewhere}/en-fr+pt.zip", tmp_path / "models", choices=UNTRIED)


def test_what_could_not_be_installed_is_kept_and_not_mistaken_for_a_later_version(
    store: Store, tmp_path: Path
) -> None:
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    with pytest.raises(InstallError, match="is refused"):
        pull(NAME, tmp_path / "models")
    store.asked.clear()
    with pytest.raises(InstallError, match="is refused"):
        pull(NAME, tmp_path / "models")
    assert not store.sent("/resolve/")
    shutil.rmtree(tmp_path / "files")
    write(tmp_path / "files", replace(RECIPES["single"], seed=12))

    done = pull(NAME, tmp_path / "models", choices=UNTRIED)

    assert done.card.provenance["revision"] == store.commit(NAME)
    assert list((tmp_path / "models" / ".downloads").iterdir()) == []


HUB_ANSWERS: list[Any] = [
    httpx.Response(200, content=b"<html>Log in to go on</html>"),
    httpx.Response(200, json=[1]),
    httpx.Response(200, json={"sha": 7}),
    httpx.Response(200, json={"sha": "a" * 40, "cardData": [], "tags": 3}),
    httpx.Response(
        200, json={"sha": "a" * 40, "cardData": {"license": "mit"}}
    ),  # the tree is the same: no list
    httpx.Response(302, headers={"Location": "http://hub.invalid/again"}),
    httpx.Response(403, json={}),
    httpx.Response(200, content=b"[" * 200_000),
    httpx.Response(200, content=b" " * (9 << 20)),
]


@pytest.mark.parametrize("answer", HUB_ANSWERS, ids=range(len(HUB_ANSWERS)))
def test_what_no_hub_would_say_is_a_sentence(tmp_path: Path, answer: httpx.Response) -> None:
    transport = httpx.MockTransport(
        lambda _: httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
    )
    with (
        httpx.Client(transport=transport, follow_redirects=True) as client,
        pytest.raises(InstallError, match=r"as a hub does|TooManyRedirects|HF_TOKEN|more than 8 MB; no hub"),
    ):
        Hub(client, endpoint="http://hub.invalid").snapshot(NAME, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_hub_names_no_file_outside_the_folder_and_no_other_host_for_the_token(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if "/revision/" in request.url.path:
            return httpx.Response(200, json={"sha": "a" * 40})
        files = [
            {"type": "file", "path": name, "size": 1, "oid": ""}
            for name in ("LICENSE./../../evil", "../vocab.json", "sub/config.json")
        ]
        link = (
            {} if "cursor" in str(request.url) else {"Link": '<http://other.invalid/t?cursor=2>; rel="next"'}
        )
        return httpx.Response(200, json=files, headers=link)

    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as client,
        pytest.raises(InstallError, match="no weights"),
    ):
        Hub(client, endpoint="http://hub.invalid").snapshot(NAME, tmp_path)

    assert asked[-1] == "http://hub.invalid/t?cursor=2"
    assert all(address.startswith("http://hub.invalid/") for address in asked)


def test_a_server_is_given_the_time_that_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("models.install.asking.time.sleep", pauses.append)
    answers = iter(
        [
            httpx.Response(429, headers={"Retry-After": "7"}),
            httpx.Response(503, headers={"Retry-After": "86400"}),
            httpx.Response(
                429,
                headers={
                    "Date": "Wed, 21 Oct 2026 07:28:00 GMT",
                    "Retry-After": "Wed, 21 Oct 2026 07:28:20 GMT",
                },
            ),
            httpx.Response(503, headers={"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}),
            httpx.Response(200, content=b"content"),
        ]
    )
    with httpx.Client(transport=httpx.MockTransport(lambda _: next(answers))) as client:
        assert get(client, "http://models.invalid/file").content == b"content"

    assert pauses == [7, 60, 20, 60]


def endless(_: httpx.Request) -> httpx.Response:
    """Neither end nor size."""
    return httpx.Response(200, content=repeat(bytes(1 << 20)))


def test_no_more_is_kept_than_was_announced(tmp_path: Path) -> None:
    done: list[int] = []
    with (
        httpx.Client(transport=httpx.MockTransport(endless)) as client,
        pytest.raises(Untrusted, match="announced"),
    ):
        fetch(
            client,
            "http://models.invalid/file?signature=secret",
            tmp_path / "got",
            expected=Expected(size=3_000_000),
            progress=lambda _name, have, _total: done.append(have),
        )
    assert max(done) <= 3_000_000
    assert not (tmp_path / "got").exists()
    assert not (tmp_path / "got.part").exists()


def test_what_says_no_size_ends_before_the_disk_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 100 << 20

    def usage(folder: Path) -> Usage:
        left = Usage()
        left.free -= sum(file.stat().st_size for file in folder.iterdir())
        return left

    monkeypatch.setattr("models.install.room.shutil.disk_usage", usage)
    with (
        httpx.Client(transport=httpx.MockTransport(endless)) as client,
        pytest.raises(InstallError, match="size was not announced") as refusal,
    ):
        fetch(client, "http://models.invalid/file?signature=secret", tmp_path / "got")
    assert "secret" not in str(refusal.value)
    assert not (tmp_path / "got.part").exists()


def test_a_signature_in_an_address_is_sent_and_written_nowhere(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["m.zip"] = zipped("en-pt")
    home = tmp_path / "models"

    done = pull(f"{store.elsewhere}/m.zip?signature=s3cret", home, choices=UNTRIED)

    assert store.sent("/m.zip?signature=s3cret")
    written = (done.card.path / "card.json").read_text() + (home / "models.lock").read_text()
    assert f'"{store.elsewhere}/m.zip"' in written
    assert "s3cret" not in written
    with pytest.raises(InstallError) as refusal:
        pull(f"{store.elsewhere}/none.zip?signature=s3cret", home, choices=UNTRIED)
    assert "s3cret" not in str(refusal.value)


def test_a_file_that_is_no_zip_is_not_found_again_by_the_same_command(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    (tmp_path / "page").write_bytes(b"<html>Log in to go on</html>")
    store.files["m.zip"] = tmp_path / "page"
    url = f"{store.elsewhere}/m.zip"
    with pytest.raises(InstallError, match="not a zip"):
        pull(url, tmp_path / "models", choices=UNTRIED)
    store.files["m.zip"] = zipped("en-pt")

    assert pull(url, tmp_path / "models", choices=UNTRIED).card.id == "opus-mt-en-pt"


def test_a_password_in_an_address_is_used_and_written_nowhere(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["m.zip"] = zipped("en-pt")
    host = store.elsewhere.removeprefix("http://")

    done = pull(f"http://me:p%40ss@{host}/m.zip", tmp_path / "models", choices=UNTRIED)

    (headers,) = store.sent("/m.zip")
    assert headers["Authorization"] == "Basic bWU6cEBzcw=="
    written = (done.card.path / "card.json").read_text() + (tmp_path / "models" / "models.lock").read_text()
    assert f"http://{host}/m.zip" in written
    assert "p%40ss" not in written
    assert "p@ss" not in written


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HTTP_PROXY", "ftp://me:secret@proxy", "names a proxy"),
        ("SSL_CERT_FILE", "/nowhere.pem", "certificates"),
        ("HF_TOKEN", "hf_é", "no token has"),
        ("HF_ENDPOINT", "localhost:99", "no address"),
    ],
)
def test_an_environment_that_cannot_be_used_is_a_sentence(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(InstallError, match=reason) as raised:
        pull(NAME, tmp_path / "models")

    assert "secret" not in str(raised.value)
    assert store.asked == []


def test_a_busy_server_is_asked_again(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    store.files["file"] = tmp_path / "file"
    store.busy = 3
    with open_client() as client:
        fetch(client, f"{store.elsewhere}/file", tmp_path / "got", expected=Expected(size=7))
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    store.busy = 2
    assert pull(NAME, tmp_path / "models", choices=UNTRIED).card.id == "opus-mt-en-pt"
    store.busy = 99
    with open_client() as client, pytest.raises(InstallError, match="503"):
        fetch(client, f"{store.elsewhere}/file", tmp_path / "more")


def test_content_that_is_not_what_the_hub_announced_is_refused_and_deleted(
    store: Store, tmp_path: Path
) -> None:
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    store.lies = True

    with pytest.raises(Untrusted, match="announced"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)

    assert not (tmp_path / "models" / "opus-mt-en-pt").exists()


def test_a_token_opens_the_hub_and_goes_nowhere_else(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "files", replace(RECIPES["single"], width=128))
    store.repositories[NAME] = tmp_path / "files"
    store.token = "hf_secret"  # noqa: S105  of this test
    with pytest.raises(InstallError, match="HF_TOKEN"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")

    pull(NAME, tmp_path / "models", choices=UNTRIED)

    elsewhere = store.sent("/large/model.safetensors")
    assert elsewhere
    assert all("Authorization" not in headers for headers in elsewhere)
    assert "hf_secret" not in (tmp_path / "models" / "models.lock").read_text(encoding="utf-8")
    assert "hf_secret" not in (tmp_path / "models" / "opus-mt-en-pt" / "card.json").read_text(
        encoding="utf-8"
    )


def test_a_source_that_changed_is_refused_until_it_is_expected(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["m.zip"] = zipped("en-pt", Release(seed=1))
    url, home = f"{store.elsewhere}/m.zip", tmp_path / "models"
    first = pull(url, home, choices=UNTRIED)
    again = replace(UNTRIED, replace=True)
    assert pull(url, home, choices=again).replaced
    store.files["m.zip"] = zipped("en-pt-new", Release(seed=2))

    with pytest.raises(Untrusted, match="--update"):
        pull(url, home, choices=again)
    assert read_card(home / "opus-mt-en-pt").fingerprint == first.card.fingerprint
    second = pull(url, home, choices=replace(again, update=True), naming=Naming(id="opus-mt-en-pt"))

    assert second.card.fingerprint != first.card.fingerprint
    assert read_card(home / ".previous" / "opus-mt-en-pt").fingerprint == first.card.fingerprint
    assert len(installed(home).cards) == 3


def test_a_pinned_commit_is_asked_for_again(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    first = pull(NAME, tmp_path / "models", choices=UNTRIED)
    commit = store.commit(NAME)
    store.asked.clear()

    pull(NAME, tmp_path / "models", choices=replace(UNTRIED, replace=True))

    assert store.sent(f"/revision/{commit}")
    assert not store.sent("/revision/main")
    assert first.card.provenance["revision"] == commit


def test_a_model_that_is_there_is_not_replaced_unasked_nor_fetched(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    store.repositories[NAME] = tmp_path / "files"
    pull(NAME, tmp_path / "models", choices=UNTRIED)
    store.asked.clear()

    with pytest.raises(InstallError, match="--replace"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)

    assert store.asked == []


def test_a_pickle_is_refused_with_the_way_around_it(store: Store, tmp_path: Path) -> None:
    write(tmp_path / "files", RECIPES["single"])
    weights = tmp_path / "files" / "model.safetensors"
    torch_pickles.save(load_file(weights), tmp_path / "files" / "pytorch_model.bin", modern=False)
    weights.unlink()
    store.repositories[NAME] = tmp_path / "files"

    with pytest.raises(Untrusted, match="dragoman models pull en-pt"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)
    assert not store.sent("pytorch_model.bin")

    assert (
        pull(NAME, tmp_path / "models", choices=replace(UNTRIED, allow_pickle=True)).card.id
        == "opus-mt-en-pt"
    )


@pytest.mark.parametrize("licence", ["cc-by-nc-4.0", "cc-by-nc-sa-4.0", "Non-Commercial use only"])
def test_a_licence_against_business_is_refused_by_default(store: Store, tmp_path: Path, licence: str) -> None:
    write(tmp_path / "files", RECIPES["single"])
    (tmp_path / "files" / "README.md").unlink()
    store.repositories[NAME], store.licence = tmp_path / "files", licence

    with pytest.raises(Untrusted, match="--allow-non-commercial"):
        pull(NAME, tmp_path / "models", choices=UNTRIED)
    assert not (tmp_path / "models" / "opus-mt-en-pt").exists()

    allowed = replace(UNTRIED, allow_non_commercial=True)
    assert pull(NAME, tmp_path / "models", choices=allowed).card.licence == licence


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("xx-yy", "models search"),
        ("am-en", "BPE .* do instead: am-sv and sv-en"),
        ("el-en", r"do instead: en\+el\+es\+fi-en\+el\+es\+fi"),
        ("ta-en", r"is\. The hub may .*Helsinki-NLP/opus-mt-ta-en"),
        ("Helsinki-NLP/opus-mt-none", "nothing at"),
        ("https://127.0.0.1:9/none.zip", "could not be fetched"),
    ],
)
def test_what_cannot_be_had_is_said(store: Store, tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InstallError, match=reason):
        pull(name, tmp_path / "models")


def test_a_lock_file_that_cannot_be_read_is_not_passed_over(
    store: Store, zipped: Zipped, tmp_path: Path
) -> None:
    store.files["m.zip"] = zipped("en-pt")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "models.lock").write_text("{", encoding="utf-8")

    with pytest.raises(InstallError, match=r"models\.lock"):
        pull(f"{store.elsewhere}/m.zip", tmp_path / "models", choices=UNTRIED)
