"""translate and detect, embedded and by a server."""

import json

import pytest

from tests.app.cli.conftest import Call
from tests.app.cli.program import Served

TEXTS = ("Bom dia, onde fica a estação?", "The meeting is at the hotel.")


def test_each_argument_is_a_line(dragoman: Call) -> None:
    done = dragoman("translate", "--to", "en", "--from", "pt", "Bom dia.", "Até amanhã.")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "Good morning."
    assert len(done.out.splitlines()) == 2


def test_standard_input_is_one_text(dragoman: Call) -> None:
    done = dragoman("translate", "--to", "en", "--from", "pt", text="Bom dia.\n\n  Bom dia.\n")
    assert done.out == "Good morning.\n\n  Good morning.\n"
    assert dragoman("translate", "--to", "en", "--from", "pt", "-", text="Bom dia.").out == "Good morning.\n"


def test_doubts_and_failures_go_to_stderr_and_exit_1(dragoman: Call) -> None:
    done = dragoman("translate", "--to", "en", "Где находится станция?", "Where is it?")
    assert done.code == 1
    assert done.out == "Where is it?\n"
    assert "text 1: not translated (no_route)" in done.err
    assert "text 2: already_target" in done.err
    assert "станция" not in done.err


def test_input_that_is_no_text_is_2(dragoman: Call) -> None:
    assert dragoman("translate", "--to", "en", text=b"\xff\xfe").code == 2
    argument = dragoman("translate", "--to", "en", b"\xff".decode("utf-8", "surrogateescape"))
    assert argument.code == 2
    assert "half of a surrogate pair" in argument.err


def test_json_is_the_answer_of_the_api(dragoman: Call, server: Served) -> None:
    asked = ("translate", "--to", "pt", "--candidates", "pt,en", "--json", "--detail", "--confidence", *TEXTS)
    here, there = dragoman(*asked), dragoman(*asked, "--server", server.url)
    assert (here.code, there.code) == (0, 0)
    mine, theirs = json.loads(here.out), json.loads(there.out)
    assert mine["translations"] == theirs["translations"]
    assert mine.keys() == theirs.keys()
    assert mine["usage"].keys() == theirs["usage"].keys()
    assert mine["translations"][0]["segments"]
    assert any(each["translation_confidence"] for each in mine["translations"])


def test_a_server_refuses_in_a_sentence(dragoman: Call, server: Served) -> None:
    done = dragoman("translate", "--to", "de", "--from", "pt", "Olá", "--server", server.url)
    assert (done.code, done.out) == (2, "")
    assert "The server refused: No model translates pt into de" in done.err


@pytest.mark.parametrize("piped", [True, False])
def test_detect(dragoman: Call, piped: bool) -> None:
    done = dragoman("detect", text=TEXTS[0]) if piped else dragoman("detect", TEXTS[0])
    language, confidence = done.out.split()
    assert (done.code, language) == (0, "pt")
    assert 0.5 < float(confidence) <= 1


def test_detect_by_a_server_is_the_same(dragoman: Call, server: Served) -> None:
    asked = ("detect", "--json", "--candidates", "pt,en", *TEXTS)
    here, there = dragoman(*asked), dragoman(*asked, "--server", server.url)
    assert here.code == there.code == 0
    assert here.out == there.out
    assert [each["language"] for each in json.loads(here.out)["detections"]] == ["pt", "en"]


def test_markup_here_and_by_a_server(dragoman: Call, server: Served) -> None:
    asked = ("translate", "--to", "en", "--from", "pt", "--format", "html", "--ignore-tags", "kbd")
    text = "O <b>carro</b> vermelho parou. <kbd>Sim</kbd>"
    here = dragoman(*asked, text)
    assert here.code == 0, here.err
    assert "<b>car</b>" in here.out
    assert "<kbd>Sim</kbd>" in here.out
    assert dragoman(*asked, text, "--server", server.url).out == here.out
    assert dragoman("translate", "--to", "en", "--ignore-tags", "b", text).code == 2
