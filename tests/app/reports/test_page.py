"""The page stands alone, escapes what callers chose, and has a table beside every chart."""

import re
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

from app.ledger.exchange import parse_rates
from app.ledger.report import UsageReport
from app.ledger.vendors import bills, vendors
from app.reports.page import MOST_ROWS, page
from tests.app.reports.examples import report, row

MADE = datetime(2026, 11, 22, 16, tzinfo=UTC)
VOID = {"meta", "line", "rect"}


class Reader(HTMLParser):
    """Tags in order, attributes, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def made(found: UsageReport, rates: str = "") -> str:
    elsewhere = bills(found.sent, currency=found.currency, rates=parse_rates(rates))
    return page(found, elsewhere, made=MADE)


def days(count: int) -> list[str]:
    return [(date(2026, 10, 1) + timedelta(days=n)).isoformat() for n in range(count)]


def whole(length: int = 3) -> UsageReport:
    return report(
        ("day", [row(day) for day in days(length)]),
        ("month", [row("2026-10")]),
        ("tenant", [row("tenant")]),
        ("pair", [row("pt-en"), row("en-pt")]),
        ("job", [row("none")]),
    )


def test_it_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    reader = Reader(made(whole()))
    assert not reader.open
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(reader.tags)
    assert not [
        name for name, _ in reader.attributes if name in {"src", "href", "action"} or name[:2] == "on"
    ]
    assert "@import" not in made(whole())
    assert "url(" not in made(whole())


def test_what_callers_chose_is_escaped() -> None:
    text = made(report(("cost_centre", [row("<script>alert(1)</script>")]), tenant='"><img src=x>'))
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_sentence_is_the_programmes_own() -> None:
    text = made(whole())
    assert "<h1>900,000 characters of text translated to date, for a total cost of £9.67</h1>" in text


def test_a_table_beside_every_chart() -> None:
    for section in re.findall(r"<section>.*?</section>", made(whole()), re.DOTALL):
        assert section.count("<table>") == 1
    reader = Reader(made(whole()))
    assert ("role", "img") in reader.attributes
    assert all(value for name, value in reader.attributes if name == "aria-label")


def test_sections_that_tell_nothing_are_left_out() -> None:
    text = made(whole())
    assert "By language pair" in text
    assert "By day" in text
    assert "By tenant" not in text
    assert "By job" not in text
    assert "By month" not in text


def test_a_long_time_is_drawn_by_months() -> None:
    text = made(whole(100))
    assert "By month" in text
    assert "By day" not in text


def test_days_without_use_are_gaps_in_the_chart() -> None:
    text = made(report(("day", [row("2026-10-01"), row("2026-10-05")])))
    assert [text.count(f">{day}</text>") for day in days(5)] == [2] * 5
    assert text.count('class="cost"') == 2


def test_many_rows_become_one() -> None:
    rows = [row(f"job-{n}") for n in range(MOST_ROWS + 10)]
    text = made(report(("job", rows)))
    assert "11 others" in text
    assert text.count(">job-") == MOST_ROWS - 1


def test_vendors_are_named_with_their_doubts() -> None:
    text = made(whole(), rates="USD=0.79@2026-11-20")
    assert all(vendor.name in text for vendor in vendors())
    assert text.count("unconfirmed</span>") == 3
    assert "0.79 on 2026-11-20" in text
    assert "No exchange rate is made up" in text  # DeepL bills in euros


def test_a_correction_below_zero_has_no_bar() -> None:
    text = made(report(("pair", [row("pt-en"), row("en-pt", characters=-500, cost_nanos=-1_000_000_000)])))
    assert 'width="-' not in text
    assert "-£1.00" in text


def test_an_empty_ledger_is_a_page_too() -> None:
    assert "Nothing was recorded" in made(report(("day", [])))


def test_small_amounts_on_an_axis_are_written_out() -> None:
    text = made(report(("day", [row("2026-10-01", cost_nanos=160_000)])))
    assert ">0.00005<" in text
    assert "e-05" not in text


def test_billed_characters_stand_beside_the_translated_and_api_keeps_its_capitals() -> None:
    text = made(report(("key", [row("key_1", characters=8_765)])))
    assert text.count(">8,765<") == 2
    assert 'scope="col">API key<' in text
