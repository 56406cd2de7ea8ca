# ruff: noqa: RUF001 - signs that look alike
"""Scales of sums, the order of what is written in parts, tables of dates and telephone numbers, and copied sources."""

from time import process_time

import pytest

from app.fidelity import check

EN_PT, PT_EN = ("en", "pt"), ("pt", "en")


def numbers_differ(source: str, translation: str, languages: tuple[str, str]) -> bool:
    return "numbers_differ" in check(source, translation, languages=languages)


@pytest.mark.parametrize(
    ("english", "other", "language", "differ"),
    [
        ("£1.2bn", "1,2 milhões de libras", "pt", True),
        ("£1.2m", "1,2 mil libras", "pt", True),
        ("$5bn", "5 milhões de dólares", "pt", True),
        ("£1.2m and £3bn", "£1,2bn e £3m", "pt", True),
        ("£1.2bn", "1,2 mil milhões de libras", "pt", False),
        ("£1.2m", "1,2 milhões de libras", "pt", False),
        ("£3k", "3.000 £", "pt", False),
        ("£3k", "3 mil libras", "pt", False),
        ("R$5 million", "R$ 5 mi", "pt", False),
        ("R$5 billion", "R$ 5 mi", "pt", True),
        ("$5bn", "5 mil millones de dólares", "es", False),
        ("$5bn", "5 Milliarden Dollar", "de", False),
        ("€5m", "5 M€", "fr", False),
        ("45 million", "45 milionów", "pl", False),
        ("5m people", "5 milhões de pessoas", "pt", False),
        ("a 5k run", "uma corrida de 5 km", "pt", False),
        ("100m away", "a 100 metros", "pt", False),
    ],
)
def test_scales(english: str, other: str, language: str, differ: bool) -> None:
    assert numbers_differ(english, other, ("en", language)) is differ
    assert numbers_differ(other, english, (language, "en")) is differ


@pytest.mark.parametrize(
    ("source", "translation", "differ"),
    [
        ("Call +44 20 7946 0958.", "Ligue +44 20 0958 7946.", True),
        ("Call 912 345 678.", "Ligue 912 678 345.", True),
        ("card 1111 1234", "cartão 1234 1111", True),
        ("at 10:30", "às 30:10", True),
        ("at 14:35 on 2 May", "às 2:14 de 35 de maio", True),
        ("It ended 3-1.", "Acabou 1-3.", True),
        ("120/80", "80/120", True),
        ("at 10:30", "às 10h30", False),
        ("at 10:30 pm", "às 22h30", False),
        ("at 15.00 UTC", "às 15:00 UTC", False),
        ("In 2010 25 people", "25 pessoas em 2010", False),
        ("pages 10–20", "páginas 10-20", False),
        ("1,234,567", "1 234 567", False),
        ("1,400 people since 2010", "1400 pessoas desde 2010", False),
    ],
)
def test_parts_of_one_writing_keep_their_order(source: str, translation: str, differ: bool) -> None:
    assert numbers_differ(source, translation, EN_PT) is differ
    assert numbers_differ(translation, source, PT_EN) is differ


def _table(count: int, *, english: bool) -> list[str]:
    days = [(1 + place % 28, 1 + place % 12, 1990 + place % 40) for place in range(count)]
    return [
        f"{day}/{month}/{year}" if english else f"{year}-{month:02}-{day:02}" for day, month, year in days
    ]


def test_tables_of_dates_are_compared_too() -> None:
    here, there = _table(3_000, english=False), _table(3_000, english=True)[::-1]
    began = process_time()
    assert "dates_differ" not in check("\n".join(here), "\n".join(there), languages=PT_EN)
    there[1_500] = "1/2/1850"
    assert "dates_differ" in check("\n".join(here), "\n".join(there), languages=PT_EN)
    assert process_time() - began < 30  # under 1 s here; each against all would be minutes


def test_a_long_list_of_scores_costs_no_square() -> None:
    scores = [f"{1000 + place}-{3000 + place}" for place in range(2_000)]
    turned = ["-".join(score.split("-")[::-1]) for score in scores]
    began = process_time()
    assert check("; ".join(scores), "; ".join(turned)) == ("numbers_differ",)
    assert process_time() - began < 5  # 0.1 s here


def test_tables_of_telephone_numbers_are_compared_too() -> None:
    digits = [str(912_000_000 + 7 * place) for place in range(3_000)]
    here = [f"+351 {each}" for each in digits]
    there = [f"00351 {each[:3]} {each[3:6]} {each[6:]}" for each in reversed(digits)]
    assert check("\n".join(here), "\n".join(there)) == ()
    there[7] = there[7][:-1] + ("1" if there[7][-1] != "1" else "2")
    assert "numbers_differ" in check("\n".join(here), "\n".join(there))


@pytest.mark.parametrize(
    ("text", "languages", "copied"),
    [
        ("Where are you?", EN_PT, True),
        ("Closed today", EN_PT, True),
        ("Good morning", EN_PT, True),
        ("Good Morning", EN_PT, True),
        ("CLOSED", EN_PT, True),
        ("Thanks!", EN_PT, True),
        ("Onde fica a casa?", PT_EN, True),
        ("Fechado", PT_EN, True),
        ("Where are you?", PT_EN, True),
        ("Bom dia", ("pt", "es"), True),
        ("¿Dónde estás?", ("es", "en"), True),
        ("Fermé", ("fr", "en"), True),
        ("OK", EN_PT, False),
        ("Taxi", PT_EN, False),
        ("Lisboa", PT_EN, False),
        ("Hotel Central", PT_EN, False),
        ("email", EN_PT, False),
        ("Casa da Música", PT_EN, False),
        ("House of Commons", EN_PT, False),
        ("New York", EN_PT, False),
        ("The Guardian", EN_PT, False),
        ("WHO", EN_PT, False),
        ("casa grande", ("pt", "es"), False),
        ("Danger", ("en", "fr"), False),
        ("No", ("es", "en"), False),
        ("ok AB12 CDE", None, False),
        ("Fechado", None, True),
        ("Where are you?", ("en", "en"), False),
    ],
)
def test_copied_sources(text: str, languages: tuple[str, str] | None, copied: bool) -> None:
    assert ("source_copied" in check(text, f" {text} ", languages=languages)) is copied


@pytest.mark.parametrize(
    ("plate", "other"),
    [
        ("1234 BCD", "1234 BCF"),
        ("B-AB 1234", "B-AC 1234"),
        ("1012 AB", "1012 AC"),
        ("AB-123-CD", "AB-123-CE"),
        ("AB 123 CD", "AB 123 CE"),
        ("D02 X285", "D02 Y285"),
        ("WA 12345", "WB 12345"),
        ("KR 1AB23", "KP 1AB23"),
        ("CA 1234 AB", "CA 1234 AC"),
        ("B 123 ABC", "B 123 ABD"),
        ("ABC 123", "ABD 123"),
        ("ZG 1234-AB", "ZH 1234-AB"),
        ("AB CD-123", "AB CE-123"),
        ("AA 00 AB", "AA 00 AC"),
        ("А123ВС77", "А123ВМ77"),
    ],
)
def test_plates_and_postcodes_of_other_countries(plate: str, other: str) -> None:
    source = f"The car is {plate}."
    assert "identifiers_differ" in check(source, f"O carro é {other}.", languages=EN_PT)
    assert check(source, f"O carro é {plate}.", languages=EN_PT) == ()


@pytest.mark.parametrize(
    ("source", "translation", "languages"),
    [
        ("It cost 1000 GBP.", "Custou 1000 libras.", EN_PT),
        ("In 1066 AD", "Em 1066 d.C.", EN_PT),
        ("EUR 12345 for it", "12345 euros por isso", EN_PT),
        ("IN 2010 WE WENT HOME", "EM 2010 FOMOS PARA CASA", EN_PT),
        ("to GB29 NWBK 6016 1331 9268 19", "para GB29NWBK60161331926819", EN_PT),
        ("Sem açúcar", "Sugar-free", PT_EN),
        ("Não há de quê", "You are welcome", PT_EN),
        ("At 12 noon", "Ao meio-dia", EN_PT),
        ("half past two", "14h30", EN_PT),
        ("Ligue 808202020", "Call 808 20 20 20", PT_EN),
        (
            "{count, plural, one {# file found} other {# files found}}",
            "{count, plural, one {# ficheiro} other {# ficheiros}}",
            EN_PT,
        ),
    ],
)
def test_no_doubt(source: str, translation: str, languages: tuple[str, str]) -> None:
    assert check(source, translation, languages=languages) == ()


def test_another_account_is_another() -> None:
    flags = check("to GB29 NWBK 6016 1331 9268 19", "para GB29NWBK60161331926818", languages=EN_PT)
    assert {"identifiers_differ", "numbers_differ"} <= set(flags)
