"""Which models an answer went through, what it says of them, and what a pivot is charged."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.tenants.directory import Directory
from tests.app.conftest import Start
from tests.app.serving import Service, write_card

HUNGARIAN = "Jó napot kívánok."


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Hungarian spelt backwards on the way to German, and again on the way from there."""
    folder = tmp_path / "house"
    write_card(folder, "hu-de", ("hu", "de"), architecture="reverse")
    write_card(folder, "de-sl", ("de", "sl"), architecture="reverse")
    write_card(folder, "hu-sl", ("hu", "sl"))
    return folder


@pytest.fixture
def pivoting(start: Start, house: Path, tmp_path: Path) -> Service:
    rules = tmp_path / "routes.toml"
    rules.write_text('[routes.hu-sl]\nvia = "de"\n')
    return start(model_dir=house, routes_file=str(rules), price_per_million=1000, machine_rate_per_hour=100)


def test_a_pivot_is_named_with_what_was_said_in_between(pivoting: Service) -> None:
    (found,) = pivoting.translate(HUNGARIAN, "sl", source="hu", detail=True)["translations"]

    assert (found["route"], found["models"]) == (["hu", "de", "sl"], ["hu-de", "de-sl"])
    assert found["text"] == HUNGARIAN
    (segment,) = found["segments"]
    assert segment["hops"] == [
        {"source": "hu", "target": "de", "model": "hu-de", "fingerprint": "", "text": HUNGARIAN[::-1]},
        {"source": "de", "target": "sl", "model": "de-sl", "fingerprint": "", "text": None},
    ]


def test_what_needs_no_model_has_no_hops(pivoting: Service) -> None:
    (found,) = pivoting.translate("2026-11-22", "sl", source="hu", detail=True)["translations"]
    assert [segment["hops"] for segment in found["segments"]] == [[]]


def test_a_pivot_is_charged_once_and_costed_for_both_hops(pivoting: Service) -> None:
    usage = pivoting.translate(HUNGARIAN, "sl", source="hu")["usage"]

    characters = len(HUNGARIAN)
    assert (usage["characters"], usage["billed_characters"]) == (characters, characters)
    assert usage["price"] == f"{characters / 1000:.9f}"
    totals = pivoting.usage()["totals"]
    assert totals["billed_characters"] == characters
    assert totals["source_tokens"] == 2 * characters, "the engine read it twice"
    assert totals["compute_seconds"] == pytest.approx(pivoting.metric("dragoman_compute_seconds_total"))
    by_model = [
        pivoting.metric(f'dragoman_compute_seconds_total{{model="{each}"}}') for each in ("hu-de", "de-sl")
    ]
    assert all(by_model)
    assert float(totals["cost"]) > 0


def test_without_a_rule_the_direct_model_serves(start: Start, house: Path) -> None:
    (found,) = start(model_dir=house).translate(HUNGARIAN, "sl", source="hu")["translations"]
    assert found["models"] == ["hu-sl"]


def scored(folder: Path, testset: str, chrf: float) -> None:
    card = json.loads((folder / "card.json").read_text())
    card["scores"] = [{"testset": testset, **pair, "chrf": chrf} for pair in card["pairs"]]
    (folder / "card.json").write_text(json.dumps(card))


def test_the_answer_says_which_scores_chose_the_route(start: Start, house: Path) -> None:
    write_card(house, "hu-sl-easy", ("hu", "sl"))
    scored(house / "hu-sl-easy", "Tatoeba-test.hun.slv", 90)
    scored(house / "hu-sl", "flores101-devtest.hun.slv", 40)
    for name in ("hu-de", "de-sl"):
        scored(house / name, "FLORES-101 devtest", 70)
    service = start(model_dir=house)

    (found,) = service.translate(HUNGARIAN, "sl", source="hu", detail=True)["translations"]
    told = {
        (each["source"], each["target"]): (each["quality"], each["chosen_by"])
        for each in service.client.get("/v1/languages").json()["pairs"]
    }

    (routing,) = found["routing"]
    assert (routing["route"], routing["models"], routing["by"]) == (
        ["hu", "de", "sl"],
        ["hu-de", "de-sl"],
        "scores",
    )
    assert routing["testsets"] == ["flores101devtest"]
    assert routing["compared"] == [
        {"models": ["hu-de", "de-sl"], "languages": ["hu", "de", "sl"], "score": 46.55},
        {"models": ["hu-sl"], "languages": ["hu", "sl"], "score": 40.0},
    ]
    assert [(each["model"], each["by"]) for each in routing["hops"]] == [("hu-de", "only"), ("de-sl", "only")]
    assert told["hu", "sl"] == (49.0, "scores")
    assert told["hu", "de"] == (70.0, "only")
    plain = service.translate(HUNGARIAN, "sl", source="hu")["translations"][0]
    assert "routing" not in plain


def test_a_tenant_is_served_by_the_models_it_may_use(start: Start, house: Path, tmp_path: Path) -> None:
    rules = tmp_path / "routes.toml"
    rules.write_text('[tenants.local]\nmodels = ["hu-de", "de-*"]\n')
    service = start(model_dir=house, routes_file=str(rules))

    (found,) = service.translate(HUNGARIAN, "sl", source="hu")["translations"]
    refused = service.client.post("/v1/translate", json={"text": "Bom dia.", "source": "pt", "target": "en"})
    pairs = {(each["source"], each["target"]) for each in service.client.get("/v1/languages").json()["pairs"]}
    (detected,) = service.translate("Bom dia, onde fica a estação?", "en")["translations"]

    assert found["models"] == ["hu-de", "de-sl"]
    assert refused.status_code == 400
    assert refused.json()["code"] == "no_route"
    assert "not among those this tenant may use" in refused.json()["detail"]
    assert pairs == {("hu", "de"), ("de", "sl"), ("hu", "sl")}
    assert detected["error"]["code"] == "no_route"


def test_a_tenant_is_offered_the_languages_it_is_served(start: Start, house: Path, tmp_path: Path) -> None:
    rules = tmp_path / "routes.toml"
    rules.write_text('[tenants.local]\nmodels = ["hu-de"]\n')
    service = start(model_dir=house, routes_file=str(rules))
    client = service.client

    libre = {each["code"]: each["targets"] for each in client.get("/languages").json()}
    sources = client.get("/v2/languages").json()
    targets = client.get("/v2/languages", params={"type": "target"}).json()
    pairs = client.get("/v2/glossary-language-pairs").json()["supported_languages"]
    page = client.get("/").text
    known = [each["id"] for each in client.get("/v1/models").json()["models"]]
    refused = [
        client.post("/translate", json={"q": HUNGARIAN, "source": "hu", "target": "sl"}),
        client.post("/v2/translate", json={"text": [HUNGARIAN], "source_lang": "HU", "target_lang": "SL"}),
    ]

    assert known == ["hu-de"], "nor does it learn what others have"
    assert libre == {"hu": ["de", "hu"], "de": ["de"]}
    assert [each["language"] for each in sources] == ["HU"]
    assert [each["language"] for each in targets] == ["DE"]
    assert pairs == [{"source_lang": "hu", "target_lang": "de"}]
    assert 'value="de"' in page
    assert 'value="sl"' not in page
    assert [each.status_code for each in refused] == [400, 400]


def test_libretranslates_list_goes_by_the_key_if_one_comes(start: Start, house: Path, tmp_path: Path) -> None:
    rules = tmp_path / "routes.toml"
    rules.write_text('[tenants.north]\nmodels = ["hu-de"]\n')
    service = start(model_dir=house, routes_file=str(rules), auth="required")
    directory = Directory(service.runtime.database)
    directory.create_tenant("north")
    north = directory.create_key("north").secret

    def listed(**sent: Any) -> list[str]:
        return [each["code"] for each in service.client.request(**{"method": "GET", **sent}).json()]

    mine, every = ["de", "hu"], ["de", "en", "hu", "pt", "sl"]
    assert listed(url="/languages", headers={"Authorization": f"Bearer {north}"}) == mine
    assert listed(url="/languages", params={"api_key": north}) == mine
    assert listed(url="/languages", method="POST", data={"api_key": north}) == mine
    assert listed(url="/languages") == every
    assert listed(url="/languages", params={"api_key": "not one"}) == every
