"""No translation leaves without its charge: what happens when the ledger cannot be written, or read."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from app.errors import StorageError
from app.runtime import open_runtime
from app.settings import Settings
from app.storage.engine import DATABASE_NAME
from tests.app.conftest import Start
from tests.app.disk import pages
from tests.app.serving import Service

TEXT = "Bom dia a todos os presentes"
pytestmark = pytest.mark.sqlite


@contextmanager
def files_that_do_not_grow(file: Path) -> Iterator[None]:
    """The kernel refuses every write past the present size of `file`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 500, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def ask(service: Service, texts: list[str]) -> httpx.Response:
    return service.client.post("/v1/translate", json={"text": texts, "target": "en", "source": "pt"})


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Bom dia" not in answer.text
    assert "X-Characters" not in answer.headers
    assert answer.json()["detail"] == StorageError().told


def fill(service: Service) -> httpx.Response:
    """The first refusal; the pages already there take some entries more."""
    return next(answer for _ in range(500) if (answer := ask(service, [TEXT])).status_code != 200)


def test_a_full_disk(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    service = start()
    assert ask(service, [TEXT]).status_code == 200
    with pages(service.runtime.database, 0):
        assert_refused(fill(service))
        assert any("full" in line for line in caplog.messages)
        before = service.usage()["totals"]
        assert_refused(ask(service, [TEXT]))
        assert service.usage()["totals"] == before
    assert service.metric('dragoman_characters_total{state="billed"}') == before["billed_characters"]
    assert before["characters"] == before["requests"] * len(TEXT)
    assert ask(service, [TEXT]).status_code == 200


def test_a_disk_that_takes_no_more(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    service = start()
    wal = Path(service.runtime.database.name).with_name(f"{DATABASE_NAME}-wal")
    with files_that_do_not_grow(wal):
        assert_refused(ask(service, [TEXT]))
    assert any("disk" in line for line in caplog.messages)
    assert service.usage()["totals"]["requests"] == 0
    assert ask(service, [TEXT]).status_code == 200


def test_readiness_follows_the_database(start: Start) -> None:
    service = start()
    assert service.client.get("/readyz").json()["database"] == "ok"
    Path(service.runtime.database.name).unlink()
    answer = service.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["database"] == "unavailable"
    folder = str(service.runtime.settings.data_dir)
    assert folder not in answer.text
    assert folder in service.client.get("/readyz/detail").text
    assert service.client.get("/healthz").status_code == 200


async def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StorageError, match="Set DRAGOMAN_DATA_DIR to a writable folder"):
        async with open_runtime(Settings(data_dir=tmp_path / "data")):
            pass


async def test_a_data_folder_that_may_not_be_written() -> None:
    """/proc refuses new folders even to root."""
    with pytest.raises(StorageError, match="Set DRAGOMAN_DATA_DIR to a writable folder"):
        async with open_runtime(Settings(data_dir=Path("/proc/dragoman"))):
            pass
