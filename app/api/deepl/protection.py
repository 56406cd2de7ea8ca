"""The glossaries that a translation is to follow, as DeepL's parameters name them."""

import asyncio

from app.api.deepl.dictionaries import of_pair
from app.api.fields import Fields
from app.errors import InvalidRequest, NotThere
from app.glossary.matching import PLAIN, Protection
from app.glossary.terms import Dictionary, Terms
from app.runtime import Runtime

MOST = 5
"""Glossaries of one translation."""


async def protection(
    running: Runtime, tenant: str, sent: Fields, *, source: str | None, target: str
) -> Protection:
    """What `glossary_id` or `glossary_ids` ask for. Raises NotThere, and InvalidRequest in DeepL's words."""
    ids = [part for value in sent.all("glossary_id", "glossary_ids") for part in _ids(value)]
    if not ids:
        return PLAIN
    if source is None:
        raise InvalidRequest("Use of a glossary requires the source_lang parameter to be specified.")
    if len(ids) > MOST:
        raise InvalidRequest(f"At most {MOST} glossaries can be used at once.")
    found = [await asyncio.to_thread(_known, running, tenant, each) for each in ids]
    for each in found:
        of_pair(each.terms, (source, target), bad_request=True)
    return found[0] if len(found) == 1 else _merged(found, source, target)


def _known(running: Runtime, tenant: str, glossary: str) -> Protection:
    try:
        return running.glossaries.protection(tenant, glossary)
    except NotThere as error:
        raise NotThere(f"Glossary not found. {error}") from None


def _merged(found: list[Protection], source: str, target: str) -> Protection:
    """Of two translations of a term, the first glossary's."""
    terms = {term.source: term for each in reversed(found) for term in each.terms.of(source, target)}
    protected = [name for each in found for name in each.terms.protected]
    patterns = [pattern for each in found for pattern in each.terms.patterns]
    made = Terms.made(
        [Dictionary(source, target, tuple(terms.values()))], protected=protected, patterns=patterns
    )
    return Protection(made, edition=found[0].edition, mark=",".join(each.mark for each in found))


def _ids(value: object) -> list[str]:
    if not isinstance(value, str):
        raise InvalidRequest("Value for 'glossary_id' not supported.")
    return [part.strip() for part in value.split(",") if part.strip()]
