import itertools
from pathlib import Path

import pytest

from models.card import ModelCard, Score
from models.catalogue import STARTER, Catalogue
from models.contracts import LanguagePair, NoRouteError
from models.route import UNMEASURED_CHRF, Router


def card(name: str, *pairs: str, chrf: float | None = None, parent: Path = Path("/models")) -> ModelCard:
    spoken = tuple(LanguagePair(*pair.split("-")) for pair in pairs)
    scores = () if chrf is None else tuple(Score("test", pair, chrf) for pair in spoken)
    return ModelCard(name, parent / name, spoken, scores=scores)


def router(*cards: ModelCard) -> Router:
    return Router(Catalogue(cards))


def test_direct_is_preferred_even_to_a_better_pivot() -> None:
    routes = router(card("a", "de-en", chrf=99), card("b", "en-pt", chrf=99), card("c", "de-pt", chrf=20))

    route = routes.route("de", "pt")

    assert route.models == ("c",)
    assert route.languages == ("de", "pt")
    assert route.quality == pytest.approx(20)


def test_the_best_of_two_direct_models_is_taken() -> None:
    assert router(card("a", "de-pt", chrf=50), card("b", "de-pt", chrf=60)).route("de", "pt").models == ("b",)


def test_the_pivot_is_chosen_by_the_product_of_both_hops() -> None:
    routes = router(
        card("a1", "de-en", chrf=90),
        card("a2", "en-pt", chrf=50),
        card("b1", "de-es", chrf=68),
        card("b2", "es-pt", chrf=70),
    )

    route = routes.route("de", "pt")

    assert route.languages == ("de", "es", "pt")
    assert route.models == ("b1", "b2")
    assert route.quality == pytest.approx(47.6)


def test_an_unmeasured_model_counts_as_a_middling_one() -> None:
    measured = (card("a1", "de-en", chrf=60), card("a2", "en-pt", chrf=60))
    unmeasured = (card("b1", "de-es"), card("b2", "es-pt"))

    assert router(*measured, *unmeasured).route("de", "pt").models == ("a1", "a2")
    assert router(*unmeasured).route("de", "pt").quality == pytest.approx(UNMEASURED_CHRF**2 / 100)
    poor = (card("c1", "de-it", chrf=30), card("c2", "it-pt", chrf=60))
    assert router(*poor, *unmeasured).route("de", "pt").models == ("b1", "b2")


def test_what_the_operator_installed_comes_before_the_embedded_model() -> None:
    embedded = card("starter-en-pt", "en-pt", chrf=99, parent=STARTER)
    own = card("a", "en-pt")

    assert router(embedded, own).route("en", "pt").models == ("a",)
    assert router(own, embedded).route("en", "pt").models == ("a",)


def test_the_order_of_installation_changes_nothing() -> None:
    cards = [
        card("a", "de-en", chrf=60),
        card("b", "en-pt", chrf=60),
        card("c", "de-es", chrf=60),
        card("d", "es-pt", chrf=60),
        card("e", "de-en", "en-pt", chrf=60),
    ]

    found = {
        tuple(route.models for route in router(*order).routes()) for order in itertools.permutations(cards)
    }

    assert len(found) == 1


def test_routes_are_every_pair_that_can_be_served() -> None:
    routes = router(card("a", "de-en"), card("b", "en-pt"), card("c", "pt-en")).routes()

    assert [route.languages for route in routes] == [
        ("de", "en"),
        ("de", "en", "pt"),
        ("en", "pt"),
        ("pt", "en"),
    ]


def test_no_third_hop_is_taken() -> None:
    with pytest.raises(NoRouteError):
        router(card("a", "de-en"), card("b", "en-pt"), card("c", "pt-es")).route("de", "es")


def test_a_language_is_never_translated_into_itself_by_a_round_trip(starter_router: Router) -> None:
    with pytest.raises(NoRouteError):
        starter_router.route("pt", "pt")


def test_without_a_route_the_error_says_what_there_is_and_what_could_be(starter_router: Router) -> None:
    with pytest.raises(NoRouteError) as missing:
        starter_router.route("hu", "en")

    error = missing.value
    assert error.pair == LanguagePair("hu", "en")
    assert error.installed == ("en-pt", "pt-en")
    assert "hu-en" in error.installable
    assert "hu into en" in str(error)
    assert "DRAGOMAN_MODEL_DIR" in str(error)


def test_a_pair_that_needs_a_pivot_names_the_leg_that_is_missing(starter_router: Router) -> None:
    with pytest.raises(NoRouteError) as missing:
        starter_router.route("hy", "pt")

    assert missing.value.installable == ("hy-en",)


def test_both_legs_are_named_where_neither_is_installed() -> None:
    with pytest.raises(NoRouteError, match="Installed: nothing") as missing:
        router().route("hy", "sq")

    assert missing.value.installable == ("hy-en and en-sq",)


def test_a_pair_that_nobody_publishes_says_so(starter_router: Router) -> None:
    with pytest.raises(NoRouteError, match="publishes no model") as missing:
        starter_router.route("qaa", "pt")

    assert missing.value.installable == ()


def test_a_route_once_found_is_the_same_object(starter_router: Router) -> None:
    assert starter_router.route("en", "pt") is starter_router.route("en", "pt")
