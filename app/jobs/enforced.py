"""What a job is to enforce, kept with it: a glossary changed or deleted meanwhile changes no job."""

import zlib
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from app.glossary.matching import PLAIN, Protection
from app.glossary.terms import Edition, Terms


def stored(protection: Protection, target: str) -> bytes | None:
    """With the dictionaries into the job's language alone; None where nothing out of the ordinary is asked."""
    if protection is PLAIN:
        return None
    terms = protection.terms
    mine = tuple(each for each in terms.dictionaries if each.target == target)
    body: dict[str, Any] = {
        "terms": Terms(mine, terms.protected, terms.patterns).body(),
        "identifiers": protection.identifiers,
        "glossary": None if protection.edition is None else shown(protection.edition),
    }
    return zlib.compress(orjson.dumps(body))


@lru_cache(maxsize=8)
def protection_of(body: bytes) -> Protection:
    """Of one job as long as its chunks come: its matchers are made once."""
    found = orjson.loads(zlib.decompress(body))
    terms = Terms.of_body(found["terms"])
    edition = None
    if found["glossary"] is not None:
        named = found["glossary"]
        created, changed = map(datetime.fromisoformat, (named["created_at"], named["changed_at"]))
        edition = Edition(named["id"], named["name"], named["version"], created, changed, terms)
    return Protection(terms, edition=edition, identifiers=found["identifiers"])


def shown(edition: Edition) -> dict[str, Any]:
    return {
        "id": edition.id,
        "name": edition.name,
        "version": edition.version,
        "created_at": edition.created_at.isoformat(),
        "changed_at": edition.changed_at.isoformat(),
    }


def said(protection: Protection, *, versioned: bool) -> dict[str, Any] | None:
    """What tells two uploads apart that differ in this alone. `versioned`: a glossary changed since is another one;
    not so under a key, which names the work once and for all.
    """
    if protection is PLAIN:
        return None
    edition = protection.edition
    if edition is not None and not versioned:
        return {"glossary": edition.id, "identifiers": protection.identifiers}
    terms = protection.terms.body()
    return {"mark": protection.mark, "terms": terms, "identifiers": protection.identifiers}
