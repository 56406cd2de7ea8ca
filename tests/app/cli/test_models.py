"""models and usage."""

import json
import shutil
from pathlib import Path

from models.catalogue import STARTER
from tests.app.cli.conftest import Call
from tests.app.cli.program import Served


def test_list_here_and_there(dragoman: Call, server: Served) -> None:
    table = dragoman("models", "list")
    assert table.code == 0
    assert "starter-en-pt" in table.out
    here, there = (
        json.loads(done.out)["models"]
        for done in (
            dragoman("models", "list", "--json"),
            dragoman("models", "list", "--json", "--server", server.url),
        )
    )
    assert (
        [each["id"] for each in here] == [each["id"] for each in there] == ["starter-en-pt", "starter-pt-en"]
    )


def test_a_folder_that_cannot_be_served_is_named(dragoman: Call, model_dir: Path) -> None:
    broken = model_dir / "broken"
    broken.mkdir()
    (broken / "card.json").write_text("{", encoding="utf-8")
    done = dragoman("models", "list", DRAGOMAN_MODEL_DIR=str(model_dir))
    assert done.code == 0
    assert "broken cannot be served" in done.err


def test_info_checks_the_files(dragoman: Call) -> None:
    done = dragoman("models", "info", "starter-pt-en")
    assert done.code == 0
    assert "Checksums: all 4 files are as the card says." in done.out
    assert json.loads(dragoman("models", "info", "starter-pt-en", "--json").out)["verified"] is True


def test_info_names_a_wrong_file_and_exits_1(dragoman: Call, tmp_path: Path) -> None:
    shutil.copytree(STARTER / "pt-en", tmp_path / "own" / "pt-en")
    (tmp_path / "own" / "pt-en" / "config.json").write_text("{}", encoding="utf-8")
    done = dragoman("models", "info", "starter-pt-en", DRAGOMAN_MODEL_DIR=str(tmp_path / "own"))
    assert done.code == 1
    assert "Model starter-pt-en: config.json is not the file its card vouches for" in done.err
    told = dragoman("models", "info", "starter-pt-en", "--json", DRAGOMAN_MODEL_DIR=str(tmp_path / "own"))
    assert told.code == 1
    assert json.loads(told.out)["verified"] is False


def test_info_says_when_nothing_vouches(dragoman: Call, model_dir: Path) -> None:
    done = dragoman("models", "info", "identity", DRAGOMAN_MODEL_DIR=str(model_dir))
    assert done.code == 0
    assert "nothing vouches" in done.out


def test_usage_adds_up(dragoman: Call, model_dir: Path) -> None:
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir)}
    assert dragoman("translate", "--to", "en", "--from", "pt", "Bom dia.", "Boa noite.", **own).code == 0
    assert dragoman("translate", "--to", "pt", "--from", "en", "Good night.", **own).code == 0
    body = json.loads(dragoman("usage", "--by", "pair", "--json", "--since", "2020-01-01").out)
    assert body["totals"]["characters"] == sum(map(len, ("Bom dia.", "Boa noite.", "Good night.")))
    assert {row["key"]: row["characters"] for row in body["rows"]} == {"pt-en": 18, "en-pt": 11}
    table = dragoman("usage", "--by", "day")
    assert "29 characters of text translated" in table.out
    assert "total" in table.out
    assert json.loads(dragoman("usage", "--json", "--until", "2020-01-01").out)["totals"]["characters"] == 0


def test_entries_in_another_currency_are_not_hidden(dragoman: Call, model_dir: Path) -> None:
    own = {"DRAGOMAN_MODEL_DIR": str(model_dir), "DRAGOMAN_CURRENCY": "EUR"}
    assert dragoman("translate", "--to", "en", "--from", "pt", "Bom dia.", **own).code == 0
    assert "entries in EUR" in dragoman("usage").err


def test_usage_of_a_server(dragoman: Call, server: Served) -> None:
    asked = ("usage", "--json", "--by", "model", "--since", "2020-01-01", "--server", server.url)
    before = json.loads(dragoman(*asked).out)["totals"]["characters"]
    assert dragoman("translate", "--to", "en", "Bom dia.", "--server", server.url).code == 0
    assert json.loads(dragoman(*asked).out)["totals"]["characters"] == before + len("Bom dia.")
