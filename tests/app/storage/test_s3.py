"""What is of the S3-compatible store alone; what every store of files does is in test_blobs.py."""

import io
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.errors import ConfigurationError, FileMissing, StorageError
from app.jobs.assembly import open_blobs
from app.settings import Settings
from app.storage.blobs import sha256
from app.storage.s3 import S3Blobs
from tests.app.storage.certificates import certify
from tests.objectstore import ACCESS, Bucket

Answer = tuple[int, bytes]
"""Status and body; of more than is sent, if it is cut off."""
ABSENT = b"<Error><Code>NoSuchKey</Code></Error>"
BIG = 20 << 20


def test_a_file_lies_under_the_prefix_and_its_tenant(bucket: Bucket) -> None:
    blobs = S3Blobs(bucket.address)
    name = blobs.keep("north", io.BytesIO(b"text"))
    assert bucket.keys == [f"dragoman/documents/north/{name}"]
    with pytest.raises(FileMissing), blobs.open("south", name):
        pass
    beside = S3Blobs(f"s3://{bucket.name}/drago")
    assert (beside.empty(), beside.sweep(set())) == (True, 0)


def test_an_address_may_be_a_bucket_alone(bucket: Bucket) -> None:
    blobs = S3Blobs(f"s3://{bucket.name}")
    name = blobs.keep("north", io.BytesIO(b"text"))
    bucket.age(name)
    assert bucket.keys == [f"north/{name}"]
    assert (blobs.empty(), blobs.sweep(set()), blobs.empty()) == (False, 1, True)


def test_what_is_not_ours_is_never_swept(bucket: Bucket) -> None:
    blobs = S3Blobs(bucket.address)
    name = blobs.keep("north", io.BytesIO(b"text"))
    held = bucket.held()
    held["dragoman/documents/theirs.pdf"] = held[bucket.keys[0]]
    bucket.age(name)
    bucket.age("theirs.pdf")
    assert (blobs.sweep(set()), bucket.keys) == (1, ["dragoman/documents/theirs.pdf"])


def test_a_large_file_goes_in_parts_and_comes_back(bucket: Bucket) -> None:
    blobs, data = S3Blobs(bucket.address), os.urandom(BIG)
    name = blobs.keep("north", io.BytesIO(data))
    with blobs.open("north", name) as blob:
        assert sha256(blob) == name[33:]
    assert bucket.uploads == 0


@pytest.mark.parametrize("name", ["", "../secret", "a" * 31, "/etc/passwd"])
def test_a_name_is_never_another_key(bucket: Bucket, name: str) -> None:
    with pytest.raises(ValueError), S3Blobs(bucket.address).open("north", name):
        pass


@pytest.mark.parametrize(
    "address", ["s3://", "s3://UPPER/a", "/var/lib", "gs://bucket", "s3://b/a b", "s3://bucket?x"]
)
def test_an_address_that_is_none_is_told_at_once(address: str) -> None:
    with pytest.raises(ConfigurationError):
        S3Blobs(address)
    with pytest.raises(ValueError):
        Settings(blobs=address)


def test_the_library_is_an_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "app.storage.s3", None)
    with pytest.raises(ConfigurationError, match=r"dragoman\[s3\]"):
        open_blobs(Settings(data_dir=tmp_path, blobs="s3://bucket/prefix"))


def test_no_bucket_and_no_access_are_told_apart(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StorageError, match="There is no bucket"):
        S3Blobs("s3://no-such-bucket/a").ping()
    said = b"<Error><Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIASECRET</AWSAccessKeyId></Error>"
    with store(lambda _: (403, said)) as endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        with pytest.raises(StorageError, match=r"refused \(InvalidAccessKeyId\)") as refused:
            S3Blobs(bucket.address).keep("north", io.BytesIO(b"text"))
    assert "AKIASECRET" not in f"{refused.value} {refused.value.__cause__} {caplog.text}"
    assert refused.value.__suppress_context__


def test_a_store_that_stumbles_is_asked_again_but_not_for_ever(access: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def stumbling(_: str) -> Answer:
        asked.append(1)
        return (200, b"") if len(asked) == 3 else (503, b"")

    with store(stumbling) as endpoint:
        access.setenv("AWS_ENDPOINT_URL", endpoint)
        S3Blobs("s3://bucket/a").keep("north", io.BytesIO(b"text"))
    assert len(asked) == 3
    asked[:] = [1] * 3
    with store(stumbling) as endpoint:
        access.setenv("AWS_ENDPOINT_URL", endpoint)
        with pytest.raises(
            StorageError, match=r"No use can be made of the store of files, s3://bucket/a/ \(503\)"
        ):
            S3Blobs("s3://bucket/a").keep("north", io.BytesIO(b"text"))
    assert len(asked) == 3 + 4


def test_a_store_that_is_gone_is_told(access: pytest.MonkeyPatch) -> None:
    with store(lambda _: (404, ABSENT)) as endpoint:
        access.setenv("AWS_ENDPOINT_URL", endpoint)
        blobs = S3Blobs("s3://bucket/a")
        blobs.ping()
    for use in (blobs.ping, blobs.empty):
        with pytest.raises(StorageError, match="Check that it runs"):
            use()


def test_a_file_that_is_cut_off_on_its_way_is_never_given_whole(access: pytest.MonkeyPatch) -> None:
    with store(lambda _: (200, b"only half of it")) as endpoint:
        access.setenv("AWS_ENDPOINT_URL", endpoint)
        blobs = S3Blobs("s3://bucket/a")
        with pytest.raises(StorageError), blobs.open("north", "a" * 32) as blob:
            blob.read()


def test_the_stores_certificate_is_checked_against_the_authority_that_is_named(
    access: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, chain = certify(tmp_path)
    with store(lambda _: (404, ABSENT), chain=chain) as endpoint:
        access.setenv("AWS_ENDPOINT_URL", endpoint)
        with pytest.raises(StorageError):
            S3Blobs("s3://bucket/a").ping()
        access.setenv("AWS_CA_BUNDLE", str(authority))
        S3Blobs("s3://bucket/a").ping()
    access.setenv("AWS_CA_BUNDLE", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="AWS_CA_BUNDLE"):
        S3Blobs("s3://bucket/a")


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in ACCESS.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@contextmanager
def store(answer: Callable[[str], Answer], *, chain: Path | None = None) -> Iterator[str]:
    """A store that answers as told, whatever it is asked. Its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, body = answer(self.path)
            cut = body.startswith(b"only half")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) * (2 if cut else 1)))
            self.send_header("Connection", "close")
            self.send_header("ETag", '"0"')
            self.send_header("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if chain is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http{'s' if chain else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
