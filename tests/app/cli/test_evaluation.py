"""models eval."""

import json
from pathlib import Path

import pytest
import sacrebleu

from models.catalogue import installed
from models.contracts import LanguagePair
from tests.app.cli.conftest import Call
from tests.app.cli.program import START, Program
from tests.app.serving import write_card

LINES = (("Bom dia a todos.", "Bom dia a todas."), ("O comboio chega tarde.", "O comboio chega cedo."))


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    write_card(folder, "pt-sl", ("pt", "sl"))
    write_card(folder, "pt-de", ("pt", "de"), architecture="reverse")
    write_card(folder, "de-sl", ("de", "sl"), architecture="reverse")
    return folder


@pytest.fixture
def test_set(tmp_path: Path) -> Path:
    file = tmp_path / "greetings.tsv"
    file.write_text("".join(f"{source}\t{reference}\n" for source, reference in LINES), encoding="utf-8")
    return file


def test_the_scores_are_sacrebleus(dragoman: Call, models: Path, test_set: Path) -> None:
    done = dragoman(
        "models", "eval", "pt-sl", "--set", str(test_set), "--json", DRAGOMAN_MODEL_DIR=str(models)
    )

    assert done.code == 0, done.err
    body = json.loads(done.out)
    answers, references = ([line[side] for line in LINES] for side in (0, 1))
    assert body["chrf"] == round(sacrebleu.corpus_chrf(answers, [references]).score, 2)
    assert body["bleu"] == round(sacrebleu.corpus_bleu(answers, [references]).score, 2)
    assert (body["testset"], body["lines"], body["failed"]) == ("greetings", 2, 0)
    assert (body["models"], body["route"]) == (["pt-sl"], ["pt", "sl"])
    assert body["characters"] == sum(len(source) for source, _ in LINES)
    assert body["characters_per_second"] > 0
    assert (
        "chrF"
        in dragoman("models", "eval", "pt-sl", "--set", str(test_set), DRAGOMAN_MODEL_DIR=str(models)).out
    )
    assert json.loads(dragoman("usage", "--json").out)["totals"]["characters"] == 0, "nothing is charged"


def test_other_ways_to_write_a_test_set(dragoman: Call, models: Path, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(
        "".join(json.dumps({"source": a, "reference": b}) + "\n" for a, b in LINES), encoding="utf-8"
    )
    (tmp_path / "pt.txt").write_text("".join(f"{a}\n" for a, _ in LINES), encoding="utf-8")
    (tmp_path / "sl.txt").write_text("".join(f"{b}\n" for _, b in LINES), encoding="utf-8")
    ways = (
        ("--set", str(tmp_path / "set.jsonl")),
        ("--set", str(tmp_path / "pt.txt"), "--references", str(tmp_path / "sl.txt")),
    )
    found = [
        json.loads(dragoman("models", "eval", "pt-sl", *way, "--json", DRAGOMAN_MODEL_DIR=str(models)).out)
        for way in ways
    ]
    assert found[0]["chrf"] == found[1]["chrf"] > 50


def test_a_line_may_begin_like_json(dragoman: Call, models: Path, tmp_path: Path) -> None:
    (tmp_path / "braces.tsv").write_text("{nome}, bom dia.\t{nome}, bom dia.\n", encoding="utf-8")

    done = dragoman(
        "models",
        "eval",
        "pt-sl",
        "--set",
        str(tmp_path / "braces.tsv"),
        "--json",
        DRAGOMAN_MODEL_DIR=str(models),
    )

    assert done.code == 0, done.err
    assert json.loads(done.out)["chrf"] == 100


def test_a_score_that_is_too_low_exits_1(dragoman: Call, models: Path, test_set: Path) -> None:
    chosen = ("models", "eval", "pt-sl", "--set", str(test_set), "--min-chrf")
    assert dragoman(*chosen, "50", DRAGOMAN_MODEL_DIR=str(models)).code == 0
    assert dragoman(*chosen, "99", DRAGOMAN_MODEL_DIR=str(models)).code == 1


def test_the_score_is_kept_for_routes_to_go_by(dragoman: Call, models: Path, test_set: Path) -> None:
    done = dragoman(
        "models", "eval", "pt-sl", "--set", str(test_set), "--write", DRAGOMAN_MODEL_DIR=str(models)
    )

    assert done.code == 0
    assert "measured.json" in done.err
    card = installed(models).card("pt-sl")
    assert card is not None
    (score,) = card.scores
    assert (score.testset, score.pair) == ("greetings", LanguagePair("pt", "sl"))
    assert card.chrf(score.pair) == score.chrf > 50


def test_a_route_of_ones_own_choice(dragoman: Call, models: Path, test_set: Path) -> None:
    chosen = ("models", "eval", "pt-sl", "--set", str(test_set), "--model", "pt-de,de-sl")

    done = dragoman(*chosen, "--json", DRAGOMAN_MODEL_DIR=str(models))
    assert json.loads(done.out)["route"] == ["pt", "de", "sl"]
    refused = dragoman(*chosen, "--write", DRAGOMAN_MODEL_DIR=str(models))
    assert refused.code == 2
    assert "is not kept" in refused.err
    absent = dragoman(*chosen[:-1], "none", DRAGOMAN_MODEL_DIR=str(models))
    starter = dragoman("models", "eval", "pt-en", "--set", str(test_set), "--write")
    assert (starter.code, "is not kept" in starter.err) == (2, True)
    assert (absent.code, "No model translates pt into sl" in absent.err) == (2, True)


def test_what_tenants_may_use_is_nothing_to_it(
    dragoman: Call, models: Path, test_set: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "routes.toml"
    rules.write_text('[tenants.local]\nmodels = ["starter-*"]\n')

    done = dragoman(
        "models", "eval", "pt-sl", "--set", str(test_set), "--json",
        DRAGOMAN_MODEL_DIR=str(models), DRAGOMAN_ROUTES_FILE=str(rules),
    )  # fmt: skip

    body = json.loads(done.out)
    assert (body["models"], body["failed"]) == (["pt-sl"], 0)
    assert body["chrf"] > 50


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no tab here\n", "Line 1 of"),
        ("a\tb\nc\td\te\n", "Line 2 of"),
        ('{"source": 1}\n', "no JSON object with source and reference"),
        ('{"source": null, "reference": "Bom."}\n', "both texts"),
        ('{"source": "Bom.", "reference": "Bom."}\n\n{}\n', "Line 2 of"),
        ("", "is empty"),
    ],
)
def test_a_file_that_is_no_test_set(dragoman: Call, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "set").write_text(text, encoding="utf-8")
    done = dragoman("models", "eval", "pt-en", "--set", str(tmp_path / "set"))
    assert done.code == 2
    assert says in done.err


def test_without_sacrebleu_it_says_what_to_install(program: Program) -> None:
    done = program(
        "models",
        "eval",
        "pt-en",
        "--set",
        "none",
        start=f"import sys; sys.modules['sacrebleu'] = None; {START}",
    )
    assert done.code == 2
    assert "pip install 'dragoman[eval]'" in done.err
