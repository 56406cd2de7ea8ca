"""Transfers: broken off, gone on with, refused; from a server on this machine."""

import os
from itertools import repeat
from pathlib import Path

import httpx
import pytest

from models.contracts import InstallError, Untrusted
from models.install.asking import get
from models.install.download import Expected, fetch, open_client
from models.install.pull import pull
from tests.models.install.checkpoints import RECIPES, UNTRIED, write
from tests.models.install.server import NAME, Store


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
