"""What somebody asks to be enforced, and the Protection that it comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.glossary.matching import PLAIN, Protection
from app.glossary.store import Glossaries
from app.glossary.terms import ANY, Dictionary, Term, Terms
from app.validation import language_code


@dataclass(frozen=True, slots=True)
class Asked:
    glossary: str | Mapping[str, str] | None = None
    """An id, or terms of whatever language into the target's."""
    names: Sequence[str] = ()
    patterns: Sequence[str] = ()
    identifiers: bool = True

    @property
    def stored(self) -> bool:
        """Whether the database is to be asked."""
        return isinstance(self.glossary, str)

    def protection(self, kept: Glossaries, tenant: str, *, target: str) -> Protection:
        """Blocking where `stored`. Raises NotThere, UnknownLanguage, and InvalidRequest for what cannot be."""
        known = self._known(kept, tenant, target)
        if self.identifiers and not self.names and not self.patterns:
            return known
        terms = Terms.made(
            known.terms.dictionaries,
            protected=(*known.terms.protected, *self.names),
            patterns=(*known.terms.patterns, *self.patterns),
        )
        return Protection(terms, edition=known.edition, identifiers=self.identifiers)

    def _known(self, kept: Glossaries, tenant: str, target: str) -> Protection:
        if isinstance(self.glossary, str):
            return kept.protection(tenant, self.glossary)
        if not self.glossary:
            return PLAIN
        terms = tuple(Term.made(source, wanted) for source, wanted in self.glossary.items())
        return Protection(Terms.made((Dictionary(ANY, language_code(target), terms),)))
