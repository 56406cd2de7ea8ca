"""How good translations are known to be, pair by pair: what the models' cards say, and what nobody measured."""

from collections.abc import Iterator
from typing import Any

from app.naming import named
from app.transparency.facts import Facts
from models.card import ModelCard
from models.route import Hop, Route


def pairs(facts: Facts) -> list[dict[str, Any]]:
    """Every pair that is served, by its best route; direct ones first."""
    return [_pair(route) for route in sorted(facts.routes, key=lambda route: len(route.hops))]


def cards(facts: Facts) -> list[dict[str, Any]]:
    return [
        {**_card(card), "compute_type": facts.computed.get(card.id) or None} for card in facts.catalogue.cards
    ]


def limits(facts: Facts) -> list[str]:
    """A sentence each; figures from the configuration and the cards."""
    return [*_of_pairs(facts), *_of_requests(facts), *_of_doubts(facts)]


def _pair(route: Route) -> dict[str, Any]:
    source, target = route.languages[0], route.languages[-1]
    return {
        "source": source,
        "target": target,
        "name": f"{named(source)} to {named(target)}",
        "models": list(route.models),
        "by_way_of": list(route.languages[1:-1]),
        "measured": route.quality is not None,
        "chrf": None if route.quality is None else round(route.quality, 2),
        "scores": [score for hop in route.hops for score in _scores(hop)],
    }


def _scores(hop: Hop) -> Iterator[dict[str, Any]]:
    for score in hop.card.scores:
        if score.pair == hop.pair:
            yield {
                "model": hop.card.id,
                "pair": str(hop.pair),
                "testset": score.testset,
                "chrf": score.chrf,
                "bleu": score.bleu,
            }


def _card(card: ModelCard) -> dict[str, Any]:
    return {
        "id": card.id,
        "pairs": [str(pair) for pair in card.pairs],
        "architecture": card.architecture,
        "licence": card.licence,
        "attribution": card.attribution,
        "origin": card.origin,
        "made": card.made,
        "provenance": dict(card.provenance),
        "token_limit": card.token_limit,
        "fingerprint": card.fingerprint,
        "sha256": dict(card.sha256),
        "scores": [
            {"pair": str(each.pair), "testset": each.testset, "chrf": each.chrf, "bleu": each.bleu}
            for each in card.scores
        ],
    }


def _of_pairs(facts: Facts) -> Iterator[str]:
    unmeasured = [_spoken(route) for route in facts.routes if route.quality is None]
    if unmeasured:
        yield f"Nobody has measured {_listed(unmeasured)}: nothing is known of their quality."
    over = [_spoken(route) for route in facts.routes if len(route.hops) > 1]
    if over:
        yield (
            f"{_listed(over)} are translated by way of a third language; faults of the first step are "
            "input to the second. Their figure is the product of the steps', not a measurement."
        )
    measured = [(route.quality, route) for route in facts.routes if route.quality is not None]
    if measured:
        quality, worst = min(measured, key=lambda each: each[0])
        yield f"The weakest pair with a figure is {_spoken(worst)}: {quality:.1f} chrF of 100."
    for problem in facts.catalogue.problems:
        yield f"The model folder {problem.folder.name} is not served: {problem.reason}"
    yield from dict.fromkeys(facts.unloadable.values())


def _of_requests(facts: Facts) -> Iterator[str]:
    settings = facts.settings
    yield (
        f"A language that is detected with a probability below {settings.detection_threshold:g} is not guessed: "
        "the segment stands as it was written, and says so."
    )
    if settings.candidates:
        yield f"Where a request names no languages, only these are considered: {settings.candidates}."
    if facts.catalogue.cards:
        shortest = min(card.token_limit for card in facts.catalogue.cards)
        yield (
            f"Sentences of more than {shortest} tokens (of some models more) are cut and translated in parts, "
            "flagged split_long."
        )
    yield (
        f"A request holds at most {settings.max_texts:,} texts and {settings.max_characters:,} characters, a document "
        f"{settings.max_document_bytes:,} bytes."
    )
    if settings.repair == "off":
        yield "Doubtful segments are not tried again (DRAGOMAN_REPAIR is off)."


def _of_doubts(facts: Facts) -> Iterator[str]:
    if facts.doubts.segments:
        told = ", ".join(
            f"{flag} {count / facts.doubts.segments:.1%}" for flag, count in facts.doubts.flagged.items()
        )
        yield f"Of {facts.doubts.segments:,} segments in documents on record: {told or 'none was flagged'}."


def _spoken(route: Route) -> str:
    return f"{named(route.languages[0])} to {named(route.languages[-1])}"


def _listed(names: list[str], *, most: int = 12) -> str:
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left:,} more pairs" if left > 0 else "")
