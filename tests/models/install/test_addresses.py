"""What an address holds beside its place is used, and written nowhere."""

from pathlib import Path

import pytest

from models.contracts import InstallError
from models.install.pull import pull
from tests.models.install.checkpoints import UNTRIED
from tests.models.install.conftest import Zipped
from tests.models.install.server import Store


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
