"""What a glossary says. Values; whatever is wrong with them is said when they are made."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.errors import InvalidRequest
from app.glossary.patterns import compiled

ANY = ""
"""Source language of terms that a request brings along without one."""
LONGEST = 250
"""Characters of one term."""
MOST_TERMS = 20_000
"""Of one glossary, over all its dictionaries."""
MOST_DICTIONARIES = 50
MOST_PATTERNS = 50


@dataclass(frozen=True, slots=True)
class Term:
    source: str
    target: str

    @classmethod
    def made(cls, source: str, target: str) -> "Term":
        """Raises InvalidRequest for what no line of a text could hold."""
        return cls(_checked(source), _checked(target))


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Terms of one language pair; languages as app.validation.language_code writes them."""

    source: str
    """"": whatever the language of the text is."""
    target: str
    terms: tuple[Term, ...]

    @property
    def pair(self) -> tuple[str, str]:
        return self.source, self.target


@dataclass(frozen=True, slots=True)
class Terms:
    """Dictionaries, and what stands as it is in every language."""

    dictionaries: tuple[Dictionary, ...] = ()
    protected: tuple[str, ...] = ()
    """Names and the like that are not to be translated."""
    patterns: tuple[str, ...] = ()
    """Regular expressions of text that is not to be translated."""

    @classmethod
    def made(
        cls,
        dictionaries: Iterable[Dictionary] = (),
        *,
        protected: Sequence[str] = (),
        patterns: Sequence[str] = (),
    ) -> "Terms":
        """Raises InvalidRequest where anything is twice, too much, or no pattern."""
        found = tuple(dictionaries)
        _bounded(found, protected, patterns)
        _once((each.pair for each in found), "a dictionary")
        for each in found:
            _once((term.source for term in each.terms), "a term of a dictionary")
        for pattern in patterns:
            compiled(pattern)
        names = tuple(dict.fromkeys(_checked(name) for name in protected))
        return cls(found, names, tuple(dict.fromkeys(patterns)))

    @property
    def size(self) -> int:
        return sum(len(each.terms) for each in self.dictionaries) + len(self.protected) + len(self.patterns)

    def of(self, source: str, target: str) -> tuple[Term, ...]:
        pairs = (source, target), (ANY, target)
        return next((each.terms for each in self.dictionaries if each.pair in pairs), ())

    def with_dictionary(self, dictionary: Dictionary) -> "Terms":
        """In the place of the one for its pair, if there is one."""
        return Terms.made(
            (*(each for each in self.dictionaries if each.pair != dictionary.pair), dictionary),
            protected=self.protected,
            patterns=self.patterns,
        )

    def with_terms(self, dictionary: Dictionary) -> "Terms":
        """Added to the dictionary for its pair; a term that is there gets the new translation."""
        old = {term.source: term for term in self.of(*dictionary.pair)}
        new = {term.source: term for term in dictionary.terms}
        return self.with_dictionary(Dictionary(*dictionary.pair, tuple((old | new).values())))

    def without(self, source: str, target: str) -> "Terms":
        kept = tuple(each for each in self.dictionaries if each.pair != (source, target))
        return Terms(kept, self.protected, self.patterns)

    def body(self) -> dict[str, Any]:
        """JSON, as it is stored and shown."""
        return {
            "dictionaries": [
                {
                    "source": each.source,
                    "target": each.target,
                    "terms": [{"source": term.source, "target": term.target} for term in each.terms],
                }
                for each in self.dictionaries
            ],
            "protected": list(self.protected),
            "patterns": list(self.patterns),
        }

    @property
    def digest(self) -> str:
        """Of the dictionaries: equal for equal ones, in whatever order they came."""
        pairs = sorted(
            [each.source, each.target, sorted([term.source, term.target] for term in each.terms)]
            for each in self.dictionaries
        )
        return f"sha256:{hashlib.sha256(orjson.dumps(pairs)).hexdigest()}"

    @classmethod
    def of_body(cls, body: Mapping[str, Any]) -> "Terms":
        """What `body` gave; it was checked before."""
        dictionaries = tuple(
            Dictionary(
                each["source"],
                each["target"],
                tuple(Term(term["source"], term["target"]) for term in each["terms"]),
            )
            for each in body["dictionaries"]
        )
        return cls(dictionaries, tuple(body["protected"]), tuple(body["patterns"]))


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a tenant's glossary; it never changes."""

    id: str
    name: str
    version: int
    created_at: datetime
    """Of the glossary."""
    changed_at: datetime
    """Of this version."""
    terms: Terms


def _checked(text: str) -> str:
    """White space as single spaces. Raises InvalidRequest."""
    bare = " ".join(text.split())
    if not bare or len(bare) > LONGEST or not all(each.isprintable() for each in bare):
        raise InvalidRequest(f"A term or name is 1 to {LONGEST} printable characters.")
    if not any(each.isalnum() for each in bare):
        raise InvalidRequest("A term or name holds at least one letter or digit.")
    return bare


def _bounded(found: Sequence[Dictionary], protected: Sequence[str], patterns: Sequence[str]) -> None:
    terms = sum(len(each.terms) for each in found) + len(protected)
    if terms > MOST_TERMS:
        raise InvalidRequest(f"A glossary has at most {MOST_TERMS:,} terms and names; these are {terms:,}.")
    if len(found) > MOST_DICTIONARIES:
        raise InvalidRequest(f"A glossary has at most {MOST_DICTIONARIES} dictionaries.")
    if len(patterns) > MOST_PATTERNS:
        raise InvalidRequest(f"A glossary has at most {MOST_PATTERNS} patterns.")


def _once(names: Iterable[object], what: str) -> None:
    seen: set[object] = set()
    for number, name in enumerate(names, start=1):
        if name in seen:
            # Not the term itself: it may be as confidential as a text.
            raise InvalidRequest(f"The glossary has {what} twice (number {number}). Leave one out.")
        seen.add(name)
