"""dragoman blobs."""

import json
from pathlib import Path

import pytest

from app.storage.files import FOLDER
from tests.app.cli.conftest import Call
from tests.app.cli.test_backup import document
from tests.app.serving import serving, write_card
from tests.databases import SqlitePlaces
from tests.objectstore import Bucket


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_card(folder, "reverse-en-pt", ("en", "pt"), architecture="reverse")
    return folder


def test_documents_move_from_the_folder_to_a_store_and_back(
    dragoman: Call, models: Path, bucket: Bucket, tmp_path: Path
) -> None:
    with SqlitePlaces().fresh() as place:
        settings = {"model_dir": models, "preload": False, "log_level": "error"}
        with serving(place.settings(**settings)) as service:
            jobs = [document(service, text=text) for text in ("One.", "Two.")]
        there = {**place.environment, **bucket.environment}
        assert bucket.address in dragoman("blobs", "check", **there).out
        (place.data_dir / FOLDER / bucket.name).write_bytes(b"what no job names stays")
        copied = dragoman("blobs", "copy", "--from", str(place.data_dir), "--json", **there)
        assert json.loads(copied.out) == {"copied": 4, "there": 0, "missing": []}, copied.err
        again = dragoman("blobs", "copy", "--from", str(place.data_dir), **there)
        assert (again.code, "0 files copied" in again.out, "4 were there" in again.out) == (0, True, True)
        with serving(place.settings(blobs=bucket.address, **settings)) as service:
            for job, result in jobs:
                assert service.client.get(f"/v1/jobs/{job}/result").content == result
        for file in (place.data_dir / FOLDER).iterdir():
            file.unlink()
        key = bucket.keys[0].rpartition("/")[2]
        bucket.write(key, b"damaged")
        back = dragoman(
            "blobs", "copy", "--from", bucket.address, "--json", **{**there, "DRAGOMAN_BLOBS": ""}
        )
        assert (back.code, json.loads(back.out)) == (1, {"copied": 3, "there": 0, "missing": [key]})


def test_a_place_that_is_the_same_or_gone_is_told(dragoman: Call, tmp_path: Path) -> None:
    assert dragoman("db", "migrate").code == 0
    same = dragoman(
        "blobs", "copy", "--from", str(tmp_path / "data"), DRAGOMAN_DATA_DIR=str(tmp_path / "data")
    )
    assert (same.code, "DRAGOMAN_BLOBS" in same.err) == (2, True)
    gone = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "hidden",
    }
    found = dragoman("blobs", "check", DRAGOMAN_BLOBS="s3://bucket/a", **gone)
    assert (found.code, "s3://bucket/a" in found.err, "hidden" in found.err) == (2, True, False)
