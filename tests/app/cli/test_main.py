"""Exit codes, sentences, start-up."""

from pathlib import Path

import pytest

from app.cli import main
from app.languages import NAMES
from tests.app.cli.conftest import Call
from tests.app.cli.program import Program


def test_version_and_help_start_without_the_engine(program: Program) -> None:
    loaded = "import sys; from app.cli.main import app\ntry: app(['--help'])\nexcept SystemExit: pass\n"
    heavy = "print([m for m in ('ctranslate2', 'numpy', 'fastapi', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    assert program(start=loaded + heavy).out.splitlines()[-1] == "[]"
    done = program("version")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("dragoman ")


def test_no_command_shows_the_help(dragoman: Call) -> None:
    done = dragoman()
    assert done.code == 2
    assert "Examples:" in done.out + done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("translate",),
        ("nonsense",),
        ("translate", "--to", "pt", "-", "more"),
        ("bulk", "run", "in.dat", "--to", "pt", "--out", "out.dat"),
        ("bulk", "run", "in.txt", "--to", "pt", "--out", "-", "--json"),
        ("usage", "--since", "2026-02-02", "--until", "2026-02-01"),
    ],
)
def test_bad_usage_is_2(dragoman: Call, arguments: tuple[str, ...]) -> None:
    done = dragoman(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("translate", "--to", "xx-nonsense", "Olá"), {}, "is not a language code"),
        (("translate", "--to", "de", "--from", "pt", "Olá"), {}, "No model translates pt into de"),
        (("translate", "--to", "en", "Olá"), {"DRAGOMAN_MODEL_DIR": "/nowhere"}, "/nowhere cannot be read"),
        (("usage",), {"DRAGOMAN_DATA_DIR": "/dev/null"}, "Set DRAGOMAN_DATA_DIR"),
        (("usage",), {"DRAGOMAN_BEAM_SIZE": "0"}, "DRAGOMAN_BEAM_SIZE"),
        (("models", "info", "nobody"), {}, "No model 'nobody' is installed"),
        (("models", "list", "--server", "localhost:1"), {}, "is not a server's address"),
        (("models", "list", "--server", "http://127.0.0.1:9"), {}, "No Dragoman answers"),
        (("bulk", "run", "nothing.txt", "--to", "en", "--out", "o.txt"), {}, "nothing.txt cannot be read"),
        (("bulk", "run", ".", "--to", "en", "--out", "out"), {}, "There is no corpus in ."),
    ],
)
def test_what_cannot_run_is_one_sentence_and_2(
    dragoman: Call, arguments: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    done = dragoman(*arguments, **settings)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("--dry", ["--dry-run"]),
        ("--engine ", ["local", "ray"]),
        ("--format ", ["txt", "jsonl", "csv", "tsv", "parquet"]),
        ("--from au", ["auto"]),
        ("--to p", [code for code in sorted(NAMES) if code.startswith("p")]),
    ],
)
def test_a_shell_can_complete(
    typed: str, said: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"dragoman bulk run {typed}"
    monkeypatch.setenv("_DRAGOMAN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    with pytest.raises(SystemExit):
        main.run()
    assert capsys.readouterr().out.split() == said


def test_a_defect_tells_its_kind_and_place_but_not_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("what somebody wrote")

    monkeypatch.setattr(main, "app", broken)
    with pytest.raises(SystemExit) as left:
        main.run()
    said = capsys.readouterr().err
    assert left.value.code == main.COULD_NOT_RUN
    assert "ZeroDivisionError" in said
    assert Path(__file__).name in said
    assert "what somebody wrote" not in said
