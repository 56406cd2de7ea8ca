"""An S3 server for the tests: moto's, over HTTP on loopback, one a run. Buckets are made and thrown away."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from obstore import put
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config

ACCESS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_REGION": "us-east-1",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    endpoint: str

    @property
    def address(self) -> str:
        """With a prefix."""
        return f"s3://{self.name}/dragoman/documents"

    @property
    def environment(self) -> dict[str, str]:
        """For whoever is to reach it: its address is in DRAGOMAN_BLOBS."""
        return {**ObjectStore(self.endpoint).access, "DRAGOMAN_BLOBS": self.address}

    @property
    def keys(self) -> list[str]:
        return sorted(self.held())

    def write(self, name: str, data: bytes) -> None:
        """Over whatever the store holds of that name."""
        (key,) = (key for key in self.keys if key.endswith(f"/{name}"))
        config: S3Config = {
            "access_key_id": ACCESS["AWS_ACCESS_KEY_ID"],
            "secret_access_key": ACCESS["AWS_SECRET_ACCESS_KEY"],
            "endpoint": self.endpoint,
        }
        put(S3Store(self.name, config=config, client_options={"allow_http": True}), key, data)

    def read(self, key: str) -> bytes:
        data: bytes = self.held()[key].value
        return data

    def age(self, name: str) -> None:
        """Older than any grace."""
        for key, held in self.held().items():
            if key.endswith(f"/{name}"):
                held.last_modified = datetime(2020, 1, 1, tzinfo=UTC)

    @property
    def uploads(self) -> int:
        """That have begun and not ended."""
        return len(self._backend().multiparts)

    def held(self) -> dict[str, Any]:
        """By key, as the server has them; to be changed behind its back."""
        found: dict[str, Any] = self._backend().keys
        return found

    def _backend(self) -> Any:
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[self.name]


@dataclass(frozen=True, slots=True)
class ObjectStore:
    endpoint: str

    @property
    def access(self) -> dict[str, str]:
        return {**ACCESS, "AWS_ENDPOINT_URL": self.endpoint}

    @contextmanager
    def fresh(self) -> Iterator[Bucket]:
        bucket = Bucket(f"tests-{secrets.token_hex(8)}", self.endpoint)
        httpx.put(f"{self.endpoint}/{bucket.name}", trust_env=False).raise_for_status()
        try:
            yield bucket
        finally:
            s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.pop(bucket.name).keys.clear()


@contextmanager
def temporary() -> Iterator[ObjectStore]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield ObjectStore(f"http://127.0.0.1:{server.get_host_and_port()[1]}")
    finally:
        server.stop()
