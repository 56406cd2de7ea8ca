"""LibreTranslate's contract, field by field, where its clients say too little to show it."""

from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Start
from tests.app.serving import Service

ASKED: dict[str, Any] = {"q": "Bom dia a todos", "source": "pt", "target": "en"}


def post(service: Service, path: str = "/translate", /, **body: Any) -> httpx.Response:
    return service.client.post(path, json=body)


def test_a_text_a_list_and_what_was_detected(service: Service) -> None:
    assert post(service, **ASKED).json() == {"translatedText": "Good day to all"}
    texts = ["Bom dia a todos, meus amigos.", "The train leaves at noon tomorrow."]
    answer = post(service, q=texts, source="auto", target="en").json()
    assert answer["translatedText"][1] == texts[1]
    assert [found["language"] for found in answer["detectedLanguage"]] == ["pt", "en"]
    assert all(50 < found["confidence"] <= 100 for found in answer["detectedLanguage"])
    alone = post(service, q=texts[0], source="auto", target="en").json()
    assert alone["detectedLanguage"]["language"] == "pt"


@pytest.mark.parametrize("way", ["json", "form", "query"])
def test_json_form_and_query_say_the_same(identity_service: Service, way: str) -> None:
    sent = {**ASKED, "q": "Bom dia & até logo, 100 %"}
    client = identity_service.client
    match way:
        case "json":
            answer = client.post("/translate", json=sent)
        case "form":
            answer = client.post("/translate", data=sent)
        case _:
            answer = client.post("/translate", params=sent)
    assert answer.json()["translatedText"] == sent["q"]


def test_a_form_as_curl_sends_it(identity_service: Service) -> None:
    """Without percent signs."""
    answer = identity_service.client.post(
        "/translate",
        content="q=Onde fica a estação?&source=pt&target=en".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.json()["translatedText"] == "Onde fica a estação?"


def test_line_ends_of_forms(identity_service: Service) -> None:
    text = "Bom dia.\r\nAté logo.\rAdeus.\n"
    answer = identity_service.client.post("/translate", data={**ASKED, "q": text})
    assert answer.json()["translatedText"] == "Bom dia.\nAté logo.\nAdeus.\n"
    assert post(identity_service, **{**ASKED, "q": text}).json()["translatedText"] == text


def test_alternatives(service: Service) -> None:
    texts = ["Bom dia a todos. Onde fica a estação?", "12:30", "ONDE FICA A ESTAÇÃO?"]
    found = post(service, **{**ASKED, "q": texts}, alternatives=10_000).json()
    best, others = found["translatedText"], found["alternatives"]
    assert 1 <= len(others[0]) <= 3
    assert len({best[0], *others[0]}) == 1 + len(others[0])
    assert all("?" in each for each in others[0])
    assert others[1] == []
    assert others[2]
    assert all(each.isupper() for each in others[2])
    # Asked for one alone, and by the way of a form, they are the same.
    alone = service.client.post("/translate", data={**ASKED, "q": texts[0], "alternatives": "1"}).json()
    assert (alone["translatedText"], alone["alternatives"]) == (best[0], others[0][:1])
    # Who asks for none gets what everybody gets, whoever asked for some before.
    plain = post(service, **{**ASKED, "q": texts[0]}).json()["translatedText"]
    assert plain == service.translate(texts[0], source="pt")["translations"][0]["text"]
    html = post(service, **{**ASKED, "q": "<p>Bom dia</p>"}, format="html", alternatives=2).json()
    assert html["alternatives"] == []


def test_where_there_are_no_alternatives(identity_service: Service) -> None:
    assert post(identity_service, **ASKED, alternatives=3).json()["alternatives"] == []
    many = post(identity_service, **{**ASKED, "q": ["Bom dia", "Boa noite"]}, alternatives="10000").json()
    assert many["alternatives"] == [[], []]
    assert "alternatives" not in post(identity_service, **ASKED, alternatives=0).json()


def test_html_keeps_its_markup(identity_service: Service) -> None:
    page = '<p class="a&amp;b">Bom dia, <b>meus amigos</b>.<!-- n --><br></p><script>var a = 1 < 2;</script>'
    answer = post(identity_service, **{**ASKED, "q": page}, format="html").json()
    assert answer["translatedText"] == page
    many = post(identity_service, **{**ASKED, "q": [page, "<br>", "Bom &lt; dia"]}, format="html").json()
    assert many["translatedText"] == [page, "<br>", "Bom &lt; dia"]


def test_html_is_translated(service: Service) -> None:
    page = '<meta charset="iso-8859-1"><p>Bom dia, <b>meus amigos</b>.</p><p>€ São João</p>'
    body = post(service, **{**ASKED, "q": page}, format="html").json()
    answer = body["translatedText"]
    assert "Good morning, my friends" in answer.replace("<b>", "").replace("</b>", "")
    assert "dragoman" not in body or body["dragoman"]["error"] is None
    assert answer.startswith('<meta charset="iso-8859-1"><p>')
    assert answer.count("<b>") == answer.count("</b>") == 1
    assert "€" in answer


def test_markup_is_not_billed(start: Start) -> None:
    service = start()
    post(service, **{**ASKED, "q": '<p class="abc">Bom dia</p><p>Olá</p>'}, format="html")
    assert service.usage()["totals"]["billed_characters"] == len("Bom diaOlá")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Invalid request: missing q parameter"),
        ({"q": ""}, "Invalid request: missing q parameter"),
        ({"q": []}, "Invalid request: missing q parameter"),
        ({"q": "Olá"}, "Invalid request: missing source parameter"),
        ({"q": "Olá", "source": "pt"}, "Invalid request: missing target parameter"),
        ({**ASKED, "q": [1]}, "Invalid request: q parameter is not a text or a list of texts"),
        ({**ASKED, "source": "zz"}, "zz is not supported"),
        ({**ASKED, "target": "de"}, "de is not supported"),
        ({**ASKED, "target": "zh"}, "zh-Hans is not supported"),
        ({**ASKED, "format": "rtf"}, "rtf format is not supported"),
        ({**ASKED, "alternatives": "many"}, "Invalid request: alternatives parameter is not a number"),
        ({**ASKED, "q": "a" * 500_001}, "Invalid request: request (500001) exceeds text limit (500000)"),
        ({**ASKED, "q": ["a"] * 5_001}, "Invalid request: request (5001) exceeds text limit (5000)"),
    ],
)
def test_refusals(identity_service: Service, asked: dict[str, Any], said: str) -> None:
    answer = post(identity_service, **asked)
    assert (answer.status_code, answer.json()) == (400, {"error": said})
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"q=%ff", "application/x-www-form-urlencoded"),
        (b"q=\xff", "application/x-www-form-urlencoded"),
    ],
)
def test_what_cannot_be_read(identity_service: Service, content: bytes, kind: str) -> None:
    answer = identity_service.client.post("/translate", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Invalid request: ")


def test_other_refusals_are_in_their_words(start: Start) -> None:
    service = start(max_body_bytes=1_024)
    answer = service.client.get("/translate")
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "application/json")
    assert answer.json()["error"]
    large = post(service, **{**ASKED, "q": "a" * 2_000})
    assert (large.status_code, list(large.json())) == (400, ["error"])


def test_what_cannot_be_translated_is_said(identity_service: Service) -> None:
    hungarian = "A vonat holnap délben indul a pályaudvarról, és este érkezik meg."
    refused = post(identity_service, q=hungarian, source="auto", target="en")
    assert refused.status_code == 400
    assert "No model translates hu into en" in refused.json()["error"]
    texts = ["Bom dia a todos, meus amigos.", hungarian]
    answer = post(identity_service, q=texts, source="auto", target="en").json()
    assert answer["translatedText"] == texts
    assert answer["dragoman"][1]["flags"] == ["left_untranslated"]
    assert "No model translates hu into en" in answer["dragoman"][1]["error"]
    assert answer["dragoman"][0]["error"] is None


def test_doubts_are_said(service: Service) -> None:
    answer = post(service, q="São 12,50 € em 3 de maio, às 14h35", source="pt", target="en").json()
    assert answer.get("dragoman", {"error": None})["error"] is None


def test_detection(service: Service) -> None:
    found = post(service, "/detect", q="Bom dia a todos, e até logo.").json()
    assert found[0]["language"] == "pt"
    assert len(found) <= 3
    assert [each["confidence"] for each in found] == sorted((e["confidence"] for e in found), reverse=True)
    assert post(service, "/detect", q="12:30").json() == [{"confidence": 0.0, "language": "und"}]
    assert post(service, "/detect", q=["Olá"]).status_code == 400


def test_what_its_own_page_asks(identity_service: Service) -> None:
    client = identity_service.client
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/languages").json() == [
        {"code": "en", "name": "English", "targets": ["en", "pt"]},
        {"code": "pt", "name": "Portuguese", "targets": ["en", "pt"]},
    ]
    # argostranslate's client posts.
    assert client.post("/languages", data={"api_key": "x"}).json() == client.get("/languages").json()
    assert client.get("/spec").json() == client.get("/openapi.json").json()
    refused = client.post("/suggest", json={"q": "a", "s": "b", "source": "en", "target": "pt"})
    assert refused.status_code == 403
    assert refused.json() == {"error": "Suggestions are disabled on this server."}
    settings = client.get("/frontend/settings").json()
    assert settings["charLimit"] == 500_000
    assert settings["keyRequired"] is False
    assert settings["language"]["target"] == {"code": "en", "name": "English"}


@pytest.mark.parametrize("code", ["pt-BR", "PT", "pb", "por"])
def test_codes_in_other_forms(identity_service: Service, code: str) -> None:
    assert post(identity_service, **{**ASKED, "source": code}).json()["translatedText"] == ASKED["q"]


def test_under_a_prefix_and_off(start: Start) -> None:
    service = start(libretranslate_prefix="/lt")
    assert post(service, "/lt/translate", **ASKED).json()["translatedText"] == ASKED["q"]
    assert service.client.get("/lt/languages").status_code == 200
    assert post(service, **ASKED).json()["code"] == "not_found"
    off = create_app(Settings(libretranslate_prefix="off")).openapi()["paths"]
    assert not {"/translate", "/languages", "/detect", "/health"} & off.keys()


def test_pages_of_other_origins(start: Start) -> None:
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    allowed = "Access-Control-Allow-Origin"
    service = start(cors_origins="https://a.example, https://b.example", auth="required")
    preflight = service.client.options("/translate", headers=asked)
    assert (preflight.status_code, preflight.headers[allowed]) == (200, asked["Origin"])
    for method in ("PUT", "PATCH"):
        changing = {**asked, "Access-Control-Request-Method": method}
        assert service.client.options("/v3/glossaries/a", headers=changing).status_code == 200
    refused = service.client.post("/translate", json=ASKED, headers={"Origin": asked["Origin"]})
    assert (refused.status_code, refused.headers[allowed]) == (400, asked["Origin"])
    other = service.client.get("/languages", headers={"Origin": "https://c.example"})
    assert allowed not in other.headers


def test_no_other_origins_unless_told(identity_service: Service) -> None:
    answer = identity_service.client.get("/languages", headers={"Origin": "https://a.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("prefix", ["lt", "/lt/", "/v1", "/a b"])
def test_prefixes_that_would_not_do(prefix: str) -> None:
    with pytest.raises(ValueError, match="/v1 is this service"):
        Settings(libretranslate_prefix=prefix)
