import itertools
import re
from pathlib import Path

import pytest

from models.card import ModelCard, Score
from models.catalogue import STARTER, Catalogue, release
from models.comparison import Grounds
from models.contracts import LanguagePair, NoRouteError
from models.preferences import Preferences, Rule
from models.router import Router


def card(name: str, *pairs: str, chrf: float | None = None, parent: Path = Path("/models")) -> ModelCard:
    spoken = tuple(LanguagePair(*pair.split("-")) for pair in pairs)
    scores = () if chrf is None else tuple(Score("test", pair, chrf) for pair in spoken)
    return ModelCard(name, parent / name, spoken, scores=scores)


def router(*cards: ModelCard) -> Router:
    return Router(Catalogue(cards))


def test_direct_is_preferred_where_it_is_better_than_the_product_of_the_hops() -> None:
    routes = router(card("a", "de-en", chrf=70), card("b", "en-pt", chrf=70), card("c", "de-pt", chrf=49.5))

    route = routes.route("de", "pt")

    assert route.models == ("c",)
    assert route.languages == ("de", "pt")
    assert route.quality == pytest.approx(49.5)


def test_a_pivot_goes_before_a_direct_model_that_scores_less() -> None:
    cards = (card("a", "de-en", chrf=70), card("b", "en-pt", chrf=70), card("c", "de-pt", chrf=40))

    assert router(*cards).route("de", "pt").models == ("a", "b")
    dear = Router(Catalogue(cards), Preferences(hop_penalty=0.8))
    assert dear.route("de", "pt").models == ("c",), "49 times 0.8 is less than 40"


def test_an_assumed_score_overrules_no_direct_model() -> None:
    good = (card("a", "de-en", chrf=90), card("b", "en-pt", chrf=90))

    assert router(*good, card("c", "de-pt")).route("de", "pt").models == ("c",)
    assert router(good[0], card("b", "en-pt"), card("c", "de-pt", chrf=10)).route("de", "pt").models == ("c",)


def test_a_model_for_the_pair_alone_goes_before_a_group_of_equal_score() -> None:
    group, alone = card("zz", "de-pt", "fr-pt", chrf=50), card("a", "de-pt", chrf=50)
    better = card("zz", "de-pt", "fr-pt", chrf=60)

    assert router(group, alone).route("de", "pt").models == ("a",)
    assert router(better, alone).route("de", "pt").models == ("zz",)
    last = Router(Catalogue((better, alone)), Preferences(group_last=True))
    assert last.route("de", "pt").models == ("a",)
    assert last.route("fr", "pt").models == ("zz",)


def ruled(rule: Rule, *cards: ModelCard) -> Router:
    return Router(Catalogue(cards), Preferences(rules={LanguagePair("de", "pt"): rule}))


HOUSE = (
    card("direct", "de-pt", chrf=80),
    card("de-en", "de-en", chrf=60),
    card("de-en-2", "de-en", chrf=30),
    card("en-pt", "en-pt", chrf=60),
    card("de-es", "de-es", chrf=50),
    card("es-pt", "es-pt", chrf=50),
)


@pytest.mark.parametrize(
    ("rule", "models"),
    [
        (Rule(("direct",)), ("direct",)),
        (Rule(("de-en-2", "en-pt")), ("de-en-2", "en-pt")),
        (Rule(via="es"), ("de-es", "es-pt")),
        (Rule(via="en"), ("de-en", "en-pt")),
        (Rule(via="direct"), ("direct",)),
    ],
)
def test_the_operator_rules(rule: Rule, models: tuple[str, ...]) -> None:
    assert ruled(rule, *HOUSE).route("de", "pt").models == models
    assert ruled(rule, *HOUSE).route("de", "es").models == ("de-es",), "a rule is for one pair"


@pytest.mark.parametrize(
    "rule", [Rule(("absent",)), Rule(("de-en", "es-pt")), Rule(via="fr"), Rule(("de-en",))]
)
def test_a_rule_that_cannot_be_fulfilled_is_not_passed_over(rule: Rule) -> None:
    with pytest.raises(NoRouteError, match="routes file has a rule"):
        ruled(rule, *HOUSE).route("de", "pt")


def test_a_tenant_is_routed_over_the_models_it_may_use() -> None:
    routes = Router(Catalogue(HOUSE), Preferences(tenants={"acme": ("*es*",), "none": ()}))

    assert routes.route("de", "pt").models == ("direct",)
    assert routes.route("de", "pt", tenant="other").models == ("direct",)
    assert routes.route("de", "pt", tenant="acme").models == ("de-es", "es-pt")
    with pytest.raises(NoRouteError, match="not among those this tenant may use") as refused:
        routes.route("de", "en", tenant="acme")
    assert refused.value.installed == ("de-es", "es-pt")
    assert [str(LanguagePair(*each.languages[::2])) for each in routes.routes(tenant="none")] == []
    assert {model for each in routes.routes(tenant="acme") for model in each.models} == {"de-es", "es-pt"}


def test_replacing_the_catalogue_leaves_given_routes_alone() -> None:
    old, new = card("a", "de-pt", chrf=50), card("b", "de-pt", chrf=60)
    routes = router(old)
    before = routes.route("de", "pt")

    routes.replace(Catalogue((old, new)), Preferences())

    assert before.models == ("a",)
    assert routes.route("de", "pt").models == ("b",)
    assert routes.route("de", "pt") is routes.route("de", "pt")


def test_a_thousand_pairs_are_listed_without_looking_at_each_twice() -> None:
    hub = [card(f"{a}{b}-en", f"{a}{b}-en", chrf=60) for a in "abcdefghij" for b in "klmop"]
    spokes = [card(f"en-{a}{b}", f"en-{a}{b}", chrf=60) for a in "abcdefghij" for b in "klmop"]

    found = router(*hub, *spokes).routes()

    assert len(found) == 50 * 49 + 100
    assert {len(each.hops) for each in found} == {1, 2}


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


def test_what_was_measured_goes_before_what_was_not() -> None:
    measured = (card("a1", "de-it", chrf=10), card("a2", "it-pt", chrf=20))
    unmeasured = (card("b1", "de-en"), card("b2", "en-pt"))

    assert router(*unmeasured, *measured).route("de", "pt").models == ("a1", "a2")
    assert router(card("a", "de-pt"), card("b", "de-pt", chrf=10)).route("de", "pt").models == ("b",)
    assert router(*unmeasured).route("de", "pt").quality is None
    assert router(*measured).route("de", "pt").quality == pytest.approx(2.0)


def scored(name: str, pair: str, **scores: float) -> ModelCard:
    source, target = pair.split("-")
    spoken = LanguagePair(source, target)
    found = tuple(Score(testset, spoken, chrf) for testset, chrf in scores.items())
    return ModelCard(name, Path("/models") / name, (spoken,), scores=found)


def test_an_easy_test_set_makes_no_model_the_better_one() -> None:
    easy, hard = scored("b", "de-pt", tatoeba=80), scored("a", "de-pt", flores=55)
    both = scored("c", "de-pt", tatoeba=75, flores=50)

    route = router(easy, hard).route("de", "pt")
    assert (route.models, route.hops[0].why.by) == (("a",), Grounds.ORDER), "nothing in common"
    route = router(easy, both).route("de", "pt")
    assert (route.models, route.hops[0].why.by) == (("b",), Grounds.SCORES)
    assert route.hops[0].why.testsets == ("tatoeba",)
    assert [each.score for each in route.hops[0].why.compared] == [80, 75]


def test_a_pivot_is_compared_by_sentences_that_all_languages_share() -> None:
    direct = scored("d", "de-pt", Tatoeba=30, flores=60)
    tatoeba = (scored("a", "de-en", Tatoeba=90), scored("b", "en-pt", Tatoeba=90))
    flores = (scored("e", "de-es", flores=80), scored("f", "es-pt", flores=80))

    assert router(direct, *tatoeba).route("de", "pt").why.by is Grounds.ORDER
    assert router(direct, *tatoeba).route("de", "pt").models == ("d",)
    route = router(direct, *tatoeba, *flores).route("de", "pt")
    assert (route.models, route.why.testsets) == (("e", "f"), ("flores",))
    assert [each.score for each in route.why.compared] == pytest.approx([60.8, 60, None])
    mixed = (scored("g", "de-fr", flores=90), scored("h", "fr-pt", ntrex=90))
    assert router(direct, *mixed).route("de", "pt").models == ("d",), "its hops were not measured alike"


def test_between_pivots_without_a_score_in_common_english_goes_first() -> None:
    spanish = (scored("a", "de-es", flores=90), scored("b", "es-pt", ntrex=90))
    english = (scored("c", "de-en", flores=40), scored("d", "en-pt", pud=40))

    route = router(*spanish, *english).route("de", "pt")

    assert (route.models, route.why.by) == (("c", "d"), Grounds.ORDER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FLORES-101 devtest", "flores101-devtest.deu.por"),
        ("newstest2012.de.pt", "newstest2012"),
        ("Tatoeba-test.deu-por", "tatoeba-test"),
        ("\u6d4b\u8bd5", "\u6d4b\u8bd5"),
    ],
)
def test_one_test_set_is_written_in_many_ways(one: str, other: str) -> None:
    cards = (scored("a", "de-pt", **{one: 50}), scored("b", "de-pt", **{other: 60}))
    assert router(*cards).route("de", "pt").hops[0].why.by is Grounds.SCORES


@pytest.mark.parametrize(("one", "other"), [("flores101", "flores200"), ("my-new-set", "my-old-set")])
def test_other_names_are_other_test_sets(one: str, other: str) -> None:
    cards = (scored("a", "de-pt", **{one: 50}), scored("b", "de-pt", **{other: 60}))
    assert router(*cards).route("de", "pt").hops[0].why.by is Grounds.ORDER


def test_a_rule_is_told_as_one() -> None:
    assert {ruled(rule, *HOUSE).route("de", "pt").why.by for rule in (Rule(("direct",)), Rule(via="es"))} == {
        Grounds.RULE
    }
    assert router(HOUSE[0]).route("de", "pt").why.by is Grounds.ONLY


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
    assert "`dragoman models pull hu-en`" in str(error)


@pytest.mark.parametrize("source", ["hu", "fi", "ar", "hy", "ro", "tr"])
@pytest.mark.parametrize("target", ["en", "pt", "hu"])
def test_every_command_that_is_named_names_a_model_that_pull_finds(
    starter_router: Router, source: str, target: str
) -> None:
    if source == target:
        return
    with pytest.raises(NoRouteError) as missing:
        starter_router.route(source, target)
    named = re.findall(r"`dragoman models pull ([^`]+)`", str(missing.value))
    assert named
    assert all(release(name) is not None for name in named)


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
