# ruff: noqa: RUF001 - letters that look alike
"""Dates, numbers in words, units, signs and telephone numbers, as translations get them right and wrong."""

import pytest

from app.fidelity import Order, check, find

Languages = tuple[str, str]
EN_PT, PT_EN = ("en", "pt"), ("pt", "en")
FIGURES = {"numbers_differ", "dates_differ", "units_differ", "symbol_lost", "identifiers_differ"}


def raised(source: str, translation: str, languages: Languages | None) -> set[str]:
    return FIGURES & set(check(source, translation, languages=languages))


@pytest.mark.parametrize(
    ("portuguese", "english"),
    [
        ("Chegou a 13/05/2024.", "It arrived on 13 May 2024."),
        ("Chegou a 13/05/2024.", "It arrived on May 13, 2024."),
        ("Chegou a 13 de maio de 2024.", "It arrived on 13/05/2024."),
        ("Chegou a 13 de maio de 2024.", "It arrived on 05/13/2024."),
        ("Chegou a 3 de abril de 2024.", "It arrived on 03/04/2024."),
        ("Chegou a 4 de março de 2024.", "It arrived on 03/04/2024."),
        ("Chegou a 13-05-24.", "It arrived on 2024-05-13."),
        ("Entre 13/05 e 15/06", "Between May 13 and 15 June"),
        ("de 13 a 15/05/2024", "13 to 15 May 2024"),
        ("O 11 de setembro", "9/11"),
        ("Aberto 24/7", "Open 24/7"),
        ("em 2024-05-13T14:35", "on 13/05/2024 at 14:35"),
        ("Ligue para 00351 912 345 678.", "Call +351 912 345 678."),
        ("Ligue para (020) 7946-0958.", "Call 020 7946 0958."),
        ("Ligue para +44 (0)20 7946 0958.", "Call 020 7946 0958."),
        ("Ele tem 25 gatos.", "He has twenty-five cats."),
        ("Duas mil pessoas", "2,000 people"),
        ("Mil novecentos e oitenta e quatro", "Nineteen eighty-four"),
        ("dois milhões e meio", "2.5 million"),
        ("cento e vinte mil euros", "120,000 euros"),
        ("meia dúzia de ovos", "half a dozen eggs"),
        ("o décimo quinto dia", "the 15th day"),
        ("no século XII", "in the twelfth century"),
        ("1/2 xícara", "half a cup"),
        ("½ xícara", "1/2 cup"),
        ("às oito da noite", "at 8 pm"),
        ("-5 °C", "minus 5 °C"),
        ("Faz -5 graus.", "It is 5 degrees below zero."),
        ("saldo de -1.700,50 €", "balance of -€1,700.50"),
        ("pelo menos 5 graus", "at least 5 degrees"),
        ("50%", "fifty per cent"),
        ("de 20 a 30%", "20% to 30%"),
        ("5 quilos", "5 kg"),
        ("10 metros quadrados", "10 m2"),
        ("a 10 km por hora", "at 10 km/h"),
        ("20 graus Celsius", "20 °C"),
        ("uma caixa de 5 libras", "a 5-pound box"),
        ("14h35", "14:35"),
        ("100 m", "100m"),
    ],
)
def test_the_same_written_otherwise(portuguese: str, english: str) -> None:
    assert raised(portuguese, english, PT_EN) == raised(english, portuguese, EN_PT) == set()


@pytest.mark.parametrize(
    ("portuguese", "english", "flag"),
    [
        ("a 03/04/2024", "on 04/03/2024", "dates_differ"),
        ("a 13/05/2024", "on 13 June 2024", "dates_differ"),
        ("a 13/05/2024", "on 14 May 2024", "dates_differ"),
        ("a 13/05/2024", "on 13/05/2025", "dates_differ"),
        ("a 13 de maio de 2024", "on 12/05/2024", "dates_differ"),
        ("até 13/05", "by June 13", "dates_differ"),
        ("3/4 de xícara", "4/3 cup", "dates_differ"),
        ("Ligue para +351 912 345 678.", "Call +351 912 345 687.", "numbers_differ"),
        ("Duas mil pessoas", "Three thousand people", "numbers_differ"),
        ("Duas mil pessoas", "3000 people", "numbers_differ"),
        ("2000 pessoas", "Three thousand people", "numbers_differ"),
        ("vinte e cinco gatos", "twenty-six cats", "numbers_differ"),
        ("o terceiro dia", "the fourth day", "numbers_differ"),
        ("três dos sete", "three of the nine", "numbers_differ"),
        ("Comprei três carros.", "I bought cars.", "numbers_differ"),
        ("um milhão", "one billion", "numbers_differ"),
        ("-5 °C", "5 °C", "numbers_differ"),
        ("saldo de -1.700,50", "balance of 1,700.50", "numbers_differ"),
        ("menos 5 graus", "5 degrees", "numbers_differ"),
        ("50% de desconto", "a 50 discount", "units_differ"),
        ("20% de 30%", "20% of 30", "units_differ"),
        ("50 pessoas", "50% people", "units_differ"),
        ("5 kg", "5 g", "units_differ"),
        ("5 km", "5 m", "units_differ"),
        ("500 miligramas", "500 grams", "units_differ"),
        ("dois miligramas", "two grams", "units_differ"),
        ("20 °C", "20 °F", "units_differ"),
        ("10 m²", "10 m", "units_differ"),
        ("3 dias", "3 weeks", "units_differ"),
        ("100 km/h", "100 km", "units_differ"),
    ],
)
def test_what_changed(portuguese: str, english: str, flag: str) -> None:
    assert flag in raised(portuguese, english, PT_EN)
    assert flag in raised(english, portuguese, EN_PT)


def test_the_plus_of_a_telephone_number() -> None:
    assert "symbol_lost" in raised("Ligue +351 912 345 678.", "Call 351 912 345 678.", PT_EN)


def test_signs_and_units_are_compared_without_knowing_the_languages() -> None:
    assert raised("-5 °C, 50 %", "5 °C, 50 %", None) == {"numbers_differ"}
    assert raised("Duas mil", "Three thousand", None) == {"numbers_differ"}
    assert raised("13/05/2024", "13 мая 2024 г.", None) == set()


@pytest.mark.parametrize("languages", [("en", "ru"), ("pt", "zh"), ("tr", "en")])
def test_words_of_other_languages_are_not_missed(languages: Languages) -> None:
    assert raised("5 kg, 50 %, -3", "5 кг, 50 프로, 零下 3", languages) == set()


@pytest.mark.parametrize(
    ("orders", "text", "differ"),
    [
        ((Order.DAY_FIRST, Order.MONTH_FIRST), "on 04/03/2024", False),
        ((Order.DAY_FIRST, Order.MONTH_FIRST), "on 03/04/2024", True),
        ((Order.DAY_FIRST, Order.DAY_FIRST), "on 03/04/2024", False),
        ((Order.DAY_FIRST, Order.EITHER), "on 03/04/2024", False),
        ((Order.DAY_FIRST, Order.EITHER), "on 04/03/2024 or 05/13/2024", False),
    ],
)
def test_the_order_of_day_and_month(orders: tuple[Order, Order], text: str, differ: bool) -> None:
    source = "a 03/04/2024" + (" ou a 13/05/2024" if " or " in text else "")
    found = find(source, text, languages=PT_EN, orders=orders)
    assert any(finding.kind == "dates_differ" for finding in found) is differ


def test_what_is_found_says_where_it_stands() -> None:
    source, text = (
        "Pague duas mil libras até 13/05/2024, -5%.",
        "Pay three thousand pounds by 13 June 2024, 5.",
    )
    found = find(source, text, languages=PT_EN)
    shown = {
        (finding.kind, side[slice(*place)])
        for finding in found
        for side, place in ((source, finding.source_place), (text, finding.place))
        if place is not None
    }
    assert shown == {
        ("numbers_differ", "duas mil"),
        ("numbers_differ", "three thousand"),
        ("numbers_differ", "-5"),
        ("dates_differ", "13/05/2024"),
        ("dates_differ", "13 June 2024"),
        ("numbers_differ", "5"),
        ("units_differ", "5%"),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [("On 13/05/2024", "Em 13/05/2024"), ("From +351 912 345 678", "Do 00351 912 345 678")],
)
def test_a_number_in_words_stands_where_it_stood_behind_what_both_sides_have(before: str, after: str) -> None:
    assert not check(f"{before} we took two kilos", f"{after} levámos dois quilos", languages=EN_PT)
    found = find(f"{before} we took two kilos", f"{after} levámos dois gramas", languages=EN_PT)
    places = {each.detail: each.source_place or each.place for each in found if each.kind == "units_differ"}
    assert places == {
        "two kilos of the source has no equal in the translation.": (len(before) + 9, len(before) + 18),
        "dois gramas has no equal in the source.": (len(after) + 9, len(after) + 20),
    }


@pytest.mark.parametrize("month", ["APRİL", "aprıl", "Auguſt"])
def test_letters_that_only_look_like_those_of_a_month(month: str) -> None:
    assert check(f"On 13 May and 2 {month} 2024", "A 13 de maio e 2 de abril de 2024", languages=EN_PT)


def test_no_day_of_the_week_is_missed_in_a_language_whose_days_are_not_known() -> None:
    found = find("On Monday we meet, 03/04/2024.", "Siza kudibana.", languages=("en", "xh"))
    assert [each.detail for each in found if each.kind == "dates_differ"] == [
        "03/04/2024 of the source has no equal in the translation."
    ]
