"""What a job is to enforce, kept with it: a glossary changed or deleted meanwhile changes no job."""

import hashlib
import zlib
from collections.abc import Mapping
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
    body: dict[str, Any] = {
        "terms": into(protection.terms, target).body(),
        "identifiers": protection.identifiers,
        "glossary": None if protection.edition is None else shown(protection.edition),
        "versioned": protection.edition is not None and protection.terms is protection.edition.terms,
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


def stated(body: bytes) -> dict[str, Any]:
    """For a statement: the glossary's version and a digest of the terms; the terms themselves where no stored version
    holds them all.
    """
    found = orjson.loads(zlib.decompress(body))
    named, terms = found["glossary"], Terms.of_body(found["terms"])
    # Jobs of earlier releases do not say whether anything came beside the glossary.
    versioned = named is not None and found.get("versioned", False)
    return {
        "glossary": None if named is None else {"id": named["id"], "version": named["version"]},
        "identifiers": found["identifiers"],
        "sha256": digest(terms),
        "terms": None if versioned else terms.body(),
    }


def restored(stated: Mapping[str, Any], version: Terms | None, target: str) -> Protection | None:
    """What a statement says was enforced; `version`: the glossary's terms. None where they are not those."""
    terms = version if stated["terms"] is None else Terms.of_body(stated["terms"])
    if terms is None:
        return None
    mine = into(terms, target)
    return Protection(mine, identifiers=stated["identifiers"]) if digest(mine) == stated["sha256"] else None


def into(terms: Terms, target: str) -> Terms:
    """The dictionaries into one language alone, and what is protected in all."""
    mine = tuple(each for each in terms.dictionaries if each.target == target)
    return Terms(mine, terms.protected, terms.patterns)


def digest(terms: Terms) -> str:
    return hashlib.sha256(orjson.dumps(terms.body(), option=orjson.OPT_SORT_KEYS)).hexdigest()


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
