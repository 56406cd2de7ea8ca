"""The terms and names that a run enforces: the same from its first window to its last, however often it stops."""

from typing import Any

from app.bulk.engine import Enforced
from app.errors import ConfigurationError
from app.glossary.asked import Asked
from app.glossary.matching import Protection
from app.glossary.store import Glossaries
from app.glossary.terms import ANY, Dictionary, Term, Terms
from app.tenants.tenant import LOCAL
from app.validation import language_code

MOST_SENT = 1_000
"""Terms that a request to a server may bring along."""


def here(wanted: Enforced, kept: Glossaries, target: str) -> Protection:
    """As it is now in this machine's database. Blocking. Raises NotThere and InvalidRequest."""
    glossary = wanted.glossary
    if isinstance(glossary, str):
        glossary = kept.named(LOCAL, glossary)
    return Asked(glossary, wanted.names).protection(kept, LOCAL, target=target)


def sent(wanted: Enforced, target: str) -> dict[str, Any] | None:
    """How terms that go to a server with each window are named; None without any.

    Raises ConfigurationError for too many, and InvalidRequest.
    """
    if wanted.glossary is None or isinstance(wanted.glossary, str):
        return None
    if len(wanted.glossary) > MOST_SENT:
        raise ConfigurationError(
            f"A server takes up to {MOST_SENT:,} terms with a request, and the file has {len(wanted.glossary):,}. "
            "Store them there with `dragoman glossaries create --server`, and name that glossary."
        )
    made = tuple(Term.made(*each) for each in wanted.glossary.items())
    return terms(Terms.made((Dictionary(ANY, language_code(target), made),)))


def named(protection: Protection) -> dict[str, Any] | None:
    """How the manifest and the report name a glossary: what tells it from another, and from itself once it changed."""
    if protection.edition is not None:
        return edition(protection.edition.id, protection.edition.name, protection.edition.version)
    dictionaries = protection.terms.dictionaries
    return terms(Terms(dictionaries)) if dictionaries else None


def edition(id: str, name: str, version: int) -> dict[str, Any]:  # noqa: A002
    return {"id": id, "name": name, "version": version}


def terms(found: Terms) -> dict[str, Any]:
    """Of terms that no database keeps."""
    return {"sha256": found.digest.removeprefix("sha256:"), "terms": found.size}
