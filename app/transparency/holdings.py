"""What is stored: where, for how long, and who can read it. Pure: from settings and counts alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.jobs.assembly import blobs_place
from app.provenance.signing import FILE
from app.settings import Settings
from app.storage.address import parse
from app.tenants.attempts import ADDRESSES
from app.tenants.tenant import Scope
from app.transparency.facts import Facts

_KIB = 1 << 10
_UNLESS = ", unless the tenant has a time of its own (`dragoman privacy retention`)"


class Content(StrEnum):
    TEXT = "text"
    """Words of callers, in the clear."""
    SEALED = "sealed"
    """Words of callers, which only the same request opens."""
    ENCRYPTED = "encrypted"
    """Words of callers, under a key of their tenant's own."""
    ABOUT = "about"
    """Figures, names of tenants, languages: nothing of what was said."""


@dataclass(frozen=True, slots=True)
class Holding:
    what: str
    content: Content
    where: str
    kept: str
    readers: str
    tables: tuple[str, ...] = ()


def holdings(facts: Facts) -> list[Holding]:
    return [
        *_in_memory(facts),
        *_documents(facts),
        *_words(facts),
        *_accounts(facts),
        *_keys(facts),
        *_running(facts),
    ]


def undescribed(facts: Facts) -> list[str]:
    """Tables of the database that no holding speaks of; a test keeps this empty."""
    told = {table for each in holdings(facts) for table in each.tables}
    return sorted(set(facts.rows) - told)


def database_place(settings: Settings) -> str:
    url = settings.database_url.get_secret_value()
    return parse(url).name if url else f"SQLite database in {settings.data_dir}"


def callers(facts: Facts, *scopes: Scope) -> str:
    """Who is let in over the network to what these scopes, any of them, allow."""
    named = " or ".join(f"{scope} (keys that work: {facts.keys[scope]})" for scope in scopes)
    sentence = f"holders of a key of the same tenant with the scope {named}"
    if scopes == (Scope.ADMIN,):
        return f"holders of any key with the scope {named}"
    if not facts.open_to_all:
        return sentence
    settings = facts.settings
    if settings.auth == "open":
        return f"anyone who reaches {settings.host}, as the tenant local (DRAGOMAN_AUTH=open); {sentence}"
    return f"anyone on this machine ({settings.host}), as the tenant local; {sentence}"


def operators(facts: Facts) -> str:
    """Who can read the data folder or the database past the service."""
    mode = "not made yet" if facts.folder_mode is None else f"mode {facts.folder_mode:04o}"
    found = [f"whoever may read the folder {facts.settings.data_dir} ({mode})"]
    if facts.settings.database_url.get_secret_value():
        found.append("whoever the database server lets in")
    if facts.settings.blobs:
        found.append(f"whoever the store {facts.settings.blobs} lets in")
    return ", and ".join(found)


def at_rest(settings: Settings) -> Content:
    """What was written before there was a master key stays in the clear until it is rotated."""
    return Content.ENCRYPTED if settings.encrypts else Content.TEXT


def hours(number: float) -> str:
    return f"{number:g} hours" if number < 48 else f"{number:g} hours ({number / 24:g} days)"


def _in_memory(facts: Facts) -> Iterator[Holding]:
    settings, process = facts.settings, "Whoever may read the memory of the process."
    yield Holding(
        "Texts being translated",
        Content.TEXT,
        "Memory of the process",
        f"Until the answer has gone, at most {settings.request_timeout:g} seconds a request.",
        process,
    )
    if settings.cache == "tenant":
        size = settings.cache_bytes // _KIB
        yield Holding(
            "Recent segments and their translations",
            Content.TEXT,
            "Memory of the process",
            f"Until {size:,} KiB are full, the least recently used first; at the latest until the process ends.",
            f"{process} Each tenant's are apart.",
        )
    if settings.replay != "off":
        yield Holding(
            "Answers to requests that may be sent again",
            Content.TEXT,
            "Memory of the process",
            f"{settings.replay_keep} seconds with an Idempotency-Key, {settings.replay_window} without.",
            f"{process} Over the network: who sends the same request with the same key.",
        )


def _documents(facts: Facts) -> Iterator[Holding]:
    settings = facts.settings
    readers = f"Over the network: {callers(facts, Scope.DOCUMENTS)}. On the machine: {operators(facts)}."
    reviewing = callers(facts, Scope.DOCUMENTS, Scope.REVIEW)
    reviewers = f"Over the network: {reviewing}. On the machine: {operators(facts)}."
    kept = hours(settings.job_retention)
    yield Holding(
        "Documents handed in and their translations, as files",
        at_rest(settings),
        blobs_place(settings),
        f"Until deleted on request, at most {kept} after the job ended{_UNLESS}.",
        readers,
    )
    yield Holding(
        "What people wrote in place of segments of documents",
        at_rest(settings),
        database_place(settings),
        f"Until erased or the document is deleted, at most {kept} after the job ended.",
        reviewers,
        ("job_correction",),
    )
    yield Holding(
        "Texts of documents, segment by segment, with their doubts; the file's name; terms to be used",
        at_rest(settings),
        database_place(settings),
        f"Until deleted on request, at most {kept} after the job ended{_UNLESS}; its figures without name or text for "
        "as long again.",
        reviewers,
        ("job", "job_chunk", "job_protection"),
    )


def _words(facts: Facts) -> Iterator[Holding]:
    settings, place = facts.settings, database_place(facts.settings)
    yield Holding(
        "Glossaries, in all their versions",
        at_rest(settings),
        place,
        "Until deleted on request.",
        f"Over the network: {callers(facts, Scope.GLOSSARIES, Scope.TRANSLATE)}. "
        f"On the machine: {operators(facts)}.",
        ("glossary", "glossary_version"),
    )
    yield Holding(
        "The translation memory: what people corrected, with its source",
        at_rest(settings),
        place,
        f"Until deleted on request, at most {settings.review_days:g} days after the correction, "
        f"whatever becomes of the document{_UNLESS}.",
        f"Over the network: {callers(facts, Scope.DOCUMENTS, Scope.REVIEW)}. On the machine: {operators(facts)}.",
        ("memory_entry",),
    )
    kept = f"{settings.replay_keep} seconds, and up to 15 more until a running service deletes them."
    yield Holding(
        "Answers kept to be given again",
        Content.SEALED,
        place,
        kept if settings.replay == "stored" else "None are kept (DRAGOMAN_REPLAY is not stored).",
        "Who sends the same request with the same credential; nobody else, the operator included.",
        ("reply",),
    )


def _accounts(facts: Facts) -> Iterator[Holding]:
    yield from _ledger(facts)
    yield from _judgements(facts)
    yield from _people(facts)


def _ledger(facts: Facts) -> Iterator[Holding]:
    yield Holding(
        "The ledger: characters, languages, models, price and cost of each request, with the Idempotency-Key and cost "
        "centre that callers chose; no text",
        Content.ABOUT,
        database_place(facts.settings),
        "For good: entries are never changed or deleted.",
        _of_usage(facts),
        (
            "ledger_entry", "ledger_line", "ledger_head", "ledger_rollup", "price_list", "price_volume",
            "machine_hour",
        ),
    )  # fmt: skip


def _judgements(facts: Facts) -> Iterator[Holding]:
    place = database_place(facts.settings)
    yield Holding(
        "Verdicts on flagged segments: accepted, corrected (why, from a fixed list) or escalated, and by which key",
        Content.ABOUT,
        place,
        f"Until erased, at most {facts.settings.review_days:g} days.",
        f"Over the network, as sums: {callers(facts, Scope.DOCUMENTS, Scope.REVIEW)}. "
        f"On the machine: {operators(facts)}.",
        ("review_verdict",),
    )
    yield Holding(
        "Quality counts: segments, characters, flags and confidence by day, tenant, language pair and models; no text",
        Content.ABOUT,
        place,
        f"{facts.settings.quality_days:g} days.",
        _of_usage(facts),
        ("quality_count",),
    )
    yield Holding(
        "Samples of segments to be rated, as places in documents, and people's ratings (good, minor, major), by which "
        "key; no text",
        Content.ABOUT,
        place,
        f"{facts.settings.review_days:g} days after the draw; what was not rated goes with its document.",
        f"Over the network: {callers(facts, Scope.REVIEW)}; as sums, {callers(facts, Scope.USAGE)}. "
        f"On the machine: {operators(facts)}.",
        ("review_sample", "review_sampled"),
    )


def _people(facts: Facts) -> Iterator[Holding]:
    place = database_place(facts.settings)
    yield Holding(
        "How often each tenant's translation memory changed, as a number",
        Content.ABOUT,
        place,
        "For good.",
        f"Over the network: {callers(facts, Scope.DOCUMENTS, Scope.REVIEW)}. On the machine: {operators(facts)}.",
        ("memory_version",),
    )
    yield Holding(
        "Tenants and their keys; of a key its SHA-256 and first letters",
        Content.ABOUT,
        place,
        "For good; a revoked key stays in the list.",
        f"On the machine: {operators(facts)}.",
        ("tenant", "tenant_retention", "api_key"),
    )
    yield Holding(
        "The audit log: what was administered, sign-ins and which results were fetched, when and by which key; no text",
        Content.ABOUT,
        place,
        "For good: events are never changed or deleted.",
        f"On the machine: {operators(facts)}.",
        ("audit_event",),
    )


def _of_usage(facts: Facts) -> str:
    """Who reads figures of use."""
    return (
        f"Over the network: {callers(facts, Scope.USAGE)}; of every tenant, {callers(facts, Scope.ADMIN)}. "
        f"On the machine: {operators(facts)}."
    )


def _keys(facts: Facts) -> Iterator[Holding]:
    settings = facts.settings
    place = "They are in the key service" if settings.kms_command else "The environment, or the file it names"
    if settings.encrypts:
        yield Holding(
            "The master key, which wraps the tenants' data keys",
            Content.ABOUT,
            place,
            "Until it is replaced.",
            "Whoever may read the environment of the process, and the file or service it names.",
        )
    yield Holding(
        "The tenants' data keys, wrapped: with the master key they open what is encrypted",
        Content.ABOUT,
        database_place(settings),
        "Until the tenant is erased. What was kept before there was a master key is in the clear until `dragoman vault "
        "rotate-tenant` (`dragoman vault status` counts it)."
        if settings.encrypts
        else "None are made: texts at rest are not encrypted (DRAGOMAN_MASTER_KEY_FILE is empty).",
        f"On the machine: {operators(facts)}.",
        ("data_key",),
    )


def _running(facts: Facts) -> Iterator[Holding]:
    settings, place = facts.settings, database_place(facts.settings)
    given = bool(settings.signing_key.get_secret_value())
    yield Holding(
        "The private key that statements of documents are signed with",
        Content.ABOUT,
        "The environment (DRAGOMAN_SIGNING_KEY)" if given else f"File {settings.data_dir / FILE}",
        "Until it is replaced.",
        "Whoever may read the environment of the process."
        if given
        else f"On the machine: {operators(facts)}.",
    )
    yield Holding(
        "Turns, limits and budgets in use",
        Content.ABOUT,
        place,
        "While they count.",
        f"On the machine: {operators(facts)}.",
        ("job_turn", "rate_window", "reservation"),
    )
    yield Holding(
        "Sessions of browsers: the SHA-256 of a cookie, and a key's id",
        Content.ABOUT,
        place,
        f"{hours(settings.web_session_hours)}, or until signing out."
        if settings.web
        else "None are made (DRAGOMAN_WEB is off).",
        f"On the machine: {operators(facts)}.",
        ("web_session",),
    )
    yield Holding(
        "Network addresses from which wrong keys came",
        Content.ABOUT,
        "Memory of the process",
        f"Until {ADDRESSES:,} are there, the oldest first; at the latest until the process ends.",
        "Whoever may read the memory of the process.",
    )
    yield Holding(
        f"The service's log, from the level {settings.log_level}; never text",
        Content.ABOUT,
        "Standard error of the process",
        "As long as whoever runs the service keeps it.",
        "As whoever runs the service decides.",
    )
