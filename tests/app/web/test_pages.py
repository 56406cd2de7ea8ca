"""What the pages are made of, whatever is put in."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from tests.app.serving import Service, serving, write_card
from tests.app.web.test_access import csrf


@pytest.fixture(scope="module")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Nobody has to sign in; Arabic goes into English and Portuguese into Hebrew, unchanged."""
    models = tmp_path_factory.mktemp("models")
    write_card(models, "identity-ar-en", ("ar", "en"))
    write_card(models, "identity-pt-he", ("pt", "he"))
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("data"), model_dir=models, preload=False, max_characters=200_000
    )
    with serving(settings) as service:
        yield service


def send(service: Service, text: str, target: str = "en", **more: str) -> httpx.Response:
    token = csrf(service.client.get("/").text)
    return service.client.post("/", data={"csrf": token, "text": text, "target": target, **more})


class _Paragraphs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str | None, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "p" and "dir" in given:
            self.found.append((given["lang"], given["dir"]))


def test_each_side_is_set_in_its_own_direction(open_service: Service) -> None:
    parser = _Paragraphs()
    parser.feed(send(open_service, "مرحبا بالعالم، كيف حالك اليوم؟").text)
    parser.feed(send(open_service, "Bom dia a todos.", "he", source="pt").text)

    assert parser.found[0] == ("ar", "rtl")
    assert parser.found[2] == ("pt", "ltr")


def test_markup_is_shown_and_never_meant(open_service: Service) -> None:
    page = send(open_service, "Bom dia. <script>alert(1)</script> </textarea><b>x</b>").text

    assert "<script>alert" not in page
    assert "</textarea><b>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_lines_end_as_they_were_typed(open_service: Service) -> None:
    page = send(open_service, "Bom dia.\r\nBoa noite.").text

    assert "19 characters" in page


@pytest.mark.parametrize(
    ("text", "target", "status", "said"),
    [
        ("", "en", 422, "no text yet"),
        ("   ", "en", 422, "no text yet"),
        ("Bom dia.", "tlh-nowhere-at-all-really", 400, "language code"),
        ("Bom dia.", "ja", 200, "No model"),
        ("a" * 200_001, "en", 413, "shorter text"),
    ],
)
def test_what_cannot_be_translated_is_said(
    open_service: Service, text: str, target: str, status: int, said: str
) -> None:
    answer = send(open_service, text, target, source="auto")

    assert answer.status_code == status
    assert said in answer.text


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"text=%ff", 400),
        ("application/x-www-form-urlencoded", "text=é".encode(), 400),
        ("application/x-www-form-urlencoded", b"a=b&" * 100, 400),
        ("application/x-www-form-urlencoded", b"", 403),
    ],
)
def test_what_is_no_form_is_refused_on_a_page(
    open_service: Service, content_type: str, body: bytes, status: int
) -> None:
    answer = open_service.client.post("/", content=body, headers={"Content-Type": content_type})

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_assets_are_kept_for_good_under_the_name_of_what_is_in_them(open_service: Service) -> None:
    page = open_service.client.get("/").text
    (address,) = (part.split('"')[0] for part in page.split('href="')[1:] if "app.css" in part)

    answer = open_service.client.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert open_service.client.get("/assets/../settings.py").status_code == 404
    assert open_service.client.get("/assets/nothing").status_code == 404


def test_no_page_holds_style_or_script_of_its_own() -> None:
    for file in (Path(__file__).parents[3] / "app" / "web" / "templates").glob("*.html"):
        source = file.read_text(encoding="utf-8")
        assert "style=" not in source, file.name
        assert "<style" not in source, file.name
        assert " onclick" not in source, file.name
        assert "//" not in source.replace("<!doctype", ""), file.name
