from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InvalidRequest
from app.glossary.matching import Protection
from app.glossary.patterns import compiled
from app.glossary.terms import ANY, Dictionary, Term, Terms

WANTED = {
    "van": "carrinha",
    "search warrant": "mandado de busca",
    "warrant": "garantia",
    "US": "EUA",
    "knife": "navalha",
    "knives": "facas",
    "St. Mary's": "Santa Maria",
}


def terms(
    pairs: dict[str, str] | None = None,
    source: str = "en",
    target: str = "pt",
    *,
    protected: tuple[str, ...] = (),
    patterns: tuple[str, ...] = (),
) -> Terms:
    made = tuple(Term.made(here, there) for here, there in (WANTED if pairs is None else pairs).items())
    return Terms.made([Dictionary(source, target, made)], protected=protected, patterns=patterns)


def found(text: str, said: Terms, source: str = "en", target: str = "pt") -> list[tuple[str, str]]:
    return [
        (text[match.start : match.end], match.wanted)
        for match in Protection(said).find(text, source, target)
        if match.asked
    ]


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("The van.", [("van", "carrinha")]),
        ("Two vans", [("vans", "carrinhas")]),
        ("Van and VAN, the Van", [("Van", "carrinha"), ("VAN", "CARRINHA"), ("Van", "Carrinha")]),
        ("advantage, mini-van, van_1", []),
        ("the van's door", [("van", "carrinha")]),
        ("a search  warrant", [("search  warrant", "mandado de busca")]),
        ("Search Warrants", [("Search Warrants", "mandados de busca")]),
        ("give us the US", [("US", "EUA")]),
        ("knives", [("knives", "facas")]),
        ("www.van.com/van", []),
        ("At St. Mary's.", [("St. Mary's", "Santa Maria")]),
    ],
)
def test_matches(text: str, matches: list[tuple[str, str]]) -> None:
    assert found(text, terms()) == matches


def test_another_pair_has_none() -> None:
    assert found("The van.", terms(), "en", "fr") == []


def test_terms_without_a_language_are_found_in_any() -> None:
    assert found("Eine Van.", terms(source=ANY), "de", "pt") == [("Van", "Carrinha")]


def test_scripts_without_spaces() -> None:
    assert found("我们有搜查令吗", terms({"搜查令": "search warrant"}, "zh", "en"), "zh", "en") == [
        ("搜查令", "search warrant")
    ]


def test_protected_text_stands_as_it_is_written() -> None:
    said = terms({}, protected=("Niche RMS",), patterns=(r"REP-\d{4}/[a-z]",))
    text = "Niche RMS, niche rms, NICHE RMS: REP-1234/b"
    assert found(text, said) == [(each, each) for each in ("Niche RMS", "NICHE RMS", "REP-1234/b")]


@settings(max_examples=60)
@given(st.text(alphabet="van .-_'Vknifes\n/@1é搜", max_size=60))
def test_matches_are_apart_and_in_order(text: str) -> None:
    places = Protection(terms(protected=("VAN",), patterns=("n+",))).find(text, "en", "pt")
    assert all(0 <= each.start < each.end <= len(text) for each in places)
    assert all(one.end <= two.start for one, two in pairwise(places))


def test_a_glossary_of_thousands_costs_no_more_a_text() -> None:
    many = terms({f"term {number}": f"termo {number}" for number in range(5_000)})
    assert found("Here is term 4999, not term 5000.", many) == [("term 4999", "termo 4999")]


@pytest.mark.parametrize("pattern", ["(", "", "a" * 501, r"(a)\1", "(?=a)a", "a*", "((a{100}){100}){100}"])
def test_patterns_that_are_refused(pattern: str) -> None:
    with pytest.raises(InvalidRequest):
        compiled(pattern)


def test_no_pattern_takes_long() -> None:
    """Two to the power of 40,000 steps in an engine that goes back."""
    said = Terms.made(patterns=["(a+)+b"])
    assert found("a" * 40_000, said) == []


@pytest.mark.parametrize("word", ["", "  ", "x" * 251, "a\x00b", "...", "a\u202eb"])
def test_what_is_no_term(word: str) -> None:
    with pytest.raises(InvalidRequest):
        Term.made(word, "x")


def test_a_term_twice_is_refused_without_being_repeated() -> None:
    with pytest.raises(InvalidRequest) as refused:
        Terms.made([Dictionary("en", "pt", (Term("secret", "a"), Term("secret", "b")))])
    assert "secret" not in str(refused.value)
