"""Where the terms of a glossary stand in a text. Whole words, longest first; linear in the text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app import verbatim
from app.glossary import inflection, patterns
from app.glossary.terms import Edition, Term, Terms

_WIDE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts without spaces between words: there every character is a word here."""
_WORD = re.compile(rf"[{_WIDE}]|(?:(?![{_WIDE}])[^\W_])+|[^\w\s]|_")
_JOINER = "-_"


@dataclass(frozen=True, slots=True)
class Match:
    start: int
    end: int
    wanted: str
    """What stands for it in the translation, in the case it has inside a sentence."""
    exact: bool = False
    """Protected: to the letter, case included."""
    asked: bool = True
    """By a glossary or the request; an identifier is looked after without being asked for."""
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A form of a term, or a name that stands as it is."""

    form: str
    target: str | None
    plural: bool = False


@dataclass(slots=True)
class _Node:
    after: dict[tuple[bool, str], "_Node"] = field(default_factory=dict)
    """By whether white space comes before the word, and the word, case folded."""
    entries: list[Entry] = field(default_factory=list)


class Matcher:
    """The terms of one language pair, made ready; None for a language: what is protected alone."""

    def __init__(self, terms: Terms, source: str | None = None, target: str | None = None) -> None:
        self._root = _Node()
        self._patterns = terms.patterns
        for name in terms.protected:
            self._add(Entry(name, None))
        if source is not None and target is not None:
            for entry in _forms(terms.of(source, target), source, target):
                self._add(entry)

    def find(self, text: str, *, identifiers: bool = True) -> tuple[Match, ...]:
        """In order, none over another: of those that begin first the longest, a protected one before a term."""
        found = [*self._words(text), *self._matched(text)]
        # An address stands whole whether or not it is looked after: no term is part of it.
        found += [_kept(text, place, asked=False) for place in _identifiers(text)]
        found.sort(key=lambda each: (each.start, -each.end, not each.exact, not each.asked))
        return tuple(each for each in _apart(found) if each.asked or identifiers)

    def _add(self, entry: Entry) -> None:
        node = self._root
        position = 0
        for word in _WORD.finditer(entry.form):
            step = (word.start() > position, word[0].casefold())
            node = node.after.setdefault(step, _Node())
            position = word.end()
        node.entries.append(entry)

    def _matched(self, text: str) -> Iterator[Match]:
        for pattern in self._patterns:
            for place in patterns.places(pattern, text):
                yield _kept(text, place)

    def _words(self, text: str) -> Iterator[Match]:
        if not self._root.after:
            return
        words = list(_WORD.finditer(text))
        for number, first in enumerate(words):
            if (False, first[0].casefold()) in self._root.after:
                match = self._longest(text, words, number)
                if match is not None:
                    yield match

    def _longest(self, text: str, words: Sequence[re.Match[str]], number: int) -> Match | None:
        start = words[number].start()
        node, position, best = self._root, start, None
        for word in words[number:]:
            following = node.after.get((word.start() > position, word[0].casefold()))
            if following is None:
                break
            node, position = following, word.end()
            entry = _fitting(node.entries, text[start:position])
            if entry is not None and _whole(text, start, position):
                best = _match(text, start, position, entry)
        return best


class Protection:
    """What a request wants enforced, made ready. Shared by threads: a matcher made twice is the same."""

    def __init__(
        self,
        terms: Terms | None = None,
        *,
        edition: Edition | None = None,
        identifiers: bool = True,
        mark: str | None = None,
    ) -> None:
        """`edition`: where `terms` are from, if not from the request itself; its own if none are given. `mark`: where
        they are of several.
        """
        self.terms = terms or (edition.terms if edition else Terms())
        self.edition = edition
        self.identifiers = identifiers
        self._mark = mark
        self._matchers: dict[tuple[str | None, str], Matcher] = {}

    @property
    def mark(self) -> str:
        """Tells apart requests whose bodies are equal; "" where the body says it all."""
        if self._mark is not None:
            return self._mark
        return "" if self.edition is None else f"{self.edition.id}:{self.edition.version}"

    @property
    def origin(self) -> tuple[str | None, int | None]:
        """What the ledger names it by: a glossary's id and version; of several all of these, as one; of terms that
        came with the request their digest.
        """
        if self._mark is not None:
            return self._mark, None
        if self.edition is not None:
            return self.edition.id, self.edition.version
        return (self.terms.digest if self.terms.dictionaries else None), None

    def find(self, text: str, source: str | None, target: str) -> tuple[Match, ...]:
        """`source` None: what is protected in every language."""
        if not self.terms.size and not (self.identifiers and verbatim.may_hold(text)):
            return ()
        made = self._matchers.get((source, target))
        if made is None:
            made = self._matchers[source, target] = Matcher(self.terms, source, target)
        return made.find(text, identifiers=self.identifiers)


PLAIN = Protection()
"""Of a request that asks for nothing: identifiers alone."""


def _forms(terms: Iterable[Term], source: str, target: str) -> Iterator[Entry]:
    """Each term, and its plural where both languages have a rule for it and no term says otherwise."""
    given: Mapping[str, Term] = {term.source.casefold(): term for term in terms}
    for term in given.values():
        plural = inflection.is_plural(term.source, source) and inflection.is_plural(term.target, target)
        yield Entry(term.source, term.target, plural)
        here, there = inflection.plural(term.source, source), inflection.plural(term.target, target)
        if here is not None and there is not None and here.casefold() not in given:
            yield Entry(here, there, plural=True)


def _fitting(entries: Sequence[Entry], surface: str) -> Entry | None:
    """A term in small letters stands for itself in any case; another as it is written, or all in capitals."""
    written = " ".join(surface.split())
    return next(
        (
            each
            for each in entries
            if written in (each.form, each.form.upper()) or (each.form.islower() and each.target is not None)
        ),
        None,
    )


def _match(text: str, start: int, end: int, entry: Entry) -> Match:
    surface = text[start:end]
    if entry.target is None:
        return _kept(text, (start, end))
    wanted = _cased(entry, surface, begins=not text[:start].strip("\"'“‘«(¿¡ "))  # noqa: RUF001 - a quotation mark
    return Match(start, end, wanted, plural=entry.plural)


def _cased(entry: Entry, surface: str, *, begins: bool) -> str:
    target = entry.target or surface
    if entry.form == surface or not target.islower():
        return target
    if surface.isupper() and sum(map(str.isalpha, surface)) > 1:
        return target.upper()
    # At the beginning of a sentence a capital says nothing of the word.
    return target[:1].upper() + target[1:] if surface[:1].isupper() and not begins else target


def _kept(text: str, place: tuple[int, int], *, asked: bool = True) -> Match:
    return Match(*place, text[slice(*place)], exact=True, asked=asked)


def _identifiers(text: str) -> list[tuple[int, int]]:
    return verbatim.verbatim(text) if verbatim.may_hold(text) else []


def _whole(text: str, start: int, end: int) -> bool:
    """Not a part of a compound: no hyphen or underscore joins it to another word."""
    before = text[start - 1 : start] in tuple(_JOINER) and text[start - 2 : start - 1].isalnum()
    return not before and not (text[end : end + 1] in tuple(_JOINER) and text[end + 1 : end + 2].isalnum())


def _apart(found: Iterable[Match]) -> Iterator[Match]:
    end = 0
    for each in found:
        if each.start >= end:
            yield each
            end = each.end
