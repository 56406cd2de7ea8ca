"""Parts of results over HTTP, wherever they are kept, encrypted or not."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app.api.ranges import wanted
from app.errors import Unsatisfiable
from tests.app.serving import Service, serving
from tests.app.vault.keys import master_key
from tests.databases import Places

SOURCE = b"say,keep\nBom dia.," + os.urandom(90_000).hex().encode() + b"\n"
"""Several frames, of which little is to be translated."""


@dataclass(frozen=True, slots=True)
class Kept:
    service: Service
    url: str
    whole: bytes

    def asked(self, said: str, **headers: str) -> httpx.Response:
        return self.service.client.get(self.url, headers={"Range": said, **headers})


@pytest.fixture(scope="module", params=[True, False], ids=["encrypted", "plain"])
def kept(places: Places, identity_models: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    key = master_key() if request.param else ""
    with places.fresh() as place:
        chosen = {"model_dir": identity_models, "preload": False, "cache": "off", "master_key": key}
        with serving(place.settings(**chosen)) as service:
            sent = service.client.post(
                "/v1/documents",
                files={"file": ("a.csv", SOURCE)},
                data={"source": "pt", "target": "en", "columns": "say"},
            )
            job = sent.json()["id"]
            service.client.get(f"/v1/jobs/{job}/events")
            url = f"/v1/jobs/{job}/result"
            yield Kept(service, url, service.client.get(url).content)


def test_a_download_that_broke_off_is_gone_on_with(kept: Kept) -> None:
    first = kept.service.client.get(kept.url)
    assert (first.status_code, first.headers["accept-ranges"], first.content) == (200, "bytes", kept.whole)
    size = len(kept.whole)
    rest = kept.asked("bytes=70000-", **{"If-Range": first.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, kept.whole[70_000:])
    assert rest.headers["content-range"] == f"bytes 70000-{size - 1}/{size}"
    assert rest.headers["content-length"] == str(size - 70_000)


@pytest.mark.parametrize(
    "said", ["bytes=0-0", "bytes=65535-65536", "bytes=-7", "bytes=100-999999999", "bytes=0-"]
)
def test_one_part(kept: Kept, said: str) -> None:
    first, last = said.removeprefix("bytes=").split("-")
    end = int(last) + 1 if first and last else None
    expected = kept.whole[int(first) : end] if first else kept.whole[-int(last) :]
    answer = kept.asked(said)
    assert (answer.status_code, answer.content) == (206, expected)


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("bytes=0-1,5-6", {}),
        ("lines=1-2", {}),
        ("bytes=5-4", {}),
        ("bytes=-", {}),
        ("bytes=0-5", {"If-Range": '"x"'}),
    ],
)
def test_what_is_not_one_part_of_this_file_is_all_of_it(
    kept: Kept, said: str, condition: dict[str, str]
) -> None:
    answer = kept.asked(said, **condition)
    assert (answer.status_code, answer.content) == (200, kept.whole)


@pytest.mark.parametrize("said", ["bytes=999999999-", "bytes=-0"])
def test_a_part_that_there_is_not(kept: Kept, said: str) -> None:
    refused = kept.asked(said)
    assert (refused.status_code, refused.json()["code"]) == (416, "range_not_satisfiable")
    assert refused.headers["content-range"] == f"bytes */{len(kept.whole)}"


def test_what_is_composed_anew_has_no_parts(kept: Kept) -> None:
    answer = kept.service.client.get(kept.url, params={"corrected": True}, headers={"Range": "bytes=0-4"})
    assert (answer.status_code, answer.headers["accept-ranges"], answer.content) == (200, "none", kept.whole)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
@examples(max_examples=100)
def test_a_part_is_within_the_file(size: int, first: int, last: int) -> None:
    for said in (f"bytes={first}-{last}", f"bytes={first}-", f"bytes=-{last}"):
        chosen = wanted(said)
        if chosen is None:
            assert last < first
            continue
        try:
            start, length = chosen(size)
        except Unsatisfiable:
            continue
        assert 0 <= start < start + length <= size
