"""What stands in for a term, and which answers count."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.glossary import enforcement
from app.glossary.enforcement import Given, Rung
from app.glossary.matching import Protection
from tests.app.glossary.test_matching import terms


def segment(text: str, pairs: dict[str, str], *protected: str, pair: tuple[str, str] = ("en", "pt")) -> Given:
    said = Protection(terms(pairs, *pair, protected=protected))
    return Given(text, said.find(text, *pair), pair)


VAN = segment("The van is red.", {"van": "carrinha"})


def test_a_carrier_has_the_terms_gender_and_number() -> None:
    made = enforcement.variant(VAN, Rung.CARRIER)
    assert made is not None
    assert made.text == "The bottle is red."
    judged = enforcement.filled(VAN, made, "A garrafa é vermelha.")
    assert judged is not None
    assert (judged.text, judged.missing) == ("A carrinha é vermelha.", 0)


@pytest.mark.parametrize("answer", ["A coisa é vermelha.", "A garrafa, a garrafa é vermelha.", ""])
def test_a_stand_in_that_did_not_come_back_once_does_not_count(answer: str) -> None:
    made = enforcement.variant(VAN, Rung.CARRIER)
    assert made is not None
    assert enforcement.filled(VAN, made, answer) is None


def test_a_carrier_is_none_of_the_sentences_own_words() -> None:
    made = enforcement.variant(segment("The van of bottles.", {"van": "carrinha"}), Rung.CARRIER)
    assert made is not None
    assert made.text == "The shirt of bottles."


def test_a_pivot_has_no_carriers() -> None:
    indirect = Given(VAN.text, VAN.matches, VAN.pair, direct=False)
    assert enforcement.variant(indirect, Rung.CARRIER) is None


def test_terms_stand_in_the_source() -> None:
    made = enforcement.variant(segment("Vans are red.", {"van": "carrinha"}), Rung.INLINE)
    assert made is not None
    assert made.text == "Carrinhas are red."


def test_what_is_protected_stands_there_already() -> None:
    assert enforcement.variant(segment("Call ACME now.", {}, "ACME"), Rung.INLINE) is None


def test_a_code_gives_way_to_the_term_with_its_article_and_capital() -> None:
    given = segment("A carrinha e um recurso.", {"carrinha": "van", "recurso": "appeal"}, pair=("pt", "en"))
    made = enforcement.variant(given, Rung.CODE)
    assert made is not None
    assert made.text == "A KX71 e um KX72."
    judged = enforcement.filled(given, made, "KX71 and a KX72.")
    assert judged is not None
    assert judged.text == "Van and an appeal."


def test_a_code_of_the_texts_own_is_not_used() -> None:
    made = enforcement.variant(segment("The van KX71 left.", {"van": "carrinha"}), Rung.CODE)
    assert made is not None
    assert made.text == "The KQ71 KX72 left."  # KX71 is an identifier itself


def test_an_answer_that_loses_something_else_does_not_count() -> None:
    given = segment("The van did not stop at 14:35.", {"van": "carrinha"})
    made = enforcement.variant(given, Rung.CODE)
    plain = enforcement.as_it_came(given, "A van não parou às 14h35.")
    assert made is not None
    worse = enforcement.filled(given, made, "A KX71 parou às 14h35.")
    fine = enforcement.filled(given, made, "A KX71 não parou às 14h35.")
    assert enforcement.better(plain, worse) is plain
    assert enforcement.better(plain, fine).text == "A carrinha não parou às 14h35."


def test_nothing_but_terms_needs_no_engine() -> None:
    assert enforcement.without_engine(segment("Van 12", {"van": "carrinha"})) == "Carrinha 12"
    assert enforcement.without_engine(segment("Red van", {"van": "carrinha"})) is None


def test_a_name_that_is_part_of_a_code_beside_it_is_counted_in_both() -> None:
    given_ = segment("van ACME KX71 ACME ACME", {"van": "carrinha"}, "ACME")
    made = enforcement.variant(given_, Rung.INLINE)
    assert made is not None
    assert [slot.expected for slot in made.slots] == ["carrinha", "ACME", "KX71 ACME ACME"]

    assert enforcement.filled(given_, made, "Uma carrinha e KX71 ACME ACME e ACME") is not None
    assert enforcement.filled(given_, made, "Uma carrinha e KX71 ACME ACME") is None


@settings(max_examples=80)
@given(
    st.lists(
        st.sampled_from(["van", "vans", "ACME", "knife", "the", "not", "14", "KX71", "bottle"]), max_size=9
    ),
    st.sampled_from(list(Rung)),
    st.data(),
)
def test_a_model_that_keeps_the_stand_ins_keeps_the_terms(
    words: list[str], rung: Rung, data: st.DataObject
) -> None:
    """Whatever order they come back in; and what counts has every term."""
    given = segment(" ".join(words), {"van": "carrinha", "knife": "navalha"}, "ACME")
    made = enforcement.variant(given, rung)
    if made is None or not given.matches:
        return
    answer = data.draw(st.permutations([slot.expected for slot in made.slots]))
    judged = enforcement.filled(given, made, "Um " + " e ".join(answer))
    assert judged is not None
    assert judged.missing == 0


def identifiers(text: str) -> Given:
    return Given(text, Protection().find(text, "pt", "en"), ("pt", "en"))


TAGGED = identifiers("Pague <b>agora</b> {name}")


def test_codes_of_tags_stand_apart_from_the_word_and_the_tags_do_not() -> None:
    made = enforcement.variant(TAGGED, Rung.CODE)
    assert made is not None
    assert made.text == "Pague KX71 agora KX72 KX73"
    judged = enforcement.filled(TAGGED, made, "Pay KX71 now KX72 KX73")
    assert judged is not None
    assert (judged.text, judged.missing) == ("Pay <b>now</b> {name}", 0)


def test_identifiers_without_a_space_between_them_get_none() -> None:
    given = identifiers("Viu %s{x}{y}v{z}?")
    made = enforcement.variant(given, Rung.CODE)
    assert made is not None
    assert made.text == "Viu KX71 KX72 KX73 v KX74?"
    judged = enforcement.filled(given, made, "Saw KX71 KX72 KX73 v KX74?")
    assert judged is not None
    assert judged.text == "Saw %s{x}{y}v{z}?"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("Pay now KX72 KX73", "Pay now</b> {name}"),
        ("Pay KX7 now KX72 KX73", None),
        ("Pay KX71 now KX72 KX73 KX73", None),
        ("Pay now", None),
    ],
)
def test_a_lost_identifier_takes_no_other_with_it(answer: str, text: str | None) -> None:
    made = enforcement.variant(TAGGED, Rung.CODE)
    assert made is not None
    judged = enforcement.filled(TAGGED, made, answer)
    assert (judged and judged.text) == text


def test_a_lost_name_that_was_asked_for_does_not_count() -> None:
    given = segment("Call ACME in {city} now.", {}, "ACME")
    made = enforcement.variant(given, Rung.CODE)
    assert made is not None
    assert enforcement.filled(given, made, "Chame em KX72 agora.") is None
