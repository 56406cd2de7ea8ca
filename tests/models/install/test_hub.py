"""What a hub says, is told and is not believed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.contracts import InstallError, Untrusted
from models.install.hub import Hub
from models.install.pull import pull
from tests.models.install.checkpoints import RECIPES, UNTRIED, write
from tests.models.install.server import NAME, Store


def test_a_hub_that_may_not_be_asked_is_not(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InstallError, match="HF_HUB_OFFLINE"):
        pull(NAME, tmp_path / "models")
    assert store.asked == []


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
