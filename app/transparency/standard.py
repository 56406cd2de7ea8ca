"""The fields of the UK's Algorithmic Transparency Recording Standard, answered as far as an installation can answer.

Keys are the fields' names, not their numbers, which differ between the standard's versions. Text that is the same for
every installation says what the program does; whatever differs comes from Facts. What only the organisation knows comes
from its own file, or is left open and says so.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from app import __version__
from app.errors import ConfigurationError
from app.naming import named
from app.tenants.tenant import Scope
from app.transparency.facts import PERIOD, Facts
from app.transparency.holdings import Content, callers, database_place, holdings
from app.transparency.measured import limits, pairs

OPEN = "To be answered by the organisation."


class Source(StrEnum):
    CONFIGURATION = "configuration"
    """Of this installation: settings, models, database."""
    PROGRAM = "program"
    """True of every Dragoman of this version."""
    ORGANISATION = "organisation"
    """From the file of answers."""
    MISSING = "missing"
    """Nobody has answered it yet."""


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    section: str
    title: str
    answer: str = OPEN
    source: Source = Source.MISSING


_WORK = (Scope.TRANSLATE, Scope.DOCUMENTS, Scope.BULK, Scope.REVIEW)
_TIER_1 = "Tier 1: overview"
_OWNER = "Tier 2: owner and responsibility"
_WHY = "Tier 2: description and rationale"
_PROCESS = "Tier 2: decision-making process"
_TOOL = "Tier 2: tool specification"
_DATA = "Tier 2: operational data"
_RISKS = "Tier 2: risks, mitigations and impact assessments"


def fields(facts: Facts, answers: Mapping[str, str]) -> list[Field]:
    """Raises ConfigurationError for an answer to a field that there is not."""
    found = [*_overview(facts), *_process(facts), *_tool(facts), *_data(facts), *_risks(facts)]
    unknown = sorted(set(answers) - {each.key for each in found})
    if unknown:
        raise ConfigurationError(
            f"There is no field {unknown[0][:60]!a} in the record. Fields: {', '.join(each.key for each in found)}."
        )
    return [
        replace(each, answer=answers[each.key], source=Source.ORGANISATION) if each.key in answers else each
        for each in found
    ]


def read_answers(file: Path) -> dict[str, str]:
    """Of a TOML file of `field = "answer"`. Raises ConfigurationError."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"The file of answers {file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigurationError(f"The file of answers {file} is not TOML in UTF-8: {error}") from error
    wrong = next((key for key, answer in raw.items() if not isinstance(answer, str)), None)
    if wrong is not None:
        raise ConfigurationError(f'In {file}, {wrong} is no text. Write {wrong} = "...".')
    return raw


def _overview(facts: Facts) -> Iterator[Field]:
    served = pairs(facts)
    languages = sorted({named(pair[end]) for pair in served for end in ("source", "target")})
    yield Field("name", _TIER_1, "Name", f"Dragoman {__version__}", Source.PROGRAM)
    yield Field(
        "description",
        _TIER_1,
        "Description",
        f"Machine translation on the organisation's own machines, between {len(served):,} pairs of languages: "
        f"{', '.join(languages) or 'none yet'}. It takes texts and documents, finds each sentence's language, "
        "translates it and marks what it doubts.",
        Source.CONFIGURATION,
    )
    yield Field("website", _TIER_1, "Website")
    yield Field("contact", _TIER_1, "Contact")
    yield Field("organisation", _OWNER, "Organisation")
    yield Field("team", _OWNER, "Team")
    yield Field("senior_responsible_owner", _OWNER, "Senior responsible owner")
    yield Field(
        "third_parties",
        _OWNER,
        "Third parties",
        f"Models by others, with their licences: {_licences(facts)} No text is sent to anyone: translating needs no "
        "network.",
        Source.CONFIGURATION,
    )
    yield Field(
        "scope",
        _WHY,
        "What it is for",
        "Drafts and understanding. It does not decide anything about anybody; people decide by what they read. It is "
        "not made to replace a sworn translation.",
        Source.PROGRAM,
    )
    for key, title in (
        ("benefits", "Benefits"), ("previous_process", "Previous process"), ("alternatives", "Alternatives considered"),
    ):  # fmt: skip
        yield Field(key, _WHY, title)


def _process(facts: Facts) -> Iterator[Field]:
    yield Field("integration", _PROCESS, "Part in the process of deciding")
    yield Field(
        "information_given",
        _PROCESS,
        "What is told with each result",
        "The language found and how surely, the models used, and for each sentence the doubts that its checks raised "
        "(numbers, names, negations, length, repetition and others).",
        Source.PROGRAM,
    )
    used = facts.used.totals
    yield Field(
        "scale",
        _PROCESS,
        "Frequency and scale of use",
        f"In the {PERIOD.days} days to {facts.made:%Y-%m-%d}: {used.requests:,} requests, {used.characters:,} "
        f"characters, {used.segments:,} segments, by {facts.tenants:,} tenants that are set up.",
        Source.CONFIGURATION,
    )
    yield Field("human_review", _PROCESS, "Human decisions and review")
    yield Field("training", _PROCESS, "Training of users")
    yield Field("appeals", _PROCESS, "Appeals")


def _own_beams(facts: Facts) -> str:
    return "".join(f"; {card.id}: {card.beam_size}" for card in facts.catalogue.cards if card.beam_size)


def _tool(facts: Facts) -> Iterator[Field]:
    settings = facts.settings
    yield Field(
        "architecture",
        _TOOL,
        "System architecture",
        f"One service on {settings.host}:{settings.port}; {database_place(settings)}; MarianMT models run by "
        f"CTranslate2 (device {settings.device}, arithmetic {_arithmetic(facts)}, {settings.beam_size} "
        f"{'hypothesis' if settings.beam_size == 1 else 'hypotheses'}{_own_beams(facts)}). "
        f"Web form: {'on' if settings.web else 'off'}.",
        Source.CONFIGURATION,
    )
    ids = ", ".join(card.id for card in facts.catalogue.cards)
    yield Field("models", _TOOL, "Models", f"{ids or 'None'}. Each has a card below.", Source.CONFIGURATION)
    yield Field("performance", _TOOL, "Model performance", _performance(facts), Source.CONFIGURATION)
    yield Field(
        "training_data",
        _TOOL,
        "Development data",
        " ".join(f"{card.id}: {card.made or 'its card does not say.'}" for card in facts.catalogue.cards),
        Source.CONFIGURATION,
    )
    yield Field("maintenance", _TOOL, "Maintenance")


def _data(facts: Facts) -> Iterator[Field]:
    texts = [each for each in holdings(facts) if each.content is not Content.ABOUT]
    yield Field("data_sources", _DATA, "Data sources")
    yield Field("sensitive_attributes", _DATA, "Personal and sensitive data in the texts")
    yield Field(
        "data_storage",
        _DATA,
        "Storage of texts",
        " ".join(f"{each.what}: {each.where}. {each.kept}" for each in texts),
        Source.CONFIGURATION,
    )
    yield Field(
        "data_access",
        _DATA,
        "Access over the network",
        f"Each tenant reads its own alone. Who is let in: {callers(facts, *_WORK)}.",
        Source.CONFIGURATION,
    )
    yield Field(
        "data_sharing",
        _DATA,
        "Sharing",
        "None by the program. It makes no connection of its own but to the database that it is given; only "
        "`dragoman models pull` and bulk runs on named stores go out, when somebody runs them.",
        Source.PROGRAM,
    )


def _risks(facts: Facts) -> Iterator[Field]:
    yield Field("impact_assessments", _RISKS, "Impact assessments")
    yield Field("limits", _RISKS, "Known limits", " ".join(limits(facts)), Source.CONFIGURATION)
    yield Field("risks", _RISKS, "Risks and mitigations")


def _arithmetic(facts: Facts) -> str:
    """As the engine resolves the setting on this machine."""
    kinds = sorted(set(facts.computed.values()) - {""})
    return f"{' and '.join(kinds) or 'not known'} (set: {facts.settings.compute_type})"


def _licences(facts: Facts) -> str:
    return " ".join(f"{card.id}: {card.licence}." for card in facts.catalogue.cards) or "none."


def _performance(facts: Facts) -> str:
    told = [f"{each['name']} {each['chrf']:g} chrF" for each in pairs(facts) if each["chrf"] is not None]
    missing = sum(not each["measured"] for each in pairs(facts))
    return f"{'; '.join(told[:20]) or 'Nothing was measured'}. Pairs without a measurement: {missing:,}."
