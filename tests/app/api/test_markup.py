"""`format` of POST /v1/translate: markup in, valid markup out, counted as it was sent."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.ledger import tables
from app.settings import Settings
from tests.app.conftest import Start
from tests.app.serving import Service, serving, write_card

CARD = '<p>O <b>carro</b> vermelho custa £40 — <i title="nota bem">em <u>notas</u></i>.</p><p>ATÉ <b>AMANHÃ</b>!</p>'
NAMES = st.sampled_from(["b", "i", "a", "u"])
WORDS = st.sampled_from(
    ["Bom dia", " a todos", "& tal", " <br/>", "<img/>", " 14:35", "ação. ", "Onde fica?"]
)
INLINE = st.recursive(
    WORDS.map(lambda word: word.replace("& ", "&amp; ")),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", NAMES, st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)
PAGES = st.lists(
    st.builds(lambda parts: f"<p>{''.join(parts)}</p>", st.lists(INLINE, max_size=4)), max_size=3
)


def shape(markup: str) -> list[str]:
    """Names of all elements with those of their parents, sorted: what must be in the translation, too."""

    def walk(element: ET.Element, above: str) -> list[str]:
        path = f"{above}/{element.tag}"
        return [path, *(each for child in element for each in walk(child, path))]

    return sorted(walk(ET.fromstring(f"<r>{markup}</r>"), ""))  # noqa: S314  written here


def one(service: Service, text: str, target: str = "en", **more: Any) -> dict[str, Any]:
    (found,) = service.translate(text, target, **more)["translations"]
    answer: dict[str, Any] = found
    return answer


def test_html_comes_back_as_html(service: Service) -> None:
    body = service.translate(CARD, "en", format="html", source="pt", detail=True)
    (found,) = body["translations"]
    assert found["text"] == (
        '<p>The red <b>car</b> costs £40 — <i title="Good note">in <u>notes</u></i>.</p><p>UNTIL <b>TOMORROW</b>!</p>'
    )
    assert (found["status"], found["source"], found["route"]) == ("translated", "pt", ["pt", "en"])
    assert (
        found["characters"] == body["usage"]["characters"] == body["usage"]["billed_characters"] == len(CARD)
    )
    assert [segment["unit"] for segment in found["segments"]] == [0, 1, 2]
    assert "recased" in found["flags"]


@pytest.mark.parametrize(
    ("markup", "more", "kept"),
    [
        ('<p>Use <b translate="no">Modo Rápido</b> agora.</p>', {}, '<b translate="no">Modo Rápido</b>'),
        ('<p>Use <b class="x notranslate">Modo Rápido</b> agora.</p>', {}, ">Modo Rápido</b>"),
        ("<p>Use <b>Modo Rápido</b> agora.</p>", {"ignore_tags": ["B"]}, "<b>Modo Rápido</b>"),
        ("<p>Use o código.</p><div>Bom dia</div>", {"ignore_tags": ["div"]}, "<div>Bom dia</div>"),
        ("<a>Use <n>Modo Rápido</n> agora.</a>", {"format": "xml", "ignore_tags": ["n"]}, "<n>Modo Rápido</n>"),
        ('Use <n translate="no">Modo Rápido</n> agora.', {"format": "xml"}, '<n translate="no">Modo Rápido</n>'),
    ],
)  # fmt: skip
def test_what_is_not_to_be_translated_stands(
    service: Service, markup: str, more: dict[str, Any], kept: str
) -> None:
    found = one(service, markup, source="pt", **{"format": "html", **more})
    assert kept in found["text"]
    assert found["text"].count("Modo Rápido") == markup.count("Modo Rápido")
    assert found["text"] != markup


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(PAGES, st.sampled_from(["html", "xml"]))
def test_any_markup_comes_back_whole_and_is_counted_to_the_character(
    start_reversed: Service, pages: list[str], form: str
) -> None:
    """Reversed by the engine, so that every tag has to move."""
    sent = "".join(pages)
    body = start_reversed.translate(sent, "en", format=form, source="pt")
    (found,) = body["translations"]
    assert shape(found["text"]) == shape(sent)
    assert found["characters"] == body["usage"]["characters"] == len(sent)


@pytest.fixture(scope="module")
def start_reversed(tmp_path_factory: pytest.TempPathFactory) -> Any:

    folder = tmp_path_factory.mktemp("reversed")
    write_card(folder / "models", "reverse-pt-en", ("pt", "en"), architecture="reverse")
    chosen = Settings(data_dir=folder, model_dir=folder / "models", preload=False, replay_window=0)
    with serving(chosen) as running:
        yield running


def test_several_are_answered_each_in_its_place(identity_service: Service) -> None:
    sent = ["<p>Bom dia a todos.</p>", "<hr/>", "", "<p>A vonat késik, és nem tudom, mikor indul.</p>"]
    body = identity_service.translate(sent, "en", format="html")
    found = body["translations"]
    assert [each["status"] for each in found] == ["translated", "unchanged", "unchanged", "failed"]
    assert [each["text"] for each in found] == [*sent[:3], None]
    assert [each["characters"] for each in found] == list(map(len, sent))
    assert found[3]["error"]["code"] == "no_route"
    assert body["usage"]["billed_characters"] == sum(map(len, sent[:3]))


def test_an_estimate_is_what_it_is_charged(identity_service: Service) -> None:
    asked = {"text": [CARD, "<i>Bom dia</i>"], "target": "en", "source": "pt", "format": "html"}
    forecast = identity_service.client.post("/v1/estimate", json=asked).json()
    charged = identity_service.client.post("/v1/translate", json=asked).json()["usage"]
    assert forecast["texts"] == 2
    assert forecast["segments"] == charged["segments"]
    assert forecast["characters"] == charged["characters"] == len(CARD) + len("<i>Bom dia</i>")


def test_the_ledger_knows_what_is_markup(start: Start) -> None:
    service = start()
    service.translate("<p>Bom <b>dia</b>&nbsp;a todos</p>", "en", format="html", source="pt")
    with service.runtime.database.read() as connection:
        (line,) = connection.execute(
            select(tables.lines.c.characters, tables.lines.c.characters_without_markup)
        )
    assert tuple(line) == (len("<p>Bom <b>dia</b>&nbsp;a todos</p>"), len("Bom dia\xa0a todos"))


def test_a_term_of_the_glossary_keeps_its_tag(service: Service) -> None:
    sent = "<p>O <b>condutor</b> assinou o <i>termo de identidade</i> na <u>esquadra</u>.</p>"
    plain = one(service, sent, source="pt", format="html")
    assert "statement of identity" not in plain["text"]
    terms = {"termo de identidade": "statement of identity"}
    found = one(service, sent, source="pt", format="html", glossary=terms)
    assert "<i>statement of identity</i>" in found["text"]
    assert "<b>driver</b>" in found["text"]


def test_a_repeat_gets_the_same_markup(start: Start) -> None:
    service = start(replay="stored", replay_window=300)
    body = json.dumps({"text": CARD, "target": "en", "source": "pt", "format": "html"})
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a"}
    first, again = (service.client.post("/v1/translate", content=body, headers=headers) for _ in range(2))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.content == first.content


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "<a><b></a>", "format": "xml"}, 422, "damaged_document"),
        ({"text": "Bom dia", "ignore_tags": ["b"]}, 422, "invalid_request"),
        ({"text": "Bom dia", "format": "md"}, 422, None),
        ({"text": "\ud800", "format": "html"}, 400, None),
    ],
)
def test_what_cannot_be_read_is_refused(
    identity_service: Service, body: dict[str, Any], status: int, code: str | None
) -> None:
    content = json.dumps({"target": "en", **body})
    answer = identity_service.client.post(
        "/v1/translate", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code
